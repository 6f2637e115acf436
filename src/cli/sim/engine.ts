/** The engine as the commands call it, loaded when a command that runs it is. */
import type { HandlerTimes } from "../../sim/judges/handler-times.ts";
import type { SimOptions } from "../../sim/options.ts";
import type { SimResult } from "../../sim/result.ts";
import { collectInto, type PlotSamples } from "./samples.ts";

/** What a run tells while it goes on. */
export interface Watchers {
  /** Now and then; virtual ms since the start of the workload. */
  readonly onProgress?: (virtualMs: number) => void;
  /** Filled while the run goes on. */
  readonly samples?: PlotSamples;
  readonly handlers?: HandlerTimes;
}

export type Engine = (options: SimOptions, watchers?: Watchers) => SimResult;

/** Loads the engine, and a signature backend where the signatures are real. */
export async function loadEngine(signatures: SimOptions["signatures"]): Promise<Engine> {
  const { runSim } = await import("../../sim/run.ts");
  const crypto = signatures === "real" ? await realCrypto() : undefined;
  return (options, { onProgress, samples, handlers } = {}) =>
    runSim(options, {
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(samples === undefined ? {} : { observe: collectInto(samples) }),
      ...(handlers === undefined ? {} : { handlers }),
      ...(crypto === undefined ? {} : { crypto }),
    });
}

async function realCrypto() {
  const { createCrypto } = await import("../../node/signature/signature.ts");
  return createCrypto();
}
