/**
 * Suspicions that ended on another's word: a member too busy to answer or to refute in time is
 * heard by some neighbour now and then. Words are not signed, so only so many are believed about
 * one record: a dead member cannot sign a new one. Bounded by the member list.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Word } from "../wire/suspect.ts";

/** Words believed about one record of a member. */
const PARDONS_MAX = 16;
/** Accusations that are still about, after a pardon, are not heard for so long. */
const QUIET_MS = 500;

interface Pardon {
  readonly epoch: bigint;
  readonly counter: number;
  words: number;
  quietMonoMs: number;
}

export class Pardons {
  readonly #pardons = new Map<NodeId, Pardon>();

  /** Believes a word, unless too many have been believed about the record. */
  grant(word: Word, now: Now): boolean {
    const { member, epoch, counter } = word;
    const held = this.#of(word);
    if (held !== undefined && held.words >= PARDONS_MAX) return false;
    const words = (held?.words ?? 0) + 1;
    this.#pardons.set(member, { epoch, counter, words, quietMonoMs: now.monoMs + QUIET_MS });
    return true;
  }

  /** Whether the record has been pardoned a moment ago. */
  holds(word: Word, now: Now): boolean {
    const held = this.#of(word);
    return held !== undefined && now.monoMs < held.quietMonoMs;
  }

  /** A newer record makes the count begin afresh. */
  delete(member: NodeId): void {
    this.#pardons.delete(member);
  }

  #of({ member, epoch, counter }: Word): Pardon | undefined {
    const held = this.#pardons.get(member);
    return held?.epoch === epoch && held.counter === counter ? held : undefined;
  }
}
