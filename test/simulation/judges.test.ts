// The judges of a run: each finds its defect in a planted world, and blames nobody for what follows
// from the faults themselves.
import { describe, expect, it } from "vitest";
import { createKernels } from "../../src/kernels/index.ts";
import { World } from "../../src/sim/engine/world.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";
import { runSim, type SimDeps } from "../../src/sim/run.ts";
import { bentKernels } from "../support/bent-kernels.ts";

const BASE: SimOptions = { seed: 5, nodes: 7, durationMs: 8_000 };
const HALVES: Fault = {
  at: 1_000,
  do: "net.partition",
  groups: [
    ["n0", "n1", "n2"],
    ["n3", "n4", "n5", "n6"],
  ],
  for: 8_000,
};

function run(more: Partial<SimOptions>, deps?: SimDeps): SimResult {
  return runSim({ ...BASE, ...more }, deps);
}

function broken(result: SimResult): Set<string> {
  return new Set(result.violations.map(({ invariant }) => invariant));
}

describe("a judge finds", () => {
  it("nodes that stay writable without a quorum (P1), on several sides of a cut (P4)", () => {
    const result = run({ faults: [HALVES] }, { config: { whenPartitioned: "available" } });
    expect([...broken(result)]).toEqual(expect.arrayContaining(["P1", "P4"]));
  });

  it("a key that nobody wrote (S2)", () => {
    const kernels = bentKernels(1, (replica) => ({
      mapKeys: (collection) => [...replica.mapKeys(collection), "ghost"],
    }));
    expect(broken(run({}, { kernels }))).toContain("S2");
  });

  it("a frontier that goes back (S5)", () => {
    let reads = 0;
    const kernels = bentKernels(1, (replica) => ({
      get frontier() {
        const { frontier } = replica;
        return Object.create(frontier, {
          get: { value: (row: number) => Math.max(0, frontier.get(row) - (reads++ % 2)) },
        });
      },
    }));
    expect(broken(run({}, { kernels }))).toContain("S5");
  });

  it("a merge that depends on the order (S3)", () => {
    // The replica that is opened after those of the seven nodes merges all once more; this one
    // takes the first half of what it is given alone.
    const kernels = bentKernels(7, (replica) => ({
      frameApply: (scan, bytes, verdicts) =>
        replica.frameApply(scan, bytes, verdicts.fill(0, scan.count >> 1)),
    }));
    expect([...broken(run({}, { kernels }))]).toEqual(["S3"]);
  });

  it("roots that never meet after a heal, and says how long in numbers (C1)", () => {
    const kernels = bentKernels(1, () => ({ root: () => new Uint8Array(32) }));
    const cut: Fault = { ...HALVES, for: 2_000 };
    // Roots must meet before the workload, or the run says so and goes on.
    const result = run({ faults: [cut] }, { kernels });
    expect(broken(result)).toContain("C1");
    expect(result.partition.recoveredMs.max).toBeGreaterThanOrEqual(5_000);
    expect(JSON.stringify(result)).not.toContain("null");
  });
});

describe("a judge accepts", () => {
  it("read-only nodes at the end, where too many have died for a quorum", () => {
    const dead = ["n1", "n2", "n3", "n4"];
    const result = run({ faults: [{ at: 1_000, do: "node.crash", node: dead }] });
    expect(result.refused).toBeGreaterThan(0);
    expect(result.violations).toEqual([]);
  });

  it("operations of a fault file in the workload's own collections", () => {
    const faults: Fault[] = [
      { at: 100, do: "op.inc", src: "n1", collection: "shared", key: "mine", by: 3 },
      { at: 200, do: "op.set", src: "n1", collection: "tracked", key: "mine", value: 1 },
    ];
    expect(run({ faults, durationMs: 1_000 }).violations).toEqual([]);
  });

  it("that nodes which are cut off do not notice a crash on the other side", () => {
    const others = Array.from({ length: 9 }, (_, i) => `n${i + 1}`);
    const faults: Fault[] = [
      { at: 1_000, do: "net.partition", groups: ["n0", others], for: 20_000 },
      { at: 2_000, do: "node.crash", node: "n4" },
    ];
    const { detectedMs } = run({ nodes: 10, faults }).failure;
    expect(detectedMs).toBeGreaterThan(0);
    expect(detectedMs).toBeLessThan(5_000);
  });

  it.each([
    [119, 10, "a member left where the others could not hear it"],
    [139, 10, "a member left where the others could not hear it"],
    [57, 10, "a short stop of one node came just before a cut"],
    [10, 3, "a quorum would have needed a node that had just begun"],
    [45, 10, "every path was too slow for a roll call at the heal"],
  ])("storm %i of %i nodes: %s", (seed, nodes) => {
    const result = runSim({ seed, nodes, durationMs: 60_000, profile: "storm" });
    expect(result.violations).toEqual([]);
  });
});

describe("an equivocator", () => {
  it("gets two branches of one seq accepted in the two halves, and is expunged by all", () => {
    const kernels = createKernels();
    const crypto = createFakeCrypto((bytes) => kernels.blake3(bytes));
    const branches = new Set<number | undefined>();
    const world = new World({
      seed: 1,
      kernels,
      crypto,
      latency: { regions: 1, minMs: 1, maxMs: 10 },
      loss: 0,
      config: {},
      observers: [
        {
          event: (_, event) => {
            if (event.kind !== "changes") return;
            for (const { collection, live, payload } of event.changes) {
              if (collection === "forks" && live) branches.add(payload[0]);
            }
          },
        },
      ],
    });
    for (let i = 0; i < 7; i++) world.schedule(i * 5, () => world.add());
    world.runUntil(5_000);
    const [, , , liar] = world.nodes;
    if (liar === undefined) throw new Error("no fourth node");
    world.misbehaviour.begin(liar, "equivocate");
    world.runUntil(world.nowMs + 3_000);
    expect(branches).toEqual(new Set([0, 1]));
    const others = world.nodes.filter((node) => node !== liar);
    expect(new Set(others.map(({ core }) => core?.status().root))).toHaveProperty("size", 1);
    for (const { core } of others) {
      expect(core?.proofs.map(([author]) => author)).toEqual([liar.id]);
    }
    world.free();
  });
});
