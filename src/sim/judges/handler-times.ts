/**
 * R2: no handler of a core holds its process up for more than 10 ms. Times are no function of the
 * seed: this is no part of a run's violations, and measures only where a run is given it.
 */

const HANDLER_MS_MAX = 10;
/** Slow handlers kept. */
const SLOW_MAX = 4_096;

/** Wall ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly tookMs: number;
}

/** Both in ms. What the thread computed counts: on a busy machine a handler waits for the processor. */
export interface Clocks {
  readonly wall: () => number;
  readonly cpu: () => number;
}

export class HandlerTimes {
  readonly #clocks: Clocks;
  readonly #slow: (Stretch & { readonly cpuMs: number })[] = [];
  #fromMs = 0;
  #fromCpuMs = 0;
  count = 0;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  begin(): void {
    this.#fromMs = this.#clocks.wall();
    this.#fromCpuMs = this.#clocks.cpu();
  }

  end(): void {
    this.count += 1;
    const cpuMs = this.#clocks.cpu() - this.#fromCpuMs;
    if (cpuMs <= HANDLER_MS_MAX || this.#slow.length >= SLOW_MAX) return;
    const tookMs = this.#clocks.wall() - this.#fromMs;
    this.#slow.push({ fromMs: this.#fromMs, tookMs, cpuMs });
  }

  /**
   * What slow handlers computed themselves, ms, slowest first.
   * @param pauses of the engine, such as its garbage collector's: they are nobody's work.
   */
  ownMs(pauses: readonly Stretch[]): number[] {
    const own = this.#slow.map(({ fromMs, tookMs, cpuMs }) => {
      const within = pauses.map((pause) => {
        const from = Math.max(fromMs, pause.fromMs);
        return Math.max(0, Math.min(fromMs + tookMs, pause.fromMs + pause.tookMs) - from);
      });
      return within.reduce((left, ms) => left - ms, cpuMs);
    });
    return own.filter((ms) => ms > HANDLER_MS_MAX).sort((a, b) => b - a);
  }
}
