/**
 * One process of the sim bench: runs the job of its first argument and answers over IPC. A process
 * a job, so that no run inherits another's heap or compiled code.
 */
import { type Engine, loadEngine } from "../../src/cli/sim/engine.ts";
import { noSamples } from "../../src/cli/sim/samples.ts";
import { sweep } from "../../src/sim/sweep.ts";
import type { Job, Outcome } from "./job.ts";

const job = JSON.parse(process.argv[2] ?? "") as Job;
const signatures = job.kind === "run" ? job.options.signatures : job.base.signatures;
const outcome = work(job, await loadEngine(signatures));
process.send?.(outcome, () => process.disconnect());

function work(job: Job, engine: Engine): Outcome {
  if (job.kind === "sweep") {
    const { base, from, to } = job;
    const startedAt = performance.now();
    const result = sweep(base, { from, to, run: (options) => engine(options) });
    return { kind: "sweep", base, result, tookMs: performance.now() - startedAt };
  }
  const { options, withinMs } = job;
  if (withinMs === undefined) {
    return { kind: "run", options, result: engine(options), withinPercent: undefined };
  }
  const samples = noSamples();
  const result = engine(options, { samples });
  const within = samples.convergence.filter(({ tookMs }) => tookMs < withinMs).length;
  // Of the acknowledged: a write that never reached everybody is not within anything.
  const withinPercent = (100 * within) / Math.max(1, result.acknowledged);
  return { kind: "run", options, result, withinPercent };
}
