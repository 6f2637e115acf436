// Whole runs of the engine: a function of their options, and judged by what truly happened.
import { describe, expect, it } from "vitest";
import type { Replica } from "../../src/kernels/kernels.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";
import { runSim } from "../../src/sim/run.ts";
import { bentKernels } from "../support/bent-kernels.ts";

const BASE: SimOptions = { seed: 5, nodes: 7, durationMs: 10_000 };

function run(more: Partial<SimOptions> = {}): SimResult {
  return runSim({ ...BASE, ...more });
}

/** What two runs of one world must share; times of the machine and its heap left out. */
function fingerprint({ traceHash, convergence, network, acknowledged }: SimResult) {
  return { traceHash, convergence, network, acknowledged };
}

describe("a run is a function of its options", () => {
  it("twice the same gives the same", () => {
    expect(fingerprint(run({ profile: "storm" }))).toEqual(fingerprint(run({ profile: "storm" })));
  });

  it("with Wasm and reference kernels, too", () => {
    const [wasm, reference] = (["wasm", "reference"] as const).map((kernels) =>
      fingerprint(run({ kernels, profile: "lossy" })),
    );
    expect(wasm).toEqual(reference);
  });

  it("and another seed gives another", () => {
    expect(run().traceHash).not.toBe(run({ seed: 6 }).traceHash);
  });
});

describe("a calm run", () => {
  const result = run({ nodes: 20 });

  it("breaks nothing, loses nothing and ends in one state", () => {
    expect(result).toMatchObject({ violations: [], lost: 0, refused: 0, distinctRoots: 1 });
    expect(result.convergence.samples).toBe(result.acknowledged);
    expect(result.convergence.maxMs).toBeLessThan(100);
  });

  it("brings each delta to each node about once", () => {
    expect(result.network.redundancy).toBeLessThan(0.2);
    expect(result.network.lastDeliveryHop).toBeGreaterThan(0);
  });
});

describe("a partition", () => {
  const groups = [
    ["n0", "n1", "n2"],
    ["n3", "n4", "n5", "n6", "n7", "n8", "n9"],
  ];
  const cut: Fault = { at: 2_000, do: "net.partition", groups, for: 5_000 };
  const result = run({ nodes: 10, faults: [cut], durationMs: 12_000 });

  it("turns every node without a quorum read-only within a second (N12)", () => {
    expect(result.partition.detectedMs.max).toBeGreaterThan(0);
    expect(result.partition.detectedMs.max).toBeLessThan(1_000);
    expect(result.refused).toBeGreaterThan(0);
  });

  it("never turns a node with a quorum read-only, and heals within five seconds (N13)", () => {
    expect(result.partition.falseAlarms).toBe(0);
    expect(result.partition.recoveredMs.max).toBeLessThan(5_000);
    expect(result.violations).toEqual([]);
  });
});

describe("a crash", () => {
  const crash: Fault = { at: 1_000, do: "node.crash", node: "n4" };
  const result = run({ nodes: 12, faults: [crash], durationMs: 8_000 });

  it("is noticed by all, and nobody else is given up", () => {
    expect(result.failure.detectedMs).toBeGreaterThan(0);
    expect(result.failure.detectedMs).toBeLessThan(5_000);
    expect(result.failure.falsePositives).toBe(0);
  });
});

describe("operations of a fault file", () => {
  it("are made at their node, and refused at one that is down", () => {
    const faults: Fault[] = [
      { at: 100, do: "op.inc", src: "n1", collection: "c", key: "k", by: 3 },
      { at: 200, do: "op.set", src: "n1", collection: "m", key: "k", value: { a: 1 } },
      { at: 300, do: "node.crash", node: "n2" },
      { at: 400, do: "op.add", src: "n2", collection: "s", key: "k", element: "e" },
    ];
    const result = run({ faults, writesPerSecond: 0, durationMs: 1_000 });
    expect(result).toMatchObject({ acknowledged: 2, refused: 1, lost: 0 });
  });
});

describe("what a run must find", () => {
  function found(bend: (replica: Replica, index: number) => Partial<Replica>): Set<string> {
    const options: SimOptions = { seed: 3, nodes: 5, durationMs: 4_000, profile: "lossy" };
    const { violations } = runSim(options, { kernels: bentKernels(bend) });
    return new Set(violations.map(({ invariant }) => invariant));
  }

  it("is nothing in whole replicas", () => {
    expect(found(() => ({})).size).toBe(0);
  });

  it("is a state that its frontier does not explain (S7), and roots that differ (C1)", () => {
    const ids = found((_, index) => (index === 1 ? { stateRoot: () => new Uint8Array(32) } : {}));
    expect([...ids]).toEqual(expect.arrayContaining(["S7"]));
  });

  it("is a lost write (S1)", () => {
    expect(found((_, index) => (index === 2 ? { mapGet: () => undefined } : {}))).toContain("S1");
  });

  it("is a counter above what anybody was told (S4)", () => {
    const ids = found((_, index) =>
      index === 0 ? { counter: () => ({ plus: 1_000_000n, minus: 0n }) } : {},
    );
    expect(ids).toContain("S4");
  });

  it("is a handler that throws (R4)", () => {
    let calls = 0;
    const ids = found((replica) => ({
      frameScan: (bytes) => {
        calls += 1;
        // The 40th call may be of a user's own write, which no handler of a frame would throw.
        if (calls === 41) throw new Error("planted");
        return replica.frameScan(bytes);
      },
    }));
    expect(ids).toContain("R4");
  });
});
