import { describe, expect, it } from "vitest";
import { Random } from "../../../../src/core/random.ts";
import { Latency } from "../../../../src/sim/engine/latency.ts";
import { REGION_NAMES } from "../../../../src/sim/engine/regions.ts";

const latencyOf = (seed: number, regions = 1) =>
  new Latency({ seed, regions, minMs: 1, maxMs: 10 }, Random.fromSeed(1n));

describe("latency of a simulated path", () => {
  it("lies within its bounds, whatever the pair and the frame", () => {
    const latency = latencyOf(7);
    for (let i = 0; i < 2_000; i++) {
      const ms = latency.sampleMs(i, (i * 7) % 901);
      expect(ms).toBeGreaterThanOrEqual(1);
      expect(ms).toBeLessThan(10);
    }
  });

  it("belongs to the pair, the same both ways, up to a millisecond of jitter", () => {
    const latency = latencyOf(7);
    expect(latency.baseMs(3, 9)).toBe(latency.baseMs(9, 3));
    expect(latency.baseMs(3, 9)).not.toBe(latency.baseMs(3, 8));
    for (let i = 0; i < 50; i++) {
      expect(latency.sampleMs(3, 9) - latency.baseMs(3, 9)).toBeLessThan(1);
    }
  });

  it("is another world's with another seed", () => {
    expect(latencyOf(7).baseMs(3, 9)).not.toBe(latencyOf(8).baseMs(3, 9));
  });

  it("adds the way between regions, dealt round robin", () => {
    const latency = latencyOf(7, 3);
    expect([0, 1, 2, 3].map((node) => latency.regionName(node))).toEqual([
      REGION_NAMES[0],
      REGION_NAMES[1],
      REGION_NAMES[2],
      REGION_NAMES[0],
    ]);
    expect(latency.baseMs(0, 2)).toBeGreaterThanOrEqual(30 + 1);
    expect(latency.baseMs(0, 3)).toBeLessThan(10);
  });
});
