/**
 * The deltas this node can hand on, whole, by incarnation row and in chain order: what repair
 * answers from. This version keeps all of them up to `bytesMax`; at the bound new deltas are
 * refused (never silently dropped): `drop` leaves gaps, and nobody calls it until peers are told
 * of gaps (docs/decisions/0017-compaction.md).
 */
import { lastSeqOf } from "../wire/delta.ts";

export class DeltaLog {
  /** Most authors write little: a short row has no room to spare, and a delta is its bytes alone. */
  #rows: Uint8Array[][] = [];
  #arrived: Uint8Array[] = [];
  readonly #bytesMax: number;
  #bytes = 0;
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

  /** Deltas in the log now. */
  get held(): number {
    return this.#arrived.length;
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
    this.#arrived.push(delta);
    this.#bytes += delta.length;
  }

  /** Drops deltas, the same arrays that are held; gaps are left in their rows. */
  drop(gone: ReadonlySet<Uint8Array>): void {
    const isKept = (delta: Uint8Array): boolean => !gone.has(delta);
    for (const [row, deltas] of this.#rows.entries()) {
      if (deltas?.some((delta) => gone.has(delta))) this.#rows[row] = deltas.filter(isKept);
    }
    this.#arrived = this.#arrived.filter(isKept);
    this.#bytes = this.#arrived.reduce((bytes, delta) => bytes + delta.length, 0);
  }

  /** Forgets everything; the count goes on. */
  clear(): void {
    this.#rows = [];
    this.#arrived = [];
    this.#bytes = 0;
  }

  /** Every delta, in the order it came. */
  inOrder(): readonly Uint8Array[] {
    return this.#arrived;
  }

  /** The first delta of a row that reaches `seq`; 0: the record. */
  covering(row: number, seq: number): Uint8Array | undefined {
    const logged = this.#rows[row] ?? [];
    return logged[firstAbove(logged, seq - 1)];
  }

  /**
   * Deltas of a row above `after` (-1: the record too), in order, while `room` bytes last.
   * `complete` is false when some were left out.
   */
  above(row: number, after: number, room: number): { deltas: Uint8Array[]; complete: boolean } {
    const logged = this.#rows[row] ?? [];
    const deltas: Uint8Array[] = [];
    let left = room;
    for (let i = firstAbove(logged, after); i < logged.length; i++) {
      const delta = logged[i];
      if (delta === undefined || delta.length > left) return { deltas, complete: false };
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

/** Index of the first delta whose last seq is above `after`, by bisection. */
function firstAbove(logged: readonly Uint8Array[], after: number): number {
  let low = 0;
  let high = logged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const delta = logged[middle];
    if (delta !== undefined && lastSeqOf(delta) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
