/**
 * Suite `mesh`: convergence of real processes (N6) and time to join (N19), over QUIC and TCP on
 * loopback. See bench/README.md for what each row means.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { shortHash } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { summarize } from "../lib/statistics.ts";
import {
  endFleet,
  type FleetOptions,
  measureConvergence,
  settled,
  startFleet,
} from "./convergence.ts";
import { type Fleet, workerOf } from "./fleet.ts";
import type { TransportKind } from "./messages.ts";

export async function runMeshSuite(options: SuiteOptions): Promise<Measured> {
  const results: Result[] = [];
  const ratios: Ratio[] = [];
  for (const transport of TRANSPORTS) {
    for (const nodes of NODE_COUNTS) {
      const label = `${nodes}-${transport}`;
      if (!label.includes(options.only)) continue;
      // A hundred nodes take half a minute to start: in a quick run, one transport has to do.
      if (options.quick && options.only === "" && label === SKIPPED_WHEN_QUICK) continue;
      const measured = await runFleet(transport, nodes, options);
      results.push(...measured.results);
      ratios.push(...measured.ratios);
    }
  }
  return { results, ratios };
}

async function runFleet(
  transport: TransportKind,
  nodes: number,
  { quick, note, profileDir }: SuiteOptions,
): Promise<Measured> {
  note(`${nodes} nodes in ${PROCESSES} processes over ${transport}: starting`);
  const fleetOptions: FleetOptions = { transport, processes: PROCESSES, nodes, profileDir };
  const { fleet, joinMs, seeds } = await startFleet(fleetOptions);
  try {
    const { warmup, writes } = (quick ? PLAN_QUICK : PLAN)[nodes > PROCESSES ? "many" : "few"];
    note(`${nodes} nodes over ${transport}: ${writes} writes`);
    const pauseMs = nodes > PROCESSES ? PAUSE_MANY_MS : PAUSE_MS;
    const convergence = await measureConvergence(fleet, { warmup, writes, pauseMs });
    const { samples, missed, hash } = convergence;
    const name = `convergence-${nodes}-${transport}`;
    const first = {
      results: [row(name, transport, nodes, samples, hash)],
      ratios: convergenceBudgets(name, nodes, samples, missed),
    };
    if (nodes > PROCESSES) return first;
    note(`${nodes} nodes over ${transport}: joins`);
    const joins = await measureJoins(fleet, { transport, seeds, rounds: quick ? 1 : 10 });
    return withJoins(first, { transport, nodes, warm: joins, cold: joinMs });
  } finally {
    await endFleet(fleet);
  }
}

/** N19: one more node joins through one seed, from a process that has joined before; then leaves. */
async function measureJoins(
  fleet: Fleet,
  options: {
    readonly transport: TransportKind;
    readonly seeds: readonly string[];
    readonly rounds: number;
  },
): Promise<number[]> {
  const { transport, seeds, rounds } = options;
  const samples: number[] = [];
  for (let i = 0; i < fleet.workers.length * (rounds + 1); i++) {
    const node = fleet.nodeCount + i;
    const worker = workerOf(fleet, node);
    const { ms } = await worker.ask({ kind: "join", node, transport, seeds });
    // The first round warms what only a second join in a process runs.
    if (i >= fleet.workers.length) samples.push(ms);
    await worker.ask({ kind: "leave", node });
    await sleep(JOIN_PAUSE_MS);
  }
  await settled(fleet);
  return samples;
}

function withJoins(
  measured: Measured,
  {
    transport,
    nodes,
    warm,
    cold,
  }: { transport: TransportKind; nodes: number; warm: number[]; cold: readonly number[] },
): Measured {
  const name = `join-${transport}`;
  const hash = shortHash(`${nodes} members`);
  const { p99 } = summarize(warm);
  return {
    results: [
      ...measured.results,
      row(name, transport, nodes, warm, hash),
      row(`${name}-first`, transport, nodes, cold, hash),
    ],
    ratios: [
      ...measured.ratios,
      { name: `${name} p99 ms`, value: p99, needed: "< 100" },
      { name: `${name}-first max ms`, value: summarize(cold).max, needed: "" },
    ],
  };
}

function convergenceBudgets(
  name: string,
  nodes: number,
  samples: readonly number[],
  missed: number,
): Ratio[] {
  const { p50, p99, max } = summarize(samples);
  const many = nodes > PROCESSES;
  return [
    { name: `${name} p50 ms`, value: p50, needed: many ? "" : "< 20" },
    { name: `${name} p99 ms`, value: p99, needed: "< 50" },
    { name: `${name} max ms`, value: max, needed: many ? "" : "< 50" },
    { name: `${name} writes not seen by all`, value: missed, needed: "= 0" },
  ];
}

function row(name: string, impl: string, n: number, all: readonly number[], hash: string): Result {
  const { p50, p99, samples } = summarize(all);
  return { name, impl, n, unit: "ms", p50, p99, samples, hash };
}

const TRANSPORTS: readonly TransportKind[] = ["quic", "tcp"];
const PROCESSES = 10;
const NODE_COUNTS: readonly number[] = [PROCESSES, 10 * PROCESSES];
/**
 * Writes of a fleet of one node a process (few) and of ten (many). Ten nodes in each of ten
 * processes run the same code equally often, so the engine compiles it in all ten at once: 260
 * functions, 0.4 s of both cores, when a process has seen its 510th delivery (--trace-opt), which
 * is write 51. The warm-up of many ends after that.
 */
const PLAN = { few: { warmup: 40, writes: 200 }, many: { warmup: 100, writes: 200 } };
const PLAN_QUICK = { few: { warmup: 20, writes: 50 }, many: { warmup: 60, writes: 20 } };
const SKIPPED_WHEN_QUICK = "100-tcp";
/**
 * Mean pause between writes, so that one has ended before the next begins. After a write every
 * node asks its peers whether they have it: with a hundred nodes on two cores these rounds take
 * about 300 ms of the machine, and a write in the midst of them would measure the queue.
 */
const PAUSE_MS = 80;
const PAUSE_MANY_MS = 500;
const JOIN_PAUSE_MS = 100;
