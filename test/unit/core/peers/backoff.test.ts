import { describe, expect, it } from "vitest";
import { BACKOFF_DEFAULT, backoffDelayMs } from "../../../../src/core/peers/backoff.ts";
import { Random } from "../../../../src/core/random.ts";

const POLICY = { baseMs: 100, maxMs: 1_000, factor: 2 };

describe("backoff", () => {
  it.each([
    [0, 50, 100],
    [1, 100, 200],
    [3, 400, 800],
    [4, 500, 1_000],
    [5_000, 500, 1_000],
  ])("waits after %i failures from %i up to %i ms", (failures, leastMs, mostMs) => {
    const random = Random.fromSeed(1n);
    const delays = Array.from({ length: 500 }, () => backoffDelayMs(failures, POLICY, random));
    const least = Math.min(...delays);
    const most = Math.max(...delays);
    expect(least).toBeGreaterThanOrEqual(leastMs);
    expect(most).toBeLessThan(mostMs);
    expect(most - least).toBeGreaterThan(0.95 * (mostMs - leastMs));
  });

  it("repeats its delays for the same random stream", () => {
    const delay = () => backoffDelayMs(3, BACKOFF_DEFAULT, Random.fromSeed(5n));
    expect(delay()).toBe(delay());
  });

  it.each([
    [{ ...POLICY, baseMs: 0 }],
    [{ ...POLICY, maxMs: 99 }],
    [{ ...POLICY, factor: 0.5 }],
    [{ ...POLICY, maxMs: Number.POSITIVE_INFINITY }],
    [{ ...POLICY, baseMs: Number.NaN }],
  ])("treats %j as a defect", (policy) => {
    expect(() => backoffDelayMs(0, policy, Random.fromSeed(1n))).toThrow(/backoff needs/);
  });

  it.each([-1, 1.5])("treats %d failures as a defect", (failures) => {
    expect(() => backoffDelayMs(failures, POLICY, Random.fromSeed(1n))).toThrow(/failures/);
  });
});
