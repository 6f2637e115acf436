import { describe, expect, it } from "vitest";
import { holds, type Ratio } from "../../../../bench/lib/report.ts";
import type { Job, Outcome } from "../../../../bench/sim/job.ts";
import type { Row } from "../../../../bench/sim/row.ts";
import { fullRows, quickRows } from "../../../../bench/sim/rows.ts";
import { formatFaults, parseFaults } from "../../../../src/sim/faults/parse.ts";
import type { SimResult } from "../../../../src/sim/result.ts";
import { expectedIn, type Situation, tally } from "../../../../src/sim/situations.ts";
import { resultOf } from "../../../support/sim-result.ts";

const OFFLINE = {
  excluded: [],
  writes: 76,
  refused: 0,
  restarts: 6,
  readOnly: 0,
  roots: 1,
  endedHours: [72, 54],
};
const FULL = fullRows(1_000);
const QUICK = quickRows(1_000);

/** What a row says when its runs come out like this. */
function judged(row: Row, change: (result: SimResult) => SimResult): readonly Ratio[] {
  return row.judge(row.jobs.map((job) => outcomeOf(job, change)));
}

function outcomeOf(
  job: Job,
  change: (result: SimResult) => SimResult,
  missed?: Situation,
): Outcome {
  if (job.kind === "run") {
    const result = change(resultOf(job.options));
    return { kind: "run", options: job.options, result, withinPercent: 100 };
  }
  if (job.kind === "offline") return { kind: "offline", result: OFFLINE };
  const { base, from, to } = job;
  const seeds = to - from + 1;
  const sums = { virtualMs: 600_000, wallMs: 1_000, acknowledged: 1 };
  const expected = expectedIn(base.profile);
  const reached = expected.filter((situation) => situation !== missed);
  const situations = tally(expected, Array(seeds).fill(reached));
  const result = { from, to, seeds, failed: [], situations, ...sums };
  return { kind: "sweep", base, tookMs: 1_000, result };
}

