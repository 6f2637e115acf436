// Failure detection in a world with latency, loss and crashes (C4, C8).
import { describe, expect, it, onTestFinished } from "vitest";
import { CELLS } from "../../src/core/telemetry/cells.gen.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { GrownWorld } from "../support/grown-world.ts";

/** Time for a world to link up, and within which a crash must be known everywhere. */
const SETTLE_MS = 6_000;
const DETECT_MS = 5_000;

function settled(nodes: number, seed: number, loss = 0): GrownWorld {
  const world = new GrownWorld(nodes, seed);
  onTestFinished(() => world.free());
  if (loss > 0) world.disturb("drop", loss);
  world.run(SETTLE_MS);
  expect(new Set(given(world))).toEqual(new Set([0]));
  return world;
}

/** How many nodes hold how many others for unreachable. */
const given = (world: GrownWorld) => world.up.map(({ core }) => core?.status().unreachable ?? -1);

function crash(world: GrownWorld, index: number): SimNode {
  const victim = world.nodes[index] as SimNode;
  world.stop(victim, "crash");
  return victim;
}

describe("a crash", () => {
  it.each([
    [3, 1],
    [16, 2],
    [64, 3],
  ])("among %i nodes is known everywhere within five seconds", (nodes, seed) => {
    const world = settled(nodes, seed);
    const { id } = crash(world, nodes - 1);
    world.run(DETECT_MS);
    expect(given(world)).toEqual(new Array(nodes - 1).fill(1));
    const liveness = new Set(world.up.map(({ core }) => core?.liveness(id)));
    expect(liveness).toEqual(new Set(["unreachable"]));
  });

  it("is known within five seconds at 20 % loss as well, and no other member is given up", () => {
    const world = settled(32, 4, 0.2);
    crash(world, 31);
    world.run(DETECT_MS);
    expect(given(world)).toEqual(new Array(31).fill(1));
  });

  it("is forgotten everywhere within five seconds of the return", () => {
    const world = settled(16, 5);
    const victim = crash(world, 7);
    world.run(12_000);
    world.start(victim);
    world.run(DETECT_MS);
    expect(given(world)).toEqual(new Array(16).fill(0));
  });
});

function counted(world: GrownWorld, cell: "peerConvictions" | "peerSuspicions"): number {
  return world.nodes.reduce((sum, { core }) => sum + (core?.cells.get(CELLS[cell]) ?? 0), 0);
}

describe("loss of every fifth frame", () => {
  it("gives up nobody in a minute among 32 nodes, though some are suspected", () => {
    const world = settled(32, 2, 0.2);
    world.disturb("duplicate", 0.1);
    world.disturb("reorder", 0.1);
    world.run(60_000);
    expect(counted(world, "peerConvictions")).toBe(0);
    expect(counted(world, "peerSuspicions")).toBeGreaterThan(0);
  });
});

describe("a world at rest", () => {
  it("suspects nobody", () => {
    const world = settled(32, 7);
    world.run(60_000);
    expect(counted(world, "peerSuspicions")).toBe(0);
  });
});
