import { describe, expect, it } from "vitest";
import {
  isRttSample,
  RTT_SAMPLE_MS_MAX,
  RTT_SAMPLES_MAX,
  Rtt,
} from "../../../../src/core/peers/rtt.ts";

function rttOf(samples: readonly number[]): Rtt {
  const rtt = new Rtt(samples[0]!);
  for (const sample of samples.slice(1)) rtt.record(sample);
  return rtt;
}

describe("round-trip times (C7)", () => {
  it("reports a single sample as every figure", () => {
    expect(rttOf([12.5]).figures()).toEqual({
      currentMs: 12.5,
      minMs: 12.5,
      maxMs: 12.5,
      averageMs: 12.5,
      p99Ms: 12.5,
      count: 1,
    });
  });

  it("reports current, least, greatest and mean of what it holds", () => {
    expect(rttOf([4, 1, 10, 5]).figures()).toMatchObject({
      currentMs: 5,
      minMs: 1,
      maxMs: 10,
      averageMs: 5,
      count: 4,
    });
  });

  it("takes the 99th percentile by nearest rank: one outlier of 100 is left out, two are not", () => {
    const quiet = Array.from({ length: 98 }, () => 1);
    expect(rttOf([...quiet, 1, 500]).figures().p99Ms).toBe(1);
    expect(rttOf([...quiet, 500, 500]).figures().p99Ms).toBe(500);
  });

  it.each([8, 9, 16, 17, RTT_SAMPLES_MAX])("keeps all of its first %i samples", (count) => {
    const samples = Array.from({ length: count }, (_, i) => i + 1);
    expect(rttOf(samples).figures()).toMatchObject({ minMs: 1, maxMs: count, count });
  });

  it("forgets the oldest sample once the window is full", () => {
    const samples = Array.from({ length: RTT_SAMPLES_MAX + 1 }, (_, i) => 1_000 - i);
    const rtt = rttOf(samples);
    expect(rtt.samples).toBe(RTT_SAMPLES_MAX + 1);
    expect(rtt.figures()).toMatchObject({ maxMs: 999, minMs: 872, count: RTT_SAMPLES_MAX });
  });

  it("moves the smoothed time by an eighth of each difference", () => {
    expect(rttOf([80, 160]).smoothedMs).toBe(90);
  });

  it.each([Number.NaN, -0.001, RTT_SAMPLE_MS_MAX + 1, Number.POSITIVE_INFINITY])(
    "does not take %d for a round-trip time",
    (sample) => {
      expect(isRttSample(sample)).toBe(false);
    },
  );

  it.each([0, 0.001, RTT_SAMPLE_MS_MAX])("takes %d ms for a round-trip time", (sample) => {
    expect(isRttSample(sample)).toBe(true);
  });
});
