/**
 * When a peer is asked about gaps. Roots differ for a moment all the time, and a liar may show any
 * root, whose answers would make the replica anew each time: so a difference has to last, one
 * answer is taken a question, and each question makes the next one wait longer.
 */
import type { Now } from "../now.ts";

export class GapQuestions {
  #differsMonoMs = Number.POSITIVE_INFINITY;
  #nextMonoMs = Number.NEGATIVE_INFINITY;
  #pauseMs = PAUSE_MS_MIN;
  #isAwaited = false;

  /** The peer has shown the own root. */
  agreed(): void {
    this.#differsMonoMs = Number.POSITIVE_INFINITY;
  }

  /** The peer has shown another root at an equal frontier: whether to ask it. */
  mayAsk(now: Now): boolean {
    if (this.#differsMonoMs === Number.POSITIVE_INFINITY) this.#differsMonoMs = now.monoMs;
    return now.monoMs - this.#differsMonoMs >= DIFFERS_MS && now.monoMs >= this.#nextMonoMs;
  }

  asked(now: Now): void {
    this.#isAwaited = true;
    this.#nextMonoMs = now.monoMs + this.#pauseMs;
    this.#pauseMs = Math.min(PAUSE_MS_MAX, this.#pauseMs * PAUSE_FACTOR);
  }

  /** Whether an answer is owed; it is taken once. */
  takeAnswer(): boolean {
    const isAwaited = this.#isAwaited;
    this.#isAwaited = false;
    return isAwaited;
  }
}

const DIFFERS_MS = 2_000;
const PAUSE_MS_MIN = 10_000;
const PAUSE_MS_MAX = 3_600_000;
const PAUSE_FACTOR = 2;
