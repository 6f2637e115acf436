/**
 * Suite `durability`: writes through one of four real processes with durable stores, by
 * acknowledgement level, alone and under load. See bench/README.md for what each row means.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ack } from "../../src/node/api/host.ts";
import { shortHash } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { summarize } from "../lib/statistics.ts";
import { Worker } from "../lib/worker.ts";
import type { AnswerOf, Ask } from "./messages.ts";

type NodeWorker = Worker<Ask, AnswerOf>;

export async function runDurabilitySuite(options: SuiteOptions): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "knhk-mesh-bench-"));
  const workers = Array.from(
    { length: PROCESSES },
    () => new Worker<Ask, AnswerOf>(WORKER, options.profileDir),
  );
  try {
    options.note(`${PROCESSES} processes, stores in ${folder}`);
    await startAll(workers, folder);
    const results: Result[] = [];
    const ratios: Ratio[] = [];
    for (const plan of PLANS) {
      if (!plan.name.includes(options.only)) continue;
      options.note(plan.name);
      const measured = await runLoad(workers, plan, options.quick);
      results.push(measured.result);
      ratios.push(...measured.ratios);
    }
    return { results, ratios };
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    rmSync(folder, { recursive: true });
  }
}

async function startAll(workers: readonly NodeWorker[], folder: string): Promise<void> {
  let seeds: readonly string[] = [];
  for (const [i, worker] of workers.entries()) {
    const dataDir = join(folder, `node-${i}`);
    const addresses = await worker.ask({ kind: "join", dataDir, seeds });
    if (i === 0) seeds = addresses;
  }
  await settled(workers);
}

async function runLoad(workers: readonly NodeWorker[], plan: Plan, quick: boolean) {
  const { name, ack, lanes, needed } = plan;
  const [writer] = workers;
  if (writer === undefined) throw new Error("a bench needs a worker");
  const [warmupMs, measuredMs] = quick ? [1_000, 2_000] : [3_000, 10_000];
  const { operations, elapsedMs, latenciesMs } = await writer.ask({
    kind: "load",
    ack,
    lanes,
    warmupMs,
    measuredMs,
  });
  const endMs = performance.now();
  const roots = await settled(workers);
  const agreedMs = Math.round(performance.now() - endMs);
  const { p50, p99, max, samples } = summarize(latenciesMs);
  const hash = shortHash(`${roots} root`);
  const result: Result = { name, impl: "sqlite", n: lanes, unit: "ms", p50, p99, samples, hash };
  const perSecond = Math.round(operations / (elapsedMs / 1_000));
  const ratios: Ratio[] = [
    { name: `${name} operations/s`, value: perSecond, needed },
    { name: `${name} p99 ms`, value: p99, needed: "" },
    { name: `${name} max ms`, value: max, needed: "" },
    { name: `${name} then all agree after ms`, value: agreedMs, needed: "" },
  ];
  return { result, ratios };
}

/** Waits until all are linked and show one root; how many roots there are: one. */
async function settled(workers: readonly NodeWorker[]): Promise<number> {
  for (let waitedMs = 0; waitedMs < SETTLE_MS; waitedMs += POLL_MS) {
    const statuses = await Promise.all(workers.map((worker) => worker.ask({ kind: "status" })));
    const roots = new Set(statuses.map(({ root }) => root));
    const stores = new Set(statuses.map(({ store }) => store));
    if (stores.size !== 1 || !stores.has("sqlite")) throw new Error("a store is not durable");
    const linked = statuses.every(({ reachable }) => reachable === workers.length);
    if (linked && roots.size === 1) return roots.size;
    await sleep(POLL_MS);
  }
  throw new Error("the nodes do not agree");
}

interface Plan {
  readonly name: string;
  readonly ack: Ack;
  readonly lanes: number;
  /** Operations a second. */
  readonly needed: string;
}

const PROCESSES = 4;
const PLANS: readonly Plan[] = [
  { name: "local-alone", ack: "local", lanes: 1, needed: "" },
  { name: "durable-alone", ack: "durable", lanes: 1, needed: "" },
  { name: "region-alone", ack: "region", lanes: 1, needed: "" },
  { name: "durable-load", ack: "durable", lanes: 1_024, needed: ">= 5000" },
  { name: "region-load", ack: "region", lanes: 1_024, needed: "" },
  { name: "local-load", ack: "local", lanes: 4_096, needed: ">= 100000" },
];
const SETTLE_MS = 60_000;
const POLL_MS = 50;
const WORKER = join(import.meta.dirname, "worker.ts");
