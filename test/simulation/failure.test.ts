// Failure detection in a world with latency, loss and crashes (C4, C8).
import { describe, expect, it } from "vitest";
import { CELLS } from "../../src/core/telemetry/cells.gen.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import { World, type WorldFaults } from "../../src/sim/world.ts";

const kernels = createKernels();
const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));
const NEVER_MS = 1e12;
const CALM: WorldFaults = {
  drop: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 0,
  crashesPerSecond: 0,
  downMs: NEVER_MS,
  healAtMs: NEVER_MS,
};
/** Time for a world to link up, and within which a crash must be known everywhere. */
const SETTLE_MS = 10_000;
const DETECT_MS = 5_000;

function world(nodes: number, seed: number, faults: Partial<WorldFaults> = {}): World {
  const options = { seed, nodes, kernels, crypto, faults: { ...CALM, ...faults } };
  return new World({ ...options, config: { viewSize: 8 } });
}

/** How many nodes hold how many others for unreachable. */
const given = (of: World) => of.up.map(({ core }) => core?.status().unreachable ?? -1);

describe("a crash", () => {
  it.each([
    [3, 1],
    [16, 2],
    [64, 3],
  ])("among %i nodes is known everywhere within five seconds", (nodes, seed) => {
    const each = world(nodes, seed);
    each.runUntil(SETTLE_MS);
    expect(new Set(given(each))).toEqual(new Set([0]));
    const victim = each.nodes[nodes - 1];
    if (victim !== undefined) each.crash(victim);
    each.runUntil(SETTLE_MS + DETECT_MS);
    expect(given(each)).toEqual(new Array(nodes - 1).fill(1));
    expect(each.up.map(({ core }) => core?.liveness(victim?.id ?? ""))).toEqual(
      new Array(nodes - 1).fill("unreachable"),
    );
    each.free();
  });

  it("is known within five seconds at 20 % loss as well, and no other member is given up", () => {
    const each = world(32, 4, { drop: 0.2 });
    each.runUntil(2 * SETTLE_MS);
    expect(new Set(given(each))).toEqual(new Set([0]));
    const victim = each.nodes[31];
    if (victim !== undefined) each.crash(victim);
    each.runUntil(2 * SETTLE_MS + DETECT_MS);
    expect(given(each)).toEqual(new Array(31).fill(1));
    each.free();
  });

  it("is forgotten everywhere within five seconds of the return", () => {
    const each = world(16, 5, { downMs: 12_000 });
    each.runUntil(SETTLE_MS);
    const victim = each.nodes[7];
    if (victim !== undefined) each.crash(victim);
    each.runUntil(SETTLE_MS + 12_000 + DETECT_MS);
    expect(given(each)).toEqual(new Array(16).fill(0));
    each.free();
  });
});

describe("loss of every fifth frame", () => {
  it("gives up nobody in a minute among 32 nodes, though some are suspected", () => {
    const each = world(32, 6, { drop: 0.2, duplicate: 0.1, reorder: 0.1, reorderMs: 50 });
    each.runUntil(SETTLE_MS + 60_000);
    const cells = (name: "peerConvictions" | "peerSuspicions") =>
      each.nodes.reduce((sum, { core }) => sum + (core?.cells.get(CELLS[name]) ?? 0), 0);
    expect(cells("peerConvictions")).toBe(0);
    expect(cells("peerSuspicions")).toBeGreaterThan(0);
    each.free();
  });
});

describe("a world at rest", () => {
  it("suspects nobody", () => {
    const each = world(32, 7);
    each.runUntil(SETTLE_MS + 60_000);
    const suspicions = each.nodes.map(({ core }) => core?.cells.get(CELLS.peerSuspicions));
    expect(suspicions).toEqual(new Array(32).fill(0));
    each.free();
  });
});
