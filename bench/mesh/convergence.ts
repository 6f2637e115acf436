/**
 * N6: one write, seen by every other node. A write is stamped with CLOCK_MONOTONIC
 * (process.hrtime.bigint()) just before `map.set`; every other node takes the same clock, which is
 * one for all processes of a machine, when its own watch shows the value. The sample is the
 * slowest node of that write. A write that some node never showed is counted apart.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { shortHash } from "../lib/micro.ts";
import { askAll, type Fleet, startWorker, workerOf } from "./fleet.ts";
import { contentText, type Sightings, type TransportKind } from "./messages.ts";

export interface FleetOptions {
  readonly transport: TransportKind;
  readonly processes: number;
  readonly nodes: number;
  readonly profileDir: string | undefined;
}

export interface Convergence {
  /** Slowest node of each write, in ms; warm-up left out. */
  readonly samples: readonly number[];
  /** Writes that some node did not show. */
  readonly missed: number;
  /** Of the map's content, equal on all nodes. */
  readonly hash: string;
}

/**
 * Forks the workers and joins the nodes one after another through one seed; resolves when all
 * know each other and agree. The joins' times are the first of their process up to node
 * `processes - 1`.
 */
export async function startFleet(options: FleetOptions): Promise<{
  readonly fleet: Fleet;
  readonly joinMs: readonly number[];
  readonly seeds: readonly string[];
}> {
  const { transport, processes, nodes, profileDir } = options;
  const workers = Array.from({ length: processes }, () => startWorker(profileDir));
  const fleet: Fleet = { workers, nodeCount: nodes };
  // Loading the modules is not part of joining: an answered ask shows that they are loaded.
  await askAll(fleet, { kind: "status" });
  const joinMs: number[] = [];
  let seeds: readonly string[] = [];
  for (let node = 0; node < nodes; node++) {
    const joined = await workerOf(fleet, node).ask({ kind: "join", node, transport, seeds });
    if (node === 0) seeds = joined.addresses.slice(0, 1);
    else joinMs.push(joined.ms);
  }
  await settled(fleet);
  return { fleet, joinMs, seeds };
}

export interface WriteOptions {
  /** First writes, while the workers' code is still being compiled: left out of the samples. */
  readonly warmup: number;
  readonly writes: number;
  /** Mean pause between two writes. */
  readonly pauseMs: number;
}

/** Writes from random nodes, one at a time, and what everybody saw of them. */
export async function measureConvergence(
  fleet: Fleet,
  options: WriteOptions,
): Promise<Convergence> {
  const random = xorshift32(SEED);
  const origins = new Map<number, number>();
  for (let write = 0; write < options.warmup + options.writes; write++) {
    const node = random() % fleet.nodeCount;
    origins.set(write, node);
    await workerOf(fleet, node).ask({ kind: "write", node, write });
    // A varying pause, or the writes would keep step with the rounds' timer.
    await sleep(options.pauseMs * (0.75 + (random() % 1024) / 2048));
  }
  await settled(fleet);
  const sightings = await askAll(fleet, { kind: "collect" });
  const hash = contentHash(sightings, shortHash(contentText(origins)));
  return { ...slowest(sightings, origins, options.warmup), hash };
}

export async function endFleet({ workers }: Fleet): Promise<void> {
  await Promise.all(workers.map((worker) => worker.end()));
}

/** Waits until every node knows every other and all roots are equal. */
export async function settled(fleet: Fleet): Promise<void> {
  const deadline = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const statuses = await askAll(fleet, { kind: "status" });
    const roots = new Set(statuses.map(({ root }) => root));
    const members = statuses.every((status) => status.members === fleet.nodeCount);
    if (members && roots.size === 1) break;
    if (performance.now() > deadline) {
      throw new Error(`${roots.size} roots after ${SETTLE_MS_MAX} ms; all members: ${members}`);
    }
    await sleep(POLL_MS);
  }
  await sleep(QUIET_MS);
}

/** @throws Error when a node holds something else than was written. */
function contentHash(sightings: readonly Sightings[], expected: string): string {
  for (const { node, contentHash: got } of sightings) {
    if (got !== expected) throw new Error(`node ${node} holds ${got}, expected ${expected}`);
  }
  return expected;
}

function slowest(
  sightings: readonly Sightings[],
  origins: ReadonlyMap<number, number>,
  warmup: number,
): { readonly samples: readonly number[]; readonly missed: number } {
  const worst = new Map<number, { ms: number; nodes: number }>();
  for (const [write, ms] of sightings.flatMap(({ seen }) => seen)) {
    const entry = worst.get(write) ?? { ms: 0, nodes: 0 };
    worst.set(write, { ms: Math.max(entry.ms, ms), nodes: entry.nodes + 1 });
  }
  const samples: number[] = [];
  let missed = 0;
  for (const write of origins.keys()) {
    if (write < warmup) continue;
    const entry = worst.get(write);
    if (entry?.nodes === sightings.length - 1) samples.push(entry.ms);
    else missed += 1;
  }
  return { samples, missed };
}

/** Marsaglia's xorshift32: the same writers in every run. */
function xorshift32(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const SEED = 0x6b6e686b;
const SETTLE_MS_MAX = 30_000;
const POLL_MS = 100;
/** Pause after settling: timers of the joins (dial grace, member exchange) run out. */
const QUIET_MS = 1_000;