describe("the rows of the sim bench", () => {
  it("have names of their own, and no quick row passes for a full one of another size", () => {
    for (const rows of [FULL, QUICK]) {
      expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    }
    const jobsOf = (rows: readonly Row[]) => new Map(rows.map(({ name, jobs }) => [name, jobs]));
    const full = jobsOf(FULL);
    for (const [name, jobs] of jobsOf(QUICK)) {
      for (const [index, job] of (full.get(name) ?? []).entries()) {
        const quick = jobs[index];
        if (job.kind !== "run" || quick?.kind !== "run") continue;
        expect(quick.options.nodes, name).toBe(job.options.nodes);
      }
    }
  });

  it("only have faults that a fault file may say", () => {
    for (const { jobs } of [...FULL, ...QUICK]) {
      for (const job of jobs) {
        if (job.kind !== "run") continue;
        const { faults = [], nodes } = job.options;
        expect(parseFaults(formatFaults(faults), { nodes })).toEqual(faults);
      }
    }
  });

  it("give every figure a budget that can be read, under its row's name", () => {
    for (const row of [...FULL, ...QUICK]) {
      const ratios = judged(row, (result) => result);
      for (const ratio of ratios) {
        expect(ratio.name.startsWith(row.name)).toBe(true);
        expect(() => holds(ratio)).not.toThrow();
      }
      expect(ratios.some(({ needed }) => needed !== "")).toBe(true);
    }
  });

  it.each([
    ["converge-100-max-ms", { convergence: { maxMs: 50 } }],
    ["converge-1000-max-ms", { convergence: { maxMs: 70 } }],
    ["converge-10000-max-ms", { convergence: { maxMs: 300 } }],
    ["converge-100-max-ms", { convergence: { samples: 199 } }],
    ["rounds-only-1000", { convergence: { rounds: 8 } }],
    ["rounds-only-10000", { convergence: { rounds: 9 } }],
    ["loss30-1000", { convergence: { maxMs: 2_001 } }],
    ["partition-30-70-100", { partition: { detectedMs: { p50: 500, max: 1_000 } } }],
    ["partition-50-50-10", { partition: { falseAlarms: 1 } }],
    ["partition-one-way-1000", { partition: { recoveredMs: { p50: 100, max: 5_000 } } }],
    ["false-alarms-loss20", { partition: { falseAlarms: 1 } }],
    ["crash-1000", { failure: { detectedMs: 5_000 } }],
    ["idle-bandwidth-1000", { network: { bytesPerNodePerSecond: { mean: 641, p99: 641 } } }],
    ["idle-bandwidth-1000", { network: { bytesPerNodePerSecond: { mean: 640, p99: 5_601 } } }],
    ["broadcast-100", { network: { redundancy: 0.2 } }],
    ["broadcast-100", { network: { lastDeliveryHop: 15 } }],
    ["broadcast-100", { acknowledged: 1_000 }],
    ["scale-100-1000-100", { refused: 1 }],
    ["n20-seeds-gone-100", { distinctRoots: 2 }],
    ["speed-1000", { wallMs: 1_000_000 }],
    ["n22", { lost: 1 }],
    ["disks-10000", { disks: { durableLost: 1 } }],
    ["disks-10000", { disks: { durable: 0 } }],
    ["disks-10000", { disks: { opens: 0 } }],
    ["disks-10000", { disks: { failedOpens: 1 } }],
    ["disks-10000", { trust: { doubleCounts: 1 } }],
    ["disks-10000", { trust: { selfProofs: 1 } }],
    ["n22", { violations: [{ invariant: "S1", at: 0, node: undefined, detail: "" }] }],
  ])("%s is missed by %j", (name, change) => {
    const row = FULL.find((candidate) => candidate.name === name);
    const missed = judged(row!, (result) => merged(passing(result), change));
    const kept = judged(row!, passing);
    expect(kept.filter((ratio) => !holds(ratio))).toEqual([]);
    expect(missed.some((ratio) => !holds(ratio))).toBe(true);
  });

  it.each(["storm-300-seeds", "liars-50-seeds"])(
    "%s is missed by a rare situation that no seed came into",
    (name) => {
      const row = FULL.find((candidate) => candidate.name === name);
      const [job] = row!.jobs;
      const situations = job?.kind === "sweep" ? expectedIn(job.base.profile) : [];
      expect(situations.length).toBeGreaterThan(4);
      const judge = (missed?: Situation) =>
        row!.judge([outcomeOf(job!, (result) => result, missed)]).every(holds);
      expect(judge()).toBe(true);
      for (const situation of situations) expect(judge(situation)).toBe(false);
    },
  );

  it("handlers-1000 is missed by one slow handler, and by a run that timed none", () => {
    const row = FULL.find(({ name }) => name === "handlers-1000");
    const judge = (handlers: { count: number; slowMs: number[] } | undefined) => {
      const outcome = outcomeOf(row!.jobs[0]!, (result) => result);
      return row!.judge([{ ...outcome, ...(handlers && { handlers }) } as Outcome]).every(holds);
    };
    expect(judge({ count: 9, slowMs: [] })).toBe(true);
    expect(judge({ count: 9, slowMs: [10.1] })).toBe(false);
    expect(judge(undefined)).toBe(false);
  });
});

/** A result with which every row of one run is content. */
function passing(result: SimResult): SimResult {
  return merged(result, {
    wallMs: 1,
    acknowledged: 300,
    convergence: { maxMs: 40, rounds: 3, samples: 300 },
    partition: { detectedMs: { p50: 400, max: 900 }, recoveredMs: { p50: 900, max: 4_000 } },
    failure: { detectedMs: 3_000 },
    disks: { opens: 100, harmed: 200, durable: 1_000 },
  });
}

function merged<T extends object>(value: T, change: object): T {
  const result = { ...value } as Record<string, unknown>;
  for (const [key, part] of Object.entries(change)) {
    const isPart = typeof part === "object" && part !== null && !Array.isArray(part);
    result[key] = isPart ? merged(result[key] as object, part) : part;
  }
  return result as T;
}
