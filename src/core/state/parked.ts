/**
 * Deltas that wait: for an ancestor (orphans), or for local time to reach their stamp (future).
 * Bounded per author and in authors; what does not fit is dropped and comes back by repair, since
 * the sender's frontier still shows it.
 */
import { DELTA_PREFIX_BYTES } from "../../../assembly/layout.ts";
import type { NodeId } from "../node-id.ts";

export const PARKED_DELTAS_MAX = 64;
export const PARKED_BYTES_MAX = 1_048_576;
export const PARKED_AUTHORS_MAX = 256;

interface ParkedDelta {
  readonly bytes: Uint8Array;
  readonly firstSeq: number;
  /** Wall ms from which it may be tried; 0 for an orphan. */
  readonly dueMs: number;
}

export class Parked {
  readonly #byAuthor = new Map<NodeId, ParkedDelta[]>();
  #dropped = 0;

  /** Deltas refused by a bound since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  get count(): number {
    let count = 0;
    for (const deltas of this.#byAuthor.values()) count += deltas.length;
    return count;
  }

  /** Keeps a copy of `bytes`; false when a bound refused it. The same delta is kept once. */
  park(author: NodeId, delta: { bytes: Uint8Array; firstSeq: number; dueMs: number }): boolean {
    let deltas = this.#byAuthor.get(author);
    if (deltas === undefined) {
      if (this.#byAuthor.size >= PARKED_AUTHORS_MAX) return this.#drop();
      deltas = [];
      this.#byAuthor.set(author, deltas);
    }
    if (deltas.some((held) => samePrefix(held.bytes, delta.bytes))) return true;
    const bytes = deltas.reduce((sum, held) => sum + held.bytes.length, 0);
    if (deltas.length >= PARKED_DELTAS_MAX || bytes + delta.bytes.length > PARKED_BYTES_MAX) {
      return this.#drop();
    }
    deltas.push({ ...delta, bytes: delta.bytes.slice() });
    return true;
  }

  /** Takes out an author's deltas that may be tried now, lowest seq first, laid end to end. */
  take(author: NodeId, wallMs: number): Uint8Array | undefined {
    const deltas = this.#byAuthor.get(author);
    if (deltas === undefined) return undefined;
    const ready = deltas.filter((delta) => delta.dueMs <= wallMs);
    if (ready.length === 0) return undefined;
    const waiting = deltas.filter((delta) => delta.dueMs > wallMs);
    if (waiting.length === 0) this.#byAuthor.delete(author);
    else this.#byAuthor.set(author, waiting);
    ready.sort((a, b) => a.firstSeq - b.firstSeq);
    return concat(ready.map((delta) => delta.bytes));
  }

  /** Forgets what waits of an author. */
  drop(author: NodeId): void {
    this.#byAuthor.delete(author);
  }

  /** Authors with a future delta that has come due. */
  due(wallMs: number): NodeId[] {
    const authors: NodeId[] = [];
    for (const [author, deltas] of this.#byAuthor) {
      if (deltas.some((delta) => delta.dueMs > 0 && delta.dueMs <= wallMs)) authors.push(author);
    }
    return authors;
  }

  #drop(): false {
    this.#dropped += 1;
    return false;
  }
}

/** Lays byte strings end to end; a single one is returned itself. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Same header and same signature; the header holds the body's hash, which the scan has checked. The
 * signature alone would not do: it is not verified yet, so a forger could shut the true delta out
 * with a copy of its signature under another header.
 */
function samePrefix(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < DELTA_PREFIX_BYTES; i++) if (a[i] !== b[i]) return false;
  return true;
}
