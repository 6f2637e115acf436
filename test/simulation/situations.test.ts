// Rare situations: a clean run says something only of what it came into. A few runs together come
// into all that the list names (src/sim/situations.ts).
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim, type SimDeps } from "../../src/sim/run.ts";
import { expectedIn, type Situation } from "../../src/sim/situations.ts";

function reachedBy(runs: readonly Omit<SimOptions, "nodes">[], nodes: number): Set<Situation> {
  return new Set(runs.flatMap((options) => runSim({ nodes, ...options }).situations));
}

describe("every situation on the list of", () => {
  it("storms is come into by one or two of them", () => {
    const runs = [9, 5].map((seed) => ({ seed, profile: "storm", durationMs: 20_000 }) as const);
    const reached = reachedBy(runs, 8);
    expect(expectedIn("storm").filter((situation) => !reached.has(situation))).toEqual([]);
  });

  it("liars is come into by three of them", () => {
    const runs = [
      { seed: 14, durationMs: 20_000 },
      { seed: 3, durationMs: 20_000 },
      { seed: 22, durationMs: 40_000 },
    ];
    const reached = runs.flatMap(({ seed, durationMs }) => [
      ...reachedBy([{ seed, profile: "byzantine", durationMs }], seed === 22 ? 4 : 8),
    ]);
    const missed = expectedIn("byzantine").filter((situation) => !reached.includes(situation));
    expect(missed).toEqual([]);
  });

  it.each<[Situation[], Partial<SimOptions>, NonNullable<SimDeps["config"]>]>([
    [
      ["member departed"],
      { nodes: 5, durationMs: 10_000, faults: [{ at: 1_000, do: "node.crash", node: "n4" }] },
      { departAfterMs: 3_000 },
    ],
    [
      ["flood cut off", "queue overflowed"],
      {
        durationMs: 15_000,
        writesPerSecond: 100,
        faults: [{ at: 500, do: "byz.behave", node: "n2", as: "flood", for: 14_000 }],
      },
      { rateLimitPerPeer: 1 },
    ],
  ])("runs of their own (%j) is come into there", (situations, options, config) => {
    const run = runSim({ seed: 1, nodes: 4, ...options }, { config });
    expect(run.situations).toEqual(expect.arrayContaining(situations));
  });

  it("storms is not come into by a calm run, in which nothing happens", () => {
    const reached = reachedBy([{ seed: 1, durationMs: 2_000 }], 4);
    const found = expectedIn("storm").filter((situation) => reached.has(situation));
    expect(found).not.toContain("write refused");
    expect(found.length).toBeLessThan(expectedIn("storm").length / 2);
  });
});
