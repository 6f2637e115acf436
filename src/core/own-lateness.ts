/**
 * How late this process runs. The core tells by its own deadlines: the next one is long past and
 * nothing was heard meanwhile. What a late node does not hear says little about others, and on
 * a host where one process waits for the processor, its peers mostly wait too.
 *
 * Commands are no hearing: an owner that makes thousands in one turn of its event loop keeps the
 * core busy while frames and the timer wait.
 */
import type { Now } from "./now.ts";

/** The lateness that is remembered halves in this time. */
const HALF_LIFE_MS = 500;
/**
 * Late by so much in all within about BUSY_WITHIN_MS: a busy host. One pause counts as REMEMBERED_MS_MAX at
 * most, and the first TIMER_MS of each lateness not at all: so late is a timer on a host that is idle.
 */
const BUSY_MS = 150;
const BUSY_WITHIN_MS = 2_000;
const TIMER_MS = 2;
/** More is no busy host but a pause, which is over when it is noticed. */
const REMEMBERED_MS_MAX = 100;

export class OwnLateness {
  #heardMonoMs = Number.NEGATIVE_INFINITY;
  /** The earliest deadline that stood before a command since anything was heard. */
  #owedMonoMs = Number.POSITIVE_INFINITY;
  #worstMs = 0;
  #worstMonoMs = Number.NEGATIVE_INFINITY;
  /** All that it has been late by, forgotten at the rate of BUSY_WITHIN_MS; as of the last time it was. */
  #sumMs = 0;
  #sumMonoMs = Number.NEGATIVE_INFINITY;

  /** Takes note of a command, which may move the deadline that stood before it. */
  commanded(dueMonoMs: number): void {
    this.#owedMonoMs = Math.min(this.#owedMonoMs, dueMonoMs);
  }

  /**
   * Takes note of a frame, a change of links or the timer.
   * @param dueMonoMs the core's deadline before it.
   * @returns how many ms late it is; one pause counts once, however many inputs had waited.
   */
  note(dueMonoMs: number, now: Now): number {
    const sinceMonoMs = Math.max(Math.min(dueMonoMs, this.#owedMonoMs), this.#heardMonoMs);
    this.#heardMonoMs = now.monoMs;
    this.#owedMonoMs = Number.POSITIVE_INFINITY;
    // A core that has just begun may have been due since ever.
    const lateMs = Number.isFinite(sinceMonoMs) ? Math.max(0, now.monoMs - sinceMonoMs) : 0;
    const worstMs = Math.min(REMEMBERED_MS_MAX, lateMs);
    if (worstMs > TIMER_MS) {
      this.#sumMs = this.#sumOfLateMs(now) + worstMs - TIMER_MS;
      this.#sumMonoMs = now.monoMs;
    }
    if (worstMs > 0 && worstMs >= this.ofLateMs(now)) {
      this.#worstMs = worstMs;
      this.#worstMonoMs = now.monoMs;
    }
    return lateMs;
  }

  /** Whether this process has had to wait for the processor again and again: its host is busy. */
  isBusy(now: Now): boolean {
    return this.#sumOfLateMs(now) >= BUSY_MS;
  }

  /** The worst lateness of late, in ms, 100 at most; it halves every half second. */
  ofLateMs(now: Now): number {
    if (this.#worstMs === 0) return 0;
    return this.#worstMs * 2 ** (-(now.monoMs - this.#worstMonoMs) / HALF_LIFE_MS);
  }

  #sumOfLateMs(now: Now): number {
    if (this.#sumMs === 0) return 0;
    return this.#sumMs * Math.exp(-(now.monoMs - this.#sumMonoMs) / BUSY_WITHIN_MS);
  }
}
