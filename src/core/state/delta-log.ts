/**
 * The deltas this node can hand on, whole, by incarnation row and in chain order: what repair
 * answers from. This version keeps all of them up to `bytesMax`; at the bound new deltas are
 * refused (never silently dropped), until compaction below the stable cut exists.
 */
export class DeltaLog {
  #rows: LoggedDelta[][] = [];
  readonly #bytesMax: number;
  #bytes = 0;
  #count = 0;
  #held = 0;
  #order = 0;

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
    return this.#held;
  }

  /** Whether `bytes` more still fit. */
  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  /** Adds the next delta of a row; `bytes` is kept. Deltas of a row arrive in chain order. */
  append(row: number, delta: Omit<LoggedDelta, "order">): void {
    this.#count += 1;
    this.reappend(row, delta);
  }

  /** Adds a delta that was in the log before it was cleared. */
  reappend(row: number, { lastSeq, bytes }: Omit<LoggedDelta, "order">): void {
    const delta = { lastSeq, bytes, order: this.#order++ };
    const deltas = this.#rows[row];
    // Many authors write once: their lists have no room to spare.
    if (deltas === undefined) this.#rows[row] = [delta];
    else if (deltas.length < LIST_SHORT) this.#rows[row] = [...deltas, delta];
    else deltas.push(delta);
    this.#bytes += bytes.length;
    this.#held += 1;
  }

  /** Forgets everything; the count goes on. */
  clear(): void {
    this.#rows = [];
    this.#bytes = 0;
    this.#held = 0;
  }

  /** Every delta, in the order it came. */
  inOrder(): Uint8Array[] {
    return this.#rows
      .flat()
      .sort((a, b) => a.order - b.order)
      .map(({ bytes }) => bytes);
  }

  /** The first delta of a row that reaches `seq`; 0: the record. */
  covering(row: number, seq: number): Uint8Array | undefined {
    const logged = this.#rows[row] ?? [];
    return logged[firstAbove(logged, seq - 1)]?.bytes;
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
      if (delta === undefined || delta.bytes.length > left) return { deltas, complete: false };
      left -= delta.bytes.length;
      deltas.push(delta.bytes);
    }
    return { deltas, complete: true };
  }
}

export interface LoggedDelta {
  readonly lastSeq: number;
  readonly bytes: Uint8Array;
  /** Among all deltas of the log. */
  readonly order: number;
}

/** A list up to this length is as long as it must be. */
const LIST_SHORT = 4;
/** 256 MiB of history a node; docs/LIMITS.md. */
const DELTA_LOG_BYTES_MAX = 268_435_456;

/** Index of the first delta whose last seq is above `after`, by bisection. */
function firstAbove(logged: readonly LoggedDelta[], after: number): number {
  let low = 0;
  let high = logged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const delta = logged[middle];
    if (delta !== undefined && delta.lastSeq <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
