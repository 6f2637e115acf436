/**
 * R2: no handler of a core holds its process up for more than 10 ms. Wall time is no function of the
 * seed: this is no part of a run's violations, and measures only where a run is given it.
 */

const HANDLER_MS_MAX = 10;
/** Slow handlers kept. */
const SLOW_MAX = 1_024;

/** Wall ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly tookMs: number;
}

export class HandlerTimes {
  /** Wall ms, monotonic. */
  readonly clock: () => number;
  readonly slow: Stretch[] = [];
  count = 0;

  constructor(clock: () => number) {
    this.clock = clock;
  }

  /** A handler that began at `fromMs` has ended. */
  handled(fromMs: number): void {
    this.count += 1;
    const tookMs = this.clock() - fromMs;
    if (tookMs > HANDLER_MS_MAX && this.slow.length < SLOW_MAX) this.slow.push({ fromMs, tookMs });
  }

  /**
   * What slow handlers took themselves, ms, slowest first.
   * @param pauses of the engine, such as its garbage collector's: they are nobody's work.
   */
  ownMs(pauses: readonly Stretch[]): number[] {
    const own = this.slow.map(({ fromMs, tookMs }) => {
      const within = pauses.map((pause) => {
        const from = Math.max(fromMs, pause.fromMs);
        return Math.max(0, Math.min(fromMs + tookMs, pause.fromMs + pause.tookMs) - from);
      });
      return within.reduce((left, ms) => left - ms, tookMs);
    });
    return own.filter((ms) => ms > HANDLER_MS_MAX).sort((a, b) => b - a);
  }
}
