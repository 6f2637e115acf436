// P3: who has had a quorum since the heal is writable in time; who has none is rightly not. P2: who
// has one, by links that it has had the time to make, is never read-only.
import { describe, expect, it } from "vitest";
import { createKernels } from "../../../../src/kernels/index.ts";
import { partitionCut } from "../../../../src/sim/engine/cuts.ts";
import { nodesOf } from "../../../../src/sim/engine/node-set.ts";
import type { Observer } from "../../../../src/sim/engine/observer.ts";
import { QuorumWatch } from "../../../../src/sim/engine/quorum-watch.ts";
import { World } from "../../../../src/sim/engine/world.ts";
import { createFakeCrypto } from "../../../../src/sim/fake-crypto.ts";

const kernels = createKernels();
const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));

/** So many nodes, whole for eight seconds. */
function watched(nodes: number): { readonly world: World; readonly watch: QuorumWatch } {
  const observers: Observer[] = [];
  const latency = { regions: 1, minMs: 1, maxMs: 10 };
  const world = new World({ seed: 1, kernels, crypto, latency, loss: 0, config: {}, observers });
  const watch = new QuorumWatch(world);
  observers.push(watch);
  for (let i = 0; i < nodes; i++) world.schedule(i * 5, () => world.add());
  world.runUntil(8_000);
  watch.begin();
  return { world, watch };
}

/** Four nodes, two and two for two seconds; what the watch finds in nine seconds after the heal. */
function found(atHeal: (world: World) => void): string[] {
  const { world, watch } = watched(4);
  const cut = partitionCut([nodesOf(["n0", "n1"]), nodesOf(["n2", "n3"])]);
  world.network.cuts.add(cut);
  world.observers.cutsChanged();
  world.runUntil(10_000);
  atHeal(world);
  world.network.cuts.remove(cut);
  world.observers.cutsChanged();
  world.runUntil(19_000);
  world.free();
  return watch.violations.map(({ invariant }) => invariant);
}

describe("a node that is read-only long after a heal", () => {
  it("breaks P3 where it has a quorum", () => {
    const broken = found(({ nodes: [first] }) => {
      Object.defineProperty(first?.core, "readOnly", { get: () => true });
    });
    expect(broken).toEqual(["P3"]);
  });

  it("breaks nothing where too many others are down for one", () => {
    const broken = found((world) => {
      for (const node of world.nodes.slice(2)) world.stop(node, "crash");
    });
    expect(broken).toEqual([]);
  });
});

/** Of three nodes one is cut off and heals; so long after, another is gone and the third read-only. */
function alarmed(afterHealMs: number): string[] {
  const { world, watch } = watched(3);
  const cut = partitionCut([nodesOf("n1"), nodesOf(["n0", "n2"])]);
  world.network.cuts.add(cut);
  world.observers.cutsChanged();
  world.runUntil(12_000);
  world.network.cuts.remove(cut);
  world.observers.cutsChanged();
  world.runUntil(12_000 + afterHealMs);
  const [first, , last] = world.nodes;
  if (last !== undefined) world.stop(last, "crash");
  world.runUntil(12_100 + afterHealMs);
  Object.defineProperty(first?.core, "readOnly", { get: () => true });
  world.runUntil(14_000 + afterHealMs);
  world.free();
  return watch.violations.map(({ invariant }) => invariant);
}

describe("a node that is read-only while enough others can be reached", () => {
  it("breaks P2 where it has had the time to link with them", () => {
    expect(alarmed(6_000)).toEqual(["P2"]);
  });

  it("breaks nothing where it takes one whose path has only just healed", () => {
    expect(alarmed(1_000)).toEqual([]);
  });
});
