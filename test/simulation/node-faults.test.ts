// What the faults of nodes do, in a world of five.
import { beforeEach, describe, expect, it } from "vitest";
import { createKernels } from "../../src/kernels/index.ts";
import { injectFaults } from "../../src/sim/engine/inject.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { Workload } from "../../src/sim/engine/workload.ts";
import { World } from "../../src/sim/engine/world.ts";
import { Writes } from "../../src/sim/engine/writes.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";

const kernels = createKernels();
const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));

describe("a node", () => {
  let world: World;
  let node: SimNode;
  /** World ms at which each frame was handed to the node's core. */
  let handled: number[];

  beforeEach(() => {
    handled = [];
    const frame = (to: SimNode): void => {
      if (to.index === 4) handled.push(world.nowMs);
    };
    const latency = { regions: 1, minMs: 1, maxMs: 10 };
    const observers = [{ frame }];
    world = new World({ seed: 2, kernels, crypto, latency, loss: 0, config: {}, observers });
    for (let i = 0; i < 5; i++) world.add();
    world.runUntil(5_000);
    const last = world.nodes[4];
    if (last === undefined) throw new Error("five nodes were added");
    node = last;
    return () => world.free();
  });

  function apply(...faults: readonly Fault[]): void {
    const writes = new Writes();
    const workload = new Workload(world, writes, () => undefined);
    injectFaults(faults, { world, workload, writes, startMs: world.nowMs });
  }

  /** Who still holds a link to the node. */
  function linked(): number {
    return world.nodes.filter((other) => other.links.has(node.index)).length;
  }

  it("that has crashed is linked at its peers until the idle timeout", () => {
    apply({ at: 0, do: "node.crash", node: "n4" });
    world.runUntil(world.nowMs + 5_000);
    expect(node.core).toBeUndefined();
    expect(linked()).toBe(4);
    world.runUntil(world.nowMs + 15_001);
    expect(linked()).toBe(0);
  });

  it("that leaves is gone from its peers at once", () => {
    apply({ at: 0, do: "node.leave", node: "n4" });
    world.runUntil(world.nowMs + 1_000);
    expect(linked()).toBe(0);
  });

  it("that has restarted is another incarnation, linked again", () => {
    const { life } = node;
    apply({ at: 0, do: "node.restart", node: "n4", disk: "lost" });
    world.runUntil(world.nowMs + 3_000);
    expect(node.life).toBe(life + 1);
    expect(linked()).toBe(4);
  });

  it("that is paused handles nothing, and then everything that has come", () => {
    const startMs = world.nowMs;
    apply({ at: 0, do: "node.pause", node: "n4", for: 2_000 });
    world.runUntil(startMs + 1_999);
    const waiting = node.backlog.length;
    expect(waiting).toBeGreaterThan(0);
    expect(handled.filter((atMs) => atMs > startMs)).toEqual([]);
    world.runUntil(startMs + 2_000);
    expect(node.backlog).toHaveLength(0);
    expect(handled.filter((atMs) => atMs === startMs + 2_000).length).toBeGreaterThan(0);
  });

  it("that is slow handles one frame in each service time", () => {
    const startMs = world.nowMs;
    apply({ at: 0, do: "node.slow", node: "n4", factor: 200, for: 3_000 });
    world.runUntil(startMs + 3_000);
    const late = handled.filter((atMs) => atMs > startMs);
    expect(late.length).toBeGreaterThan(1);
    const gaps = late.slice(1).map((atMs, i) => atMs - (late[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10 - 1e-6);
  });

  it("whose clock jumps or drifts keeps its monotonic time", () => {
    const before = node.now(world.nowMs);
    apply(
      { at: 0, do: "clock.jump", node: "n4", ms: -100 },
      { at: 0, do: "clock.skew", node: "n4", ppm: 1_000 },
      { at: 1_000, do: "clock.skew", node: "n4", ppm: 0 },
    );
    world.runUntil(world.nowMs + 2_000);
    const after = node.now(world.nowMs);
    expect(after.monoMs - before.monoMs).toBe(2_000);
    expect(after.wallMs - before.wallMs).toBeCloseTo(2_000 - 100 + 1, 6);
  });
});
