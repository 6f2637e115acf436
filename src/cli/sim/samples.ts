/** What a plot is drawn from. Virtual time, from the start of the workload. */

/** One write that reached every node that it could. */
export interface ConvergenceSample {
  /** When it was written, ms. */
  readonly atMs: number;
  /** How long until the last node had it, ms. */
  readonly tookMs: number;
}

export interface PlotSamples {
  readonly convergence: ConvergenceSample[];
  /** Bytes that all nodes sent together, by virtual second. */
  readonly bytesBySecond: number[];
}

export function noSamples(): PlotSamples {
  return { convergence: [], bytesBySecond: [] };
}
