/** The engine as the commands call it, loaded when a command that runs it is. */
import type { SimOptions } from "../../sim/options.ts";
import type { SimResult } from "../../sim/result.ts";
import { collectInto, type PlotSamples } from "./samples.ts";

/** What a run tells while it goes on. */
export interface Watchers {
  /** Now and then; virtual ms since the start of the workload. */
  readonly onProgress?: (virtualMs: number) => void;
  /** Filled while the run goes on. */
  readonly samples?: PlotSamples;
}

export type Engine = (options: SimOptions, watchers?: Watchers) => SimResult;

/** Loads the engine, and a signature backend where the signatures are real. */
export async function loadEngine(signatures: SimOptions["signatures"]): Promise<Engine> {
  const { runSim } = await import("../../sim/run.ts");
  const crypto = signatures === "real" ? await realCrypto() : undefined;
  return (options, { onProgress, samples } = {}) =>
    runSim(options, {
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(samples === undefined ? {} : { observe: collectInto(samples) }),
      ...(crypto === undefined ? {} : { crypto }),
    });
}

async function realCrypto() {
  const { createCrypto } = await import("../../node/signature/signature.ts");
  return createCrypto();
}
