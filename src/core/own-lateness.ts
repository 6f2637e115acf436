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
/** Late by so much of late, without a break for so long: a busy host. One pause is forgotten sooner. */
const BUSY_MS = 10;
const BUSY_SINCE_MS = 2_000;
/** More is no busy host but a pause, which is over when it is noticed. */
const REMEMBERED_MS_MAX = 100;

export class OwnLateness {
  #heardMonoMs = Number.NEGATIVE_INFINITY;
  /** The earliest deadline that stood before a command since anything was heard. */
  #owedMonoMs = Number.POSITIVE_INFINITY;
  #worstMs = 0;
  #worstMonoMs = Number.NEGATIVE_INFINITY;
  /** When it was last not late of late. */
  #timelyMonoMs = Number.POSITIVE_INFINITY;

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
    const ofLateMs = this.ofLateMs(now);
    if (ofLateMs < BUSY_MS) this.#timelyMonoMs = now.monoMs;
    if (worstMs > 0 && worstMs >= ofLateMs) {
      this.#worstMs = worstMs;
      this.#worstMonoMs = now.monoMs;
    }
    return lateMs;
  }

  /** Whether this process has to wait for the processor all the time: its host is busy. */
  isBusy(now: Now): boolean {
    return this.ofLateMs(now) >= BUSY_MS && now.monoMs - this.#timelyMonoMs >= BUSY_SINCE_MS;
  }

  /** The worst lateness of late, in ms, 100 at most; it halves every half second. */
  ofLateMs(now: Now): number {
    if (this.#worstMs === 0) return 0;
    return this.#worstMs * 2 ** (-(now.monoMs - this.#worstMonoMs) / HALF_LIFE_MS);
  }
}
