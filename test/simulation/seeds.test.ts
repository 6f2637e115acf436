// Seeds of whole runs that once broke an invariant (docs/TESTING.md); those of the small worlds are
// run in small-world.test.ts.
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim } from "../../src/sim/run.ts";
import failedOnce from "./seeds.json" with { type: "json" };

const runs = failedOnce.filter(({ options }) => options !== undefined);

describe("a run that once broke an invariant", () => {
  it.each(runs)("keeps all of them with seed $seed, which failed when $since", (line) => {
    const { violations } = runSim({ ...line.options, seed: line.seed } as SimOptions);
    expect(violations).toEqual([]);
  });
});
