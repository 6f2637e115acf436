/**
 * One process of the sim bench: runs the job of its first argument and answers over IPC. A process
 * a job, so that no run inherits another's heap or compiled code.
 */
import { type Engine, loadEngine } from "../../src/cli/sim/engine.ts";
import { noSamples } from "../../src/cli/sim/samples.ts";
import { sweep } from "../../src/sim/sweep.ts";
import { issuersOffline } from "../../test/support/issuers-offline.ts";
import type { Job, Outcome } from "./job.ts";

const job = JSON.parse(process.argv[2] ?? "") as Job;
const outcome = await workOn(job);
process.send?.(outcome, () => process.disconnect());

async function workOn(given: Job): Promise<Outcome> {
  if (given.kind === "offline") return { kind: "offline", result: issuersOffline(given.options) };
  const { signatures } = given.kind === "run" ? given.options : given.base;
  return work(given, await loadEngine(signatures));
}

function work(job: Exclude<Job, { kind: "offline" }>, engine: Engine): Outcome {
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
