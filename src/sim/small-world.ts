/**
 * One run of a small world under a random workload and a random mix of faults, with what must hold
 * at its end: equal roots, no acknowledged write of a surviving author lost, nothing counted twice.
 */
import { TYPE_COUNTER, TYPE_MAP } from "../../assembly/layout.ts";
import { Random } from "../core/random.ts";
import type { Crypto } from "../core/trust/crypto.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { type SimNode, World, type WorldCounts, type WorldFaults } from "./world.ts";

export interface SmallWorldOptions {
  readonly seed: number;
  readonly kernels: Kernels;
  readonly crypto: Crypto;
  /** Default: drawn from the seed, 3 to 16. */
  readonly nodes?: number;
  readonly faults?: Partial<WorldFaults>;
  /** Virtual ms with faults and writes; default 3,000. */
  readonly stormMs?: number;
  readonly writesPerSecond?: number;
}

export interface SmallWorldResult {
  readonly seed: number;
  readonly nodes: number;
  readonly traceHash: string;
  readonly events: number;
  readonly counts: WorldCounts;
  readonly distinctRoots: number;
  /** What did not hold; empty when all is well. */
  readonly violations: readonly string[];
}

/** Virtual ms after the faults stop within which everything must agree. */
const QUIET_MS = 6_000;

/** Runs one seed. */
export function runSmallWorld(options: SmallWorldOptions): SmallWorldResult {
  const { seed, kernels, crypto } = options;
  const mix = Random.fromSeed((BigInt(seed) << 8n) | 9n);
  const nodes = options.nodes ?? 3 + mix.below(14);
  const stormMs = options.stormMs ?? 3_000;
  const faults: WorldFaults = {
    drop: mix.float() * 0.3,
    duplicate: mix.float() * 0.2,
    reorder: mix.float() * 0.5,
    reorderMs: 200,
    crashesPerSecond: mix.below(2) === 0 ? 0 : 0.2,
    downMs: 1_000,
    healAtMs: stormMs,
    ...options.faults,
  };
  const world = new World({ seed, nodes, kernels, crypto, faults });
  const ledger = new Ledger();
  const everyMs = 1000 / (options.writesPerSecond ?? 50);
  for (let atMs = 200; atMs < stormMs; atMs += everyMs) {
    world.at(atMs, () => writeSomething(world, ledger));
  }
  world.runUntil(stormMs + QUIET_MS);
  const roots = new Set(world.nodes.map((node) => node.core?.status().root ?? "down"));
  const violations = [...checkRoots(world), ...ledger.check(world)];
  const result = {
    seed,
    nodes,
    traceHash: world.trace.hash,
    events: world.trace.events,
    counts: world.counts,
    distinctRoots: roots.size,
    violations,
  };
  world.free();
  return result;
}

/** What each life of each author was told is accepted. */
class Ledger {
  readonly #counters = new Map<string, { node: SimNode; life: number; total: bigint }>();
  readonly #keys = new Map<string, { node: SimNode; life: number; value: number }>();

  added(node: SimNode, by: bigint): void {
    const key = `${node.index}.${node.life}`;
    const held = this.#counters.get(key) ?? { node, life: node.life, total: 0n };
    held.total += by;
    this.#counters.set(key, held);
  }

  wrote(node: SimNode, key: string, value: number): void {
    this.#keys.set(key, { node, life: node.life, value });
  }

  check(world: World): string[] {
    const violations: string[] = [];
    const reader = world.nodes[0];
    const replica = reader && world.read(reader, TYPE_COUNTER, "sum", "");
    if (reader === undefined || replica === undefined) return ["node 0 is down"];
    const { plus } = replica.counter("sum", "");
    let atLeast = 0n;
    let atMost = 0n;
    for (const { node, life, total } of this.#counters.values()) {
      atMost += total;
      // A crashed life may have lost what it had not sent; a life that goes on, nothing.
      if (node.life === life) atLeast += total;
    }
    if (plus < atLeast) violations.push(`counter lost: ${plus} of at least ${atLeast}`);
    if (plus > atMost) violations.push(`counter doubled: ${plus} of at most ${atMost}`);
    for (const [key, { node, life, value }] of this.#keys) {
      if (node.life !== life) continue;
      const entry = world.read(reader, TYPE_MAP, "own", key)?.mapGet("own", key);
      if (entry?.value[0] !== value) violations.push(`lost: ${key} = ${value}`);
    }
    return violations;
  }
}

function checkRoots(world: World): string[] {
  const first = world.nodes[0]?.core?.status();
  const violations: string[] = [];
  for (const node of world.nodes) {
    const status = node.core?.status();
    if (status === undefined) violations.push(`n${node.index} is down`);
    else if (status.frontierRoot !== first?.frontierRoot) {
      violations.push(`n${node.index} has another frontierRoot`);
    } else if (status.stateRoot !== first.stateRoot) {
      violations.push(`n${node.index} has another stateRoot at an equal frontierRoot`);
    }
  }
  return violations;
}

function writeSomething(world: World, ledger: Ledger): void {
  const { up, workload } = world;
  const node = up[workload.below(Math.max(1, up.length))];
  if (node === undefined) return;
  const value = workload.below(256);
  const element = `e${workload.below(8)}`;
  const bytes = Uint8Array.of(value);
  const key = `k${workload.below(8)}`;
  switch (workload.below(8)) {
    case 0: {
      const by = BigInt(1 + workload.below(9));
      if (world.write(node, { op: "counter.add", collection: "sum", key: "", by })) {
        ledger.added(node, by);
      }
      return;
    }
    case 1: {
      // One writer a key: the last accepted value must stand.
      const own = `${node.index}`;
      const write = { op: "map.set", collection: "own", key: own, codec: 0, value: bytes } as const;
      if (world.write(node, write)) ledger.wrote(node, own, value);
      return;
    }
    case 2:
      world.write(node, { op: "map.set", collection: "shared", key, codec: 0, value: bytes });
      return;
    case 3:
      world.write(node, { op: "map.delete", collection: "shared", key });
      return;
    case 4:
      world.write(node, { op: "set.add", collection: "tags", key: "", element });
      return;
    case 5:
      world.write(node, { op: "set.remove", collection: "tags", key: "", element });
      return;
    case 6: {
      const gauge = { value: BigInt(value) - 128n, weight: 1n };
      world.write(node, { op: "gauge.set", collection: "load", key: "", ...gauge });
      return;
    }
    default:
      world.write(node, { op: "register.set", collection: "r", key: "", codec: 0, value: bytes });
  }
}
