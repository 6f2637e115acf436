/**
 * A round's question over one link: its stamp, and how long its answer is waited for before another is
 * worth asking. Like a retransmission timeout (RFC 6298): twice the round trip, and twice as long
 * again with every question that nobody answers. The first is free, since frames do get lost; on
 * a busy host an answer takes seconds, and asking on would make it take longer. The bound is low: what
 * was a busy host may have been a cut, which has healed.
 */
import type { Now } from "../now.ts";

const ROUND_TRIPS = 2;
export const QUESTION_MS_MAX = 1_000;

export class Question {
  #stamp = 0;
  #askedMonoMs = Number.NEGATIVE_INFINITY;
  #waitMs = 0;
  #unanswered = 0;

  /** Whether an answer may still come. */
  isOpen(now: Now): boolean {
    return this.#stamp !== 0 && now.monoMs - this.#askedMonoMs < this.#waitMs;
  }

  /**
   * @param stamp not 0.
   * @param leastMs the wait on a near link.
   * @param roundTripMs of the link when last measured; 0 when it never was.
   */
  asked(stamp: number, leastMs: number, roundTripMs: number, now: Now): void {
    if (this.#stamp !== 0) this.#unanswered += 1;
    const waitMs = Math.max(leastMs, ROUND_TRIPS * roundTripMs);
    const doublings = Math.max(0, this.#unanswered - 1);
    this.#waitMs = Math.min(QUESTION_MS_MAX, waitMs * 2 ** doublings);
    this.#stamp = stamp;
    this.#askedMonoMs = now.monoMs;
  }

  /** @returns how many ms the answer took; undefined when it answers no question that stands. */
  answered(echo: number, now: Now): number | undefined {
    if (echo === 0 || echo !== this.#stamp) return undefined;
    this.#stamp = 0;
    this.#unanswered = 0;
    return now.monoMs - this.#askedMonoMs;
  }
}
