// Seeds of runs that once broke an invariant (docs/TESTING.md).
import { describe, expect, it, vi } from "vitest";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim } from "../../src/sim/run.ts";
import failedOnce from "./seeds.json" with { type: "json" };

/** For storms of 15 nodes, on a machine that is busy otherwise. */
vi.setConfig({ testTimeout: 120_000 });

interface Line {
  readonly seed: number;
  readonly since: string;
  readonly options: object;
  /** Set while the defect is not mended: the test passes as long as the run fails. */
  readonly open?: boolean;
}

const lines: readonly Line[] = failedOnce;

describe("a run that once broke an invariant", () => {
  it.each(lines.filter(({ open }) => open !== true))(
    "keeps all of them with seed $seed, which failed when $since",
    (line) => expect(violationsOf(line)).toEqual([]),
  );
});

const open = lines.filter((line) => line.open === true);

// A suite without a test is an error, and there may be no such run.
describe.runIf(open.length > 0)("a run that breaks an invariant to this day", () => {
  it.fails.each(open)("should keep all of them with seed $seed: $since", (line) =>
    expect(violationsOf(line)).toEqual([]),
  );
});

function violationsOf({ seed, options }: Line) {
  return runSim({ ...options, seed } as SimOptions).violations;
}
