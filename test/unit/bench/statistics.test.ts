import { describe, expect, it } from "vitest";
import { nearestRank, summarize } from "../../../bench/lib/statistics.ts";

describe("nearest rank", () => {
  it.each([
    [1, 1, 1],
    [2, 1, 2],
    [3, 2, 3],
    [4, 2, 4],
    [100, 50, 99],
    [101, 51, 100],
    [200, 100, 198],
    [1_000, 500, 990],
  ])("takes p50 and p99 of %i samples at ranks %i and %i", (count, rank50, rank99) => {
    const sorted = Array.from({ length: count }, (_, at) => at + 1);
    expect([nearestRank(sorted, 50), nearestRank(sorted, 99)]).toEqual([rank50, rank99]);
  });

  it("takes the smallest at 0 and the largest at 100", () => {
    expect([nearestRank([3, 5, 8], 0), nearestRank([3, 5, 8], 100)]).toEqual([3, 8]);
  });

  it("refuses to speak without samples", () => {
    expect(() => nearestRank([], 50)).toThrow(RangeError);
  });
});

describe("a summary", () => {
  it("sorts by value, not by text", () => {
    expect(summarize([10, 9, 100, 2])).toEqual({ p50: 9, p99: 100, min: 2, max: 100, samples: 4 });
  });

  it("leaves the samples as they were", () => {
    const samples = [3, 1, 2];
    summarize(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  it("keeps the one slow sample of a hundred out of p99 and in the maximum", () => {
    const { p99, max } = summarize([...Array<number>(99).fill(1), 1_000]);
    expect([p99, max]).toEqual([1, 1_000]);
  });

  it.each([[[]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])("refuses %j", (samples) => {
    expect(() => summarize(samples)).toThrow(RangeError);
  });
});
