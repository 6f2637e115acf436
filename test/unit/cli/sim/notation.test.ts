import { describe, expect, it } from "vitest";
import {
  formatDuration,
  parseDuration,
  parseLatency,
  parseLoss,
  parseNumber,
  parseSeeds,
  parseSwitch,
  parseWhole,
} from "../../../../src/cli/sim/notation.ts";

describe("arguments of sim", () => {
  it.each([
    ["500ms", 500],
    ["60s", 60_000],
    ["1.5s", 1_500],
    ["2m", 120_000],
    ["1h", 3_600_000],
  ])("take %s as a duration, and write it back", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it.each(["60", "s", "-1s", "1d", "0s", "1 s", "", "1e3s"])("refuse %j as a duration", (text) => {
    expect(() => parseDuration(text)).toThrow(/duration/);
  });

  it("take ranges of seeds and of latencies, and single ones", () => {
    expect(parseSeeds("1..300")).toEqual({ from: 1, to: 300 });
    expect(parseSeeds("7")).toEqual({ from: 7, to: 7 });
    expect(parseLatency("1-10")).toEqual({ min: 1, max: 10 });
    expect(parseLatency("0.5")).toEqual({ min: 0.5, max: 0.5 });
  });

  it.each([
    [parseSeeds, "3..1"],
    [parseSeeds, "1-3"],
    [parseSeeds, "1..99999999999999999999"],
    [parseLatency, "10-1"],
    [parseLatency, "fast"],
    [parseLoss, "1"],
    [parseLoss, "-0.1"],
    [parseNumber, "1e400"],
    [parseSwitch, "yes"],
    [parseWhole(1, 9), "0"],
    [parseWhole(1, 9), "10"],
    [parseWhole(1, 9), "1.5"],
    [parseWhole(1, 9), ""],
  ])("refuse what is out of range or malformed (%#: %2$s)", (parse, text) => {
    expect(() => parse(text)).toThrow(/It must be/);
  });
});
