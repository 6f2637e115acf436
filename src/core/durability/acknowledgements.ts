/**
 * Own writes that wait for more than `local`: which delta holds them, and how far each peer says
 * its disk has got with the own incarnation. A peer's word is cumulative, so one number a peer
 * is enough, and levels are reached in the order of the writes.
 */
import type { AckLevel } from "../commands.ts";
import type { NodeId } from "../node-id.ts";
import type { Incarnation } from "../state/local-author.ts";

/** Deltas whose writes wait; at most 256 writes each. */
const ACKS_WAITING_MAX = 4096;

export type StoredLevel = Exclude<AckLevel, "local">;

export interface WaitingDelta {
  readonly first: number;
  readonly last: number;
  readonly seq: number;
  readonly closedMonoMs: number;
  /** Levels that some write of it waits for. */
  readonly wanted: Set<StoredLevel>;
}

export class Acknowledgements {
  #waiting: WaitingDelta[] = [];
  #wanted = new Set<StoredLevel>();
  #incarnation: Incarnation | undefined;
  /** Own seq by peer, as far as its disk has it; bounded by the member list. */
  readonly #reports = new Map<NodeId, number>();
  /** Where among the members the last search for more disks ended. */
  searchedTo = 0;

  /** A write of the open delta wants a level. */
  want(level: StoredLevel): void {
    this.#wanted.add(level);
  }

  get isFull(): boolean {
    return this.#waiting.length >= ACKS_WAITING_MAX;
  }

  /** The open delta has closed; true when some write in it waits. */
  closed(incarnation: Incarnation, delta: Omit<WaitingDelta, "wanted">): boolean {
    const wanted = this.#wanted;
    this.#wanted = new Set();
    if (this.#incarnation?.nonce !== incarnation.nonce) {
      // Seqs of another life say nothing of this one.
      this.#incarnation = incarnation;
      this.#reports.clear();
    }
    if (wanted.size === 0) return false;
    this.#waiting.push({ ...delta, wanted });
    return true;
  }

  /** The open delta came to nothing. */
  failed(): void {
    this.#wanted = new Set();
  }

  /** The incarnation that reports are about. */
  get incarnation(): Incarnation | undefined {
    return this.#incarnation;
  }

  get waiting(): readonly WaitingDelta[] {
    return this.#waiting;
  }

  /** A peer has all up to `seq` on disk. */
  report(peer: NodeId, seq: number): void {
    if (seq > this.reported(peer)) this.#reports.set(peer, seq);
  }

  reported(peer: NodeId): number {
    return this.#reports.get(peer) ?? -1;
  }

  /** The seq that at least `count` of those who count have; infinity for none, -1 when too few report. */
  storedBy(count: number, counts: (peer: NodeId) => boolean): number {
    if (count <= 0) return Number.POSITIVE_INFINITY;
    const seqs: number[] = [];
    for (const [peer, seq] of this.#reports) if (counts(peer)) seqs.push(seq);
    return seqs.sort((a, b) => b - a)[count - 1] ?? -1;
  }

  /** Takes out the deltas of which a level is reached up to `seq`. */
  reach(level: StoredLevel, seq: number): WaitingDelta[] {
    const reached: WaitingDelta[] = [];
    for (const delta of this.#waiting) {
      if (delta.seq > seq) break;
      if (delta.wanted.delete(level)) reached.push(delta);
    }
    if (reached.length > 0) this.#waiting = this.#waiting.filter(({ wanted }) => wanted.size > 0);
    return reached;
  }

  /** Gives up on all that waits; true when something did. */
  abandon(): boolean {
    const some = this.#waiting.length > 0 || this.#wanted.size > 0;
    this.#waiting = [];
    this.#wanted = new Set();
    return some;
  }
}
