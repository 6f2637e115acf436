/** What a plot is drawn from. Virtual time, from the start of the workload. */
import type { SimSample } from "../../sim/run.ts";

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

/** A listener that files what the engine tells; seconds without a word sent nothing. */
export function collectInto({ convergence, bytesBySecond }: PlotSamples) {
  return (sample: SimSample): void => {
    if (sample.kind === "write") {
      convergence.push({ atMs: sample.atMs, tookMs: sample.tookMs });
      return;
    }
    while (bytesBySecond.length <= sample.second) bytesBySecond.push(0);
    bytesBySecond[sample.second] = sample.bytes;
  };
}
