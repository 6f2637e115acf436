/** A simulated mesh that has met and is at rest, for tests that look into its nodes. */
import type { CoreConfig } from "../../src/core/core-state.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { injectFaults } from "../../src/sim/engine/inject.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { Workload } from "../../src/sim/engine/workload.ts";
import { World } from "../../src/sim/engine/world.ts";
import type { WorldAdmission, WorldOptions } from "../../src/sim/engine/world-options.ts";
import { Writes } from "../../src/sim/engine/writes.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";

const JOIN_EVERY_MS = 5;
const REST_MS = 5_000;

export interface SmallMeshOptions {
  readonly seed?: number;
  readonly config?: Partial<CoreConfig>;
  /** Admission by certificate, made with what the world signs and hashes with. */
  readonly admission?: (deps: Pick<WorldOptions, "kernels" | "crypto">) => WorldAdmission;
}

export class SmallMesh {
  readonly world: World;
  readonly #writes = new Writes();
  readonly #workload: Workload;

  constructor(nodes: number, options: SmallMeshOptions = {}) {
    const kernels = createKernels();
    const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));
    const { seed = 1, config = {}, admission } = options;
    this.world = new World({
      seed,
      kernels,
      crypto,
      latency: { regions: 1, minMs: 1, maxMs: 10 },
      loss: 0,
      config,
      observers: [],
      ...(admission === undefined ? {} : { admission: admission({ kernels, crypto }) }),
    });
    this.#workload = new Workload(this.world, this.#writes, () => undefined);
    for (let i = 0; i < nodes; i++) {
      this.world.schedule(i * JOIN_EVERY_MS, () => this.world.add());
    }
    this.run(REST_MS);
  }

  /** Faults and operations, their times from now on. */
  apply(...faults: readonly Fault[]): void {
    const { world } = this;
    injectFaults(faults, {
      world,
      workload: this.#workload,
      writes: this.#writes,
      startMs: world.nowMs,
    });
  }

  run(forMs: number): void {
    this.world.runUntil(this.world.nowMs + forMs);
  }

  node(index: number): SimNode {
    const node = this.world.node(index);
    if (node === undefined) throw new Error(`there is no n${index}`);
    return node;
  }

  /** Those that run and never lied. */
  get correct(): SimNode[] {
    return this.world.nodes.filter((node) => node.isCorrect(this.world.nowMs));
  }

  /** The replica of a node, its own writes in it. */
  read(node: SimNode, type: number, collection: string, key?: string) {
    const replica = node.core?.read(type, collection, key, node.now(this.world.nowMs));
    this.world.drain(node, undefined);
    if (replica === undefined) throw new Error(`${node.name} does not run`);
    return replica;
  }

  statuses(nodes: readonly SimNode[] = this.correct) {
    return nodes.flatMap(({ core }) => core?.status() ?? []);
  }

  /** How many roots the correct nodes have. */
  get roots(): number {
    return new Set(this.statuses().map(({ root }) => root)).size;
  }
}
