/**
 * The deltas this node can hand on, by incarnation row and in chain order: what repair answers
 * from. Compaction replaces runs of dominated ones by stubs (compaction.ts); at `bytesMax` new
 * deltas are refused, never silently dropped.
 */
import { DELTA_HLC_OFFSET } from "../../../assembly/layout.ts";
import { Vouchers } from "../trust/vouchers.ts";
import { u64At } from "../wire/bytes-at.ts";
import { firstSeqOf, lastSeqOf } from "../wire/delta.ts";
import { isStub } from "../wire/stub.ts";

/** A chain as it was when it was asked for: its first `count` deltas stay where they are. */
export interface Chain {
  readonly row: number;
  readonly deltas: readonly Uint8Array[];
  readonly count: number;
}

export class DeltaLog {
  /** Which records here stand for others of their authors. */
  readonly vouchers = new Vouchers();
  /** Most authors write little: a short row has no room to spare, and a delta is its bytes alone. */
  #rows: Uint8Array[][] = [];
  readonly #bytesMax: number;
  #bytes = 0;
  #held = 0;
  #hasStubs = false;
  #count = 0;

  constructor(bytesMax: number = DELTA_LOG_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Deltas that ever came, of this life. */
  get count(): number {
    return this.#count;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** Deltas in the log now, stubs included. */
  get held(): number {
    return this.#held;
  }

  /** Whether something may be missing in the chains. */
  get hasStubs(): boolean {
    return this.#hasStubs;
  }

  /** Whether `bytes` more still fit. */
  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  /** Adds the next delta of a row, whole; it is kept. Deltas of a row arrive in chain order. */
  append(row: number, delta: Uint8Array): void {
    this.#count += 1;
    this.reappend(row, delta);
  }

  /** Adds a delta that was in the log before it was cleared. */
  reappend(row: number, delta: Uint8Array): void {
    const deltas = this.#rows[row];
    if (deltas === undefined) this.#rows[row] = [delta];
    // As long as it must be: a spread would leave room for a dozen more.
    else if (deltas.length < LIST_SHORT) this.#rows[row] = deltas.concat(delta);
    else deltas.push(delta);
    this.#held += 1;
    this.#bytes += delta.length;
    this.vouchers.note(delta);
    if (isStub(delta)) this.#hasStubs = true;
  }

  /** Every chain that has something. */
  chains(): Chain[] {
    const chains: Chain[] = [];
    for (const [row, deltas] of this.#rows.entries()) {
      if (deltas !== undefined) chains.push({ row, deltas, count: deltas.length });
    }
    return chains;
  }

  /** Deltas stamped below `hlc`: stamps rise along a chain. */
  countBefore(hlc: bigint): number {
    let count = 0;
    for (const deltas of this.#rows) {
      if (deltas !== undefined) count += firstIndex(deltas, (delta) => hlcOf(delta) >= hlc);
    }
    return count;
  }

  /** Puts `kept` in place of a chain's first `count` deltas, and keeps it; what came since follows. */
  shorten({ row, count }: Chain, kept: Uint8Array[], bytesGone: number): void {
    this.#held += kept.length - count;
    this.#bytes -= bytesGone;
    this.#hasStubs ||= bytesGone > 0;
    for (const delta of this.#rows[row]?.slice(count) ?? []) kept.push(delta);
    this.#rows[row] = kept;
  }

  /** The gap of a row that a seq lies in: the stub at its end, and what stands before it. */
  gapAt(row: number, seq: number): { before: Uint8Array; stub: Uint8Array } | undefined {
    const logged = this.#rows[row] ?? [];
    const at = firstAbove(logged, seq - 1);
    const [before, stub] = [logged[at - 1], logged[at]];
    return before && stub && isStub(stub) ? { before, stub } : undefined;
  }

  /**
   * Puts deltas of a row into the gap that ends with a stub, in whose place the last one may be.
   * @returns false when the stub is not there any more.
   */
  fill(row: number, stub: Uint8Array, deltas: readonly Uint8Array[]): boolean {
    const logged = this.#rows[row] ?? [];
    const at = firstAbove(logged, lastSeqOf(stub) - 1);
    const last = deltas.at(-1);
    if (logged[at] !== stub || last === undefined) return false;
    const stays = lastSeqOf(last) === lastSeqOf(stub) ? [] : [stub];
    this.#rows[row] = [...logged.slice(0, at), ...deltas, ...stays, ...logged.slice(at + 1)];
    this.#held += deltas.length + stays.length - 1;
    for (const delta of deltas) this.#bytes += delta.length;
    if (stays.length === 0) this.#bytes -= stub.length;
    return true;
  }

  /** Forgets everything; the count goes on. */
  clear(): void {
    this.#rows = [];
    this.vouchers.clear();
    this.#bytes = 0;
    this.#held = 0;
    this.#hasStubs = false;
  }

  /** Every delta, by stamp: chains in their order, and each after what its author had read. */
  inOrder(): readonly Uint8Array[] {
    const stamped = this.#rows.flatMap((deltas) =>
      (deltas ?? []).map((delta) => ({ delta, hlc: hlcOf(delta) })),
    );
    stamped.sort((a, b) => (a.hlc < b.hlc ? -1 : a.hlc > b.hlc ? 1 : 0));
    return stamped.map(({ delta }) => delta);
  }

  /** The first delta of a row that reaches `seq`; 0: the record. */
  covering(row: number, seq: number): Uint8Array | undefined {
    const logged = this.#rows[row] ?? [];
    return logged[firstAbove(logged, seq - 1)];
  }

  /**
   * Deltas of a row above `after` (-1: the record too) that begin at `upTo` or below, in order,
   * while `room` bytes last. `complete` is false when some were left out for want of room.
   */
  above(
    row: number,
    after: number,
    room: number,
    upTo = Number.POSITIVE_INFINITY,
  ): { deltas: Uint8Array[]; complete: boolean } {
    const logged = this.#rows[row] ?? [];
    const deltas: Uint8Array[] = [];
    let left = room;
    for (let i = firstAbove(logged, after); i < logged.length; i++) {
      const delta = logged[i];
      if (delta === undefined || firstSeqOf(delta) > upTo) break;
      if (delta.length > left) return { deltas, complete: false };
      left -= delta.length;
      deltas.push(delta);
    }
    return { deltas, complete: true };
  }
}

/** A list up to this length is as long as it must be. */
const LIST_SHORT = 4;
/** 256 MiB of history a node; docs/LIMITS.md. */
const DELTA_LOG_BYTES_MAX = 268_435_456;

/** The stamp of a delta or stub. */
export function hlcOf(delta: Uint8Array): bigint {
  return u64At(delta, DELTA_HLC_OFFSET);
}

/** Index of the first delta whose last seq is above `after`. */
function firstAbove(logged: readonly Uint8Array[], after: number): number {
  return firstIndex(logged, (delta) => lastSeqOf(delta) > after);
}

/** By bisection: of what follows a delta that is meant all are meant. */
function firstIndex(
  logged: readonly Uint8Array[],
  isMeant: (delta: Uint8Array) => boolean,
): number {
  let low = 0;
  let high = logged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const delta = logged[middle];
    if (delta !== undefined && !isMeant(delta)) low = middle + 1;
    else high = middle;
  }
  return low;
}
