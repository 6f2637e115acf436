/** Runs a job in a process of its own. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Job, Outcome } from "./job.ts";

/** @throws Error when the process ends without an answer. */
export async function runJob(job: Job, profileDir: string | undefined): Promise<Outcome> {
  const profiling = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const child = fork(WORKER, [JSON.stringify(job)], {
    // Exposed, so that the heap is measured after a collection.
    execArgv: ["--expose-gc", `--max-old-space-size=${OLD_SPACE_MIB}`, ...profiling],
  });
  let outcome: Outcome | undefined;
  child.on("message", (message) => {
    outcome = message as Outcome;
  });
  const [code] = await once(child, "exit");
  if (outcome === undefined) throw new Error(`the process of a row ended with code ${code}`);
  return outcome;
}

const WORKER = join(import.meta.dirname, "worker.ts");
/** Ten thousand nodes need more than V8's default. */
const OLD_SPACE_MIB = 12_288;
