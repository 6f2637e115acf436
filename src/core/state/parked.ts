/**
 * Deltas that wait: for an ancestor (orphans), or for local time to reach their stamp (future).
 * Bounded per author, in authors, per sender and in age; what does not fit is dropped and comes back
 * by repair, since the sender's frontier still shows it.
 *
 * Orphans are not verified, so a peer can invent their authors. A full table therefore makes room at
 * the cost of the sender that has opened the most places in it: no peer can shut the others out.
 */
import { DELTA_PREFIX_BYTES } from "../../../assembly/layout.ts";
import type { NodeId } from "../node-id.ts";
import { concat } from "../wire/concat.ts";

export const PARKED_DELTAS_MAX = 64;
export const PARKED_BYTES_MAX = 1_048_576;
export const PARKED_AUTHORS_MAX = 256;
/** Bytes that one sender has waiting. */
export const PARKED_SENDER_BYTES_MAX = 8_388_608;
/** What waits longer is dropped: its ancestor did not come, or its stamp is too far ahead. */
export const PARKED_MS_MAX = 60_000;

/** A delta to be parked. */
export interface Parking {
  readonly bytes: Uint8Array;
  readonly firstSeq: number;
  /** Wall ms from which it may be tried; 0 for an orphan. */
  readonly dueMs: number;
  /** Who sent it; the own id for what is tried again and parked again. */
  readonly from: NodeId;
  readonly monoMs: number;
}

/** What waits of one author. */
interface Place {
  /** Who sent the first of them. */
  readonly openedBy: NodeId;
  deltas: readonly Parking[];
}

export class Parked {
  readonly #byAuthor = new Map<NodeId, Place>();
  readonly #bytesBySender = new Map<NodeId, number>();
  #dropped = 0;

  /** Deltas refused by a bound, let go for others or given up since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether nothing waits of anyone. */
  get isEmpty(): boolean {
    return this.#byAuthor.size === 0;
  }

  get count(): number {
    let count = 0;
    for (const { deltas } of this.#byAuthor.values()) count += deltas.length;
    return count;
  }

  /** Keeps a copy of `bytes`; false when a bound refused it. The same delta is kept once. */
  park(author: NodeId, delta: Parking): boolean {
    const { bytes, from } = delta;
    const place = this.#byAuthor.get(author);
    const held = place?.deltas ?? [];
    if (held.some((other) => samePrefix(other.bytes, bytes))) return true;
    if (held.length >= PARKED_DELTAS_MAX) return this.#drop();
    if (bytesOf(held) + bytes.length > PARKED_BYTES_MAX) return this.#drop();
    const senderBytes = this.#bytesBySender.get(from) ?? 0;
    if (senderBytes + bytes.length > PARKED_SENDER_BYTES_MAX) return this.#drop();
    if (place === undefined && !this.#makeRoom(from)) return this.#drop();
    const kept = { ...delta, bytes: bytes.slice() };
    this.#set(author, { openedBy: place?.openedBy ?? from, deltas: [...held, kept] });
    return true;
  }

  /** Takes out an author's deltas that may be tried now, lowest seq first, laid end to end. */
  take(author: NodeId, wallMs: number): Uint8Array | undefined {
    const place = this.#byAuthor.get(author);
    if (place === undefined) return undefined;
    const ready = place.deltas.filter((delta) => delta.dueMs <= wallMs);
    if (ready.length === 0) return undefined;
    this.#set(author, { ...place, deltas: place.deltas.filter((delta) => delta.dueMs > wallMs) });
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
    for (const [author, { deltas }] of this.#byAuthor) {
      if (deltas.some((delta) => delta.dueMs > 0 && delta.dueMs <= wallMs)) authors.push(author);
    }
    return authors;
  }

  /** Gives up what has waited for too long. */
  expire(monoMs: number): void {
    for (const [author, place] of [...this.#byAuthor]) {
      const deltas = place.deltas.filter((delta) => monoMs - delta.monoMs <= PARKED_MS_MAX);
      if (deltas.length === place.deltas.length) continue;
      this.#dropped += place.deltas.length - deltas.length;
      this.#set(author, { ...place, deltas });
    }
  }

  /** A place for one more author of `from`'s; false when nobody has opened more than it. */
  #makeRoom(from: NodeId): boolean {
    if (this.#byAuthor.size < PARKED_AUTHORS_MAX) return true;
    const opened = new Map<NodeId, NodeId[]>();
    for (const [author, { openedBy }] of this.#byAuthor) {
      const authors = opened.get(openedBy);
      if (authors === undefined) opened.set(openedBy, [author]);
      else authors.push(author);
    }
    const [greediest = []] = [...opened.values()].sort((a, b) => b.length - a.length);
    const [oldest] = greediest;
    if (oldest === undefined || greediest.length <= (opened.get(from)?.length ?? 0)) return false;
    this.#dropped += this.#byAuthor.get(oldest)?.deltas.length ?? 0;
    this.#set(oldest, { openedBy: from, deltas: [] });
    return true;
  }

  /** Puts an author's place, and brings the senders' bytes in line. */
  #set(author: NodeId, place: Place): void {
    for (const delta of this.#byAuthor.get(author)?.deltas ?? []) this.#count(delta, -1);
    for (const delta of place.deltas) this.#count(delta, 1);
    if (place.deltas.length === 0) this.#byAuthor.delete(author);
    else this.#byAuthor.set(author, place);
  }

  #count(delta: Parking, sign: 1 | -1): void {
    const bytes = (this.#bytesBySender.get(delta.from) ?? 0) + sign * delta.bytes.length;
    if (bytes > 0) this.#bytesBySender.set(delta.from, bytes);
    else this.#bytesBySender.delete(delta.from);
  }

  #drop(): false {
    this.#dropped += 1;
    return false;
  }
}

function bytesOf(deltas: readonly Parking[]): number {
  return deltas.reduce((sum, { bytes }) => sum + bytes.length, 0);
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
