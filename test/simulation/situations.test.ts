// Rare situations: a clean run says something only of what it came into. A few runs together come
// into all that the list names (src/sim/situations.ts).
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim, type SimDeps } from "../../src/sim/run.ts";
import { expectedIn, type Situation } from "../../src/sim/situations.ts";

/** What the runs of some seeds come into together. */
function reachedBy(seeds: readonly number[], options: Omit<SimOptions, "seed">): Set<Situation> {
  return new Set(seeds.flatMap((seed) => runSim({ ...options, seed }).situations));
}

describe("every situation on the list of", () => {
  // Each by two of the seeds, so that a change of one run does not miss one at once.
  it("storms is come into by a few of them", () => {
    const reached = reachedBy([4, 9, 1], { nodes: 7, profile: "storm", durationMs: 20_000 });
    expect(expectedIn("storm").filter((situation) => !reached.has(situation))).toEqual([]);
  });

  it("liars is come into by a few of them", () => {
    const options = { nodes: 4, profile: "byzantine", durationMs: 40_000 } as const;
    const reached = reachedBy([8, 68, 53, 64], options);
    expect(expectedIn("byzantine").filter((situation) => !reached.has(situation))).toEqual([]);
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
    const reached = reachedBy([1], { nodes: 4, durationMs: 2_000 });
    const found = expectedIn("storm").filter((situation) => reached.has(situation));
    expect(found).not.toContain("write refused");
    expect(found.length).toBeLessThan(expectedIn("storm").length / 2);
  });
});
