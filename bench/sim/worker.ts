/**
 * One process of the sim bench: runs the job of its first argument and answers over IPC. A process
 * a job, so that no run inherits another's heap or compiled code.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { type Engine, loadEngine } from "../../src/cli/sim/engine.ts";
import { Progress } from "../../src/cli/sim/progress.ts";
import { noSamples } from "../../src/cli/sim/samples.ts";
import { HandlerTimes, type Stretch } from "../../src/sim/judges/handler-times.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import { sweep } from "../../src/sim/sweep.ts";
import { issuersOffline } from "../../test/support/issuers-offline.ts";
import type { Job, Outcome } from "./job.ts";

const job = JSON.parse(process.argv[2] ?? "") as Job;
const outcome = await workOn(job);
process.send?.(outcome, () => process.disconnect());

async function workOn(given: Job): Promise<Outcome> {
  if (given.kind === "offline") return { kind: "offline", result: issuersOffline(given.options) };
  const { signatures } = given.kind === "run" ? given.options : given.base;
  const engine = await loadEngine(signatures);
  const isTimed = given.kind === "run" && given.handlers === true;
  return isTimed ? timed(given.options, engine) : work(given, engine);
}

function work(job: Exclude<Job, { kind: "offline" }>, engine: Engine): Outcome {
  if (job.kind === "sweep") {
    const { base, from, to } = job;
    const startedAt = performance.now();
    const result = sweep(base, { from, to, run: (options) => engine(options) });
    return { kind: "sweep", base, result, tookMs: performance.now() - startedAt };
  }
  const { options, withinMs } = job;
  // A row may take an hour: whoever waits for it sees how far it is.
  const progress = new Progress(process.stderr);
  const lastsMs = options.durationMs ?? 0;
  const onProgress = (virtualMs: number) => {
    const done = `${Math.round(virtualMs / 1_000)} of ${lastsMs / 1_000} virtual s`;
    progress.show(virtualMs / lastsMs, done);
  };
  const samples = noSamples();
  const result = engine(options, { onProgress, ...(withinMs === undefined ? {} : { samples }) });
  if (withinMs === undefined) return { kind: "run", options, result, withinPercent: undefined };
  const within = samples.convergence.filter(({ tookMs }) => tookMs < withinMs).length;
  // Of all that were followed: a write that never reached everybody is not within anything.
  const followed = result.convergence.samples + result.convergence.unfinished;
  const withinPercent = (100 * within) / Math.max(1, followed);
  return { kind: "run", options, result, withinPercent };
}

/** A run whose handlers are timed; what the garbage collector took of them is nobody's work. */
async function timed(options: SimOptions, engine: Engine): Promise<Outcome> {
  const pauses: Stretch[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      pauses.push({ fromMs: startTime, tookMs: duration });
    }
  });
  observer.observe({ type: "gc" });
  const handlers = new HandlerTimes({ wall: () => performance.now(), cpu: threadMs });
  const result = engine(options, { handlers });
  // The collector's entries come when the run has let go of the thread.
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  observer.disconnect();
  const told = { count: handlers.count, slowMs: handlers.ownMs(pauses) };
  return { kind: "run", options, result, withinPercent: undefined, handlers: told };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
