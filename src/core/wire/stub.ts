/**
 * A stub: header and signature of a delta without its body. It stands at the end of a run of deltas
 * that compaction has dropped: their author's signature says where the chain goes on, and how old
 * what is missing is at least (docs/decisions/0017-compaction.md).
 *
 * A cut record: an incarnation's record without its credential. A later record of its author that has
 * one stands for it (docs/decisions/0018-past-lives.md).
 */
import {
  DELTA_BODY_BYTES_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_PREFIX_BYTES,
  KIND_RECORD,
  RECORD_BODY_BYTES,
} from "../../../assembly/layout.ts";
import { concat } from "./concat.ts";

/** The stub of a whole delta; a copy. */
export function stubOf(delta: Uint8Array): Uint8Array {
  return delta.slice(0, DELTA_PREFIX_BYTES);
}

/** Whether accepted bytes are a stub: no accepted delta has an empty body. */
export function isStub(bytes: Uint8Array): boolean {
  return bytes.length === DELTA_PREFIX_BYTES;
}

/** An incarnation's record without its credential; a copy. */
export function cutRecordOf(record: Uint8Array): Uint8Array {
  return record.slice(0, CUT_RECORD_BYTES);
}

/** Whether accepted bytes are a record whose credential has been cut off. */
export function isCutRecord(bytes: Uint8Array): boolean {
  if (bytes.length !== CUT_RECORD_BYTES || bytes[DELTA_KIND_OFFSET] !== KIND_RECORD) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(DELTA_BODY_BYTES_OFFSET, true) > RECORD_BODY_BYTES;
}

/** The places of the stubs and cut records among deltas that are to be laid end to end. */
export function stubsIn(deltas: readonly Uint8Array[]): readonly number[] {
  const places: number[] = [];
  for (let i = 0; i < deltas.length; i++) {
    const delta = deltas[i];
    if (delta !== undefined && (isStub(delta) || isCutRecord(delta))) places.push(i);
  }
  return places;
}

/** Deltas laid end to end, as frames and stores carry them. */
export interface CarriedDeltas {
  readonly deltas: Uint8Array;
  /** Which of them, by their place, ascending, are stubs or cut records. Absent: none. */
  readonly stubs?: readonly number[];
}

/** Lays deltas and stubs end to end. */
export function carried(deltas: readonly Uint8Array[]): CarriedDeltas {
  const stubs = stubsIn(deltas);
  return stubs.length === 0 ? { deltas: concat(deltas) } : { deltas: concat(deltas), stubs };
}

/** Header, signature and the body that the header's hash covers. */
const CUT_RECORD_BYTES = DELTA_PREFIX_BYTES + RECORD_BODY_BYTES;
export const NO_STUBS: readonly number[] = [];
