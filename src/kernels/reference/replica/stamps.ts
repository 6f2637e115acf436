/**
 * Replica: who wrote and when. The total order of last-writer-wins.
 *
 * One Origin per delta is shared by everything that its operations wrote; with the operation's
 * seq it is a stamp. 64-bit fields are pairs of u32, so that comparing allocates nothing.
 */
import { DELTA_HLC_OFFSET } from "../../../../assembly/layout.ts";
import type { Stamp } from "../../kernels.ts";
import { compareIncarnations, type Incarnation } from "./frontier.ts";

/** What all operations of one delta have in common. */
export interface Origin {
  readonly incarnation: Incarnation;
  readonly hlcHigh: number;
  readonly hlcLow: number;
  /** First 8 bytes of the delta's hash, read as a little-endian u64. */
  readonly hashHigh: number;
  readonly hashLow: number;
}

/** A place in a chain, with the delta that filled it. */
export interface Written {
  readonly origin: Origin;
  readonly seq: number;
}

/** The origin of the delta at `at`, whose hash is `hash`. */
export function originOf(
  incarnation: Incarnation,
  view: DataView,
  at: number,
  hash: Uint8Array,
): Origin {
  return {
    incarnation,
    hlcHigh: view.getUint32(at + DELTA_HLC_OFFSET + 4, true),
    hlcLow: view.getUint32(at + DELTA_HLC_OFFSET, true),
    hashHigh: u32Of(hash, 4),
    hashLow: u32Of(hash, 0),
  };
}

/** Order of (hlc, author, epoch, nonce, seq, hash): negative, zero or positive. */
export function compareStamps(a: Written, b: Written): number {
  const x = a.origin;
  const y = b.origin;
  if (x.hlcHigh !== y.hlcHigh) return x.hlcHigh - y.hlcHigh;
  if (x.hlcLow !== y.hlcLow) return x.hlcLow - y.hlcLow;
  if (x.incarnation !== y.incarnation) return compareIncarnations(x.incarnation, y.incarnation);
  if (a.seq !== b.seq) return a.seq - b.seq;
  if (x.hashHigh !== y.hashHigh) return x.hashHigh - y.hashHigh;
  return x.hashLow - y.hashLow;
}

/** The 64-bit number of two u32. */
export function u64Of(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** What a caller sees of it. */
export function stampOf(written: Written): Stamp {
  const { origin, seq } = written;
  const { author, epoch, nonce } = origin.incarnation.identity;
  const hlc = u64Of(origin.hlcHigh, origin.hlcLow);
  const hash = u64Of(origin.hashHigh, origin.hashLow);
  return { hlc, author, epoch, nonce, seq, hash };
}

function u32Of(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return (low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
