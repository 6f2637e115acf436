import { describe, expect, it } from "vitest";
import type { SimOptions } from "../../../src/sim/options.ts";
import { nodesOf, sweep } from "../../../src/sim/sweep.ts";
import { resultOf } from "../../support/sim-result.ts";

const everyThird = (options: SimOptions) => resultOf(options, options.seed % 3 === 0 ? ["C1"] : []);

describe("sweep", () => {
  it("runs every seed of the range once and keeps those that fail", () => {
    const seen: number[] = [];
    const result = sweep(
      { profile: "storm" },
      {
        from: 1,
        to: 9,
        run: everyThird,
        onSeed: ({ seed }) => seen.push(seed),
      },
    );
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(result.failed.map(({ seed }) => seed)).toEqual([3, 6, 9]);
    expect(result).toMatchObject({ seeds: 9, virtualMs: 540_000, acknowledged: 45 });
  });

  it("counts the seeds that came into each rare situation, and shows what none came into", () => {
    const run = (options: SimOptions) => ({
      ...resultOf(options),
      situations: options.seed === 2 ? (["orphan parked", "fork proven"] as const) : [],
    });
    const { situations } = sweep({ profile: "storm" }, { from: 1, to: 3, run });
    expect(situations).toMatchObject({ "orphan parked": 1, "fork proven": 1, "write refused": 0 });
    expect(sweep({ profile: "calm" }, { from: 1, to: 1, run }).situations).toEqual({});
  });

  it("ends at the first failure when asked", () => {
    const result = sweep({}, { from: 1, to: 9, run: everyThird, stopAtFirst: true });
    expect(result.seeds).toBe(3);
  });

  it("gives each seed 3 to 16 nodes of its own, or those asked for", () => {
    const counts = new Set(Array.from({ length: 500 }, (_, seed) => nodesOf(seed)));
    expect([Math.min(...counts), Math.max(...counts), counts.size]).toEqual([3, 16, 14]);
    const nodes: number[] = [];
    const run = (options: SimOptions) => {
      nodes.push(options.nodes);
      return resultOf(options);
    };
    sweep({ nodes: 5 }, { from: 1, to: 2, run });
    sweep({}, { from: 1, to: 2, run });
    expect(nodes).toEqual([5, 5, nodesOf(1), nodesOf(2)]);
  });
});
