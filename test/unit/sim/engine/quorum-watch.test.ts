// P3: who has had a quorum since the heal is writable in time; who has none is rightly not.
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

/** Four nodes, two and two for two seconds; what the watch finds in nine seconds after the heal. */
function found(atHeal: (world: World) => void): string[] {
  const observers: Observer[] = [];
  const latency = { regions: 1, minMs: 1, maxMs: 10 };
  const world = new World({ seed: 1, kernels, crypto, latency, loss: 0, config: {}, observers });
  const watch = new QuorumWatch(world);
  observers.push(watch);
  for (let i = 0; i < 4; i++) world.schedule(i * 5, () => world.add());
  world.runUntil(8_000);
  watch.begin();
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
