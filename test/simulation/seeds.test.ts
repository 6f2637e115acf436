// Seeds of runs that once broke an invariant (docs/TESTING.md).
import { describe, expect, it, vi } from "vitest";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim } from "../../src/sim/run.ts";
import failedOnce from "./seeds.json" with { type: "json" };

/** For storms of 15 nodes, on a machine that is busy otherwise. */
vi.setConfig({ testTimeout: 120_000 });

describe("a run that once broke an invariant", () => {
  it.each(failedOnce)("keeps all of them with seed $seed, which failed when $since", (line) => {
    const { violations } = runSim({ ...line.options, seed: line.seed } as SimOptions);
    expect(violations).toEqual([]);
  });
});
