/**
 * Words to be handed on over the gossip links, collected for a moment: a cut makes many at once.
 * A word goes to every link but the one it came over. What does not fit is left to others' telling.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Word } from "../wire/suspect.ts";

/** Words that wait at once. */
const RUMOURS_WAITING_MAX = 4_096;
const GATHER_MS = 10;

export interface Rumour {
  readonly word: Word;
  /** Who said it; undefined for an own word. */
  readonly from: NodeId | undefined;
}

export class Rumours {
  #waiting: Rumour[] = [];
  #dueMonoMs = Number.POSITIVE_INFINITY;

  /** When they are to be sent; infinity when there are none. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  add(word: Word, from: NodeId | undefined, now: Now): void {
    if (this.#waiting.length >= RUMOURS_WAITING_MAX) return;
    this.#waiting.push({ word, from });
    this.#dueMonoMs = Math.min(this.#dueMonoMs, now.monoMs + GATHER_MS);
  }

  /** Takes all that wait. */
  take(): readonly Rumour[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#dueMonoMs = Number.POSITIVE_INFINITY;
    return waiting;
  }
}
