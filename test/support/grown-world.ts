/** Worlds of the simulator for tests that drive them by hand: grown, cut, lossy, and listened to. */
import type { Write } from "../../src/core/commands.ts";
import type { CoreConfig } from "../../src/core/core-state.ts";
import type { CoreEvent } from "../../src/core/outputs.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { type Cut, oneWayCut, partitionCut } from "../../src/sim/engine/cuts.ts";
import type { DisturbanceKind } from "../../src/sim/engine/network.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { nodesOf } from "../../src/sim/engine/node-set.ts";
import { World } from "../../src/sim/engine/world.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import { mapSet } from "./pair.ts";

const kernels = createKernels();
const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));

/** A change of health as seen from outside. */
export interface Noted {
  readonly atMs: number;
  readonly node: number;
  readonly event: CoreEvent;
}

export class GrownWorld extends World {
  readonly noted: Noted[];

  /** A mesh of `count` nodes that come one after another, in its fifth second. */
  constructor(count: number, seed: number, config: Partial<CoreConfig> = {}) {
    const noted: Noted[] = [];
    const event = ({ index }: SimNode, one: CoreEvent): void => {
      if (NOTED.has(one.kind)) noted.push({ atMs: this.nowMs, node: index, event: one });
    };
    const latency = { regions: 1, minMs: 1, maxMs: 10 };
    super({ seed, kernels, crypto, latency, loss: 0, config, observers: [{ event }] });
    this.noted = noted;
    for (let i = 0; i < count; i++) this.schedule(i * JOIN_EVERY_MS, () => this.add());
    this.run(count * JOIN_EVERY_MS + 4_000);
  }

  run(forMs: number): void {
    this.runUntil(this.nowMs + forMs);
  }

  /** From now on frames of every path are so disturbed, `p` of them. */
  disturb(kind: DisturbanceKind, p: number): void {
    const all = nodesOf("*");
    this.network.disturbances.add({ kind, src: all, dst: all, p, meanMs: 0, jitterMs: 0 });
  }

  /** A write at a node; whether it was accepted. */
  write(node: SimNode, write: Write = mapSet(`k${node.index}`, `${this.nowMs}`)): boolean {
    return this.command(node, { kind: "write", write })?.kind === "write";
  }

  get up(): SimNode[] {
    return this.nodes.filter(({ core }) => core !== undefined);
  }

  /** Nodes that refuse user writes. */
  get readOnly(): number[] {
    return this.up.filter(({ core }) => core?.readOnly).map(({ index }) => index);
  }

  get roots(): number {
    return new Set(this.up.map(({ core }) => core?.status().root)).size;
  }

  eventsOf(kind: CoreEvent["kind"], sinceMs = 0): Noted[] {
    return this.noted.filter(({ event, atMs }) => event.kind === kind && atMs >= sinceMs);
  }
}

/** Frames pass within each group only. */
export function cutBetween(first: readonly number[], second: readonly number[]): Cut {
  return partitionCut([namesOf(first), namesOf(second)]);
}

/** The first side is not heard by the second. */
export function oneWay(first: readonly number[], second: readonly number[]): Cut {
  return oneWayCut(namesOf(first), namesOf(second));
}

/** `first` to `last`, both included. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function namesOf(indices: readonly number[]) {
  return nodesOf(indices.map((index) => `n${index}`));
}

const NOTED: ReadonlySet<string> = new Set([
  "health:changed",
  "partition:detected",
  "partition:recovered",
]);
const JOIN_EVERY_MS = 5;
