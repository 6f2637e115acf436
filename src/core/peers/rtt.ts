/**
 * Round-trip times of one peer (C7): a bounded window of samples and a smoothed value.
 *
 * The figures describe the window, so that a changed route is forgotten after RTT_SAMPLES_MAX
 * samples. The smoothed value orders peers by nearness and moves by an eighth of each difference
 * (RFC 6298, section 2). The window grows by doubling: a peer met once costs 64 bytes, not 1 KiB.
 */

/** Samples kept per peer; p99 needs at least 100 to be more than the maximum. */
export const RTT_SAMPLES_MAX = 128;

/** Samples above this are a fault of the measurement, not a distance. */
export const RTT_SAMPLE_MS_MAX = 60_000;

/** Figures over the window, milliseconds. */
export interface RttFigures {
  readonly currentMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly averageMs: number;
  /** Nearest-rank 99th percentile. */
  readonly p99Ms: number;
  /** Samples the figures are made of, 1 to RTT_SAMPLES_MAX. */
  readonly count: number;
}

/** What a reader sees of a peer's round-trip times. */
export interface RttView {
  /** Samples ever recorded. */
  readonly samples: number;
  readonly currentMs: number;
  /** What nearness is judged by. */
  readonly smoothedMs: number;
  /** Computes the figures: one sort of the window; for telemetry, not for the hot path. */
  figures(): RttFigures;
}

/** Whether a value may be recorded: a number in [0, RTT_SAMPLE_MS_MAX]. */
export function isRttSample(sampleMs: number): boolean {
  return sampleMs >= 0 && sampleMs <= RTT_SAMPLE_MS_MAX;
}

/** The round-trip times of one peer; begins with its first sample. */
export class Rtt implements RttView {
  samples = 1;
  currentMs: number;
  smoothedMs: number;
  #window: Float64Array = new Float64Array(WINDOW_START);

  /** `sampleMs` must satisfy {@link isRttSample}. */
  constructor(sampleMs: number) {
    this.currentMs = sampleMs;
    this.smoothedMs = sampleMs;
    this.#window[0] = sampleMs;
  }

  /** Records a sample that satisfies {@link isRttSample}. */
  record(sampleMs: number): void {
    if (this.samples === this.#window.length && this.samples < RTT_SAMPLES_MAX) {
      const grown = new Float64Array(2 * this.samples);
      grown.set(this.#window);
      this.#window = grown;
    }
    this.#window[this.samples % this.#window.length] = sampleMs;
    this.samples++;
    this.currentMs = sampleMs;
    this.smoothedMs += (sampleMs - this.smoothedMs) * SMOOTHING;
  }

  figures(): RttFigures {
    const count = Math.min(this.samples, RTT_SAMPLES_MAX);
    const sorted = this.#window.slice(0, count).sort();
    let sum = 0;
    for (let i = 0; i < count; i++) sum += sorted[i] ?? 0;
    return {
      currentMs: this.currentMs,
      minMs: sorted[0] ?? 0,
      maxMs: sorted[count - 1] ?? 0,
      averageMs: sum / count,
      p99Ms: sorted[Math.ceil(0.99 * count) - 1] ?? 0,
      count,
    };
  }
}

const WINDOW_START = 8; // RTT_SAMPLES_MAX must be this times a power of two
const SMOOTHING = 1 / 8;
