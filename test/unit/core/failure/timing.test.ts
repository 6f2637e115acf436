import { describe, expect, it } from "vitest";
import {
  probeIntervalMs,
  probeTimeoutMs,
  suspicionMs,
} from "../../../../src/core/failure/timing.ts";

/** Bytes of one exchange that a node sends: a probe and an echo, 20 bytes each and 60 a datagram. */
const EXCHANGE_BYTES = 2 * 80;

describe("the time between probes", () => {
  it("is 150 ms in small meshes and 450 ms from 1,000 members on", () => {
    expect([1, 2, 16].map(probeIntervalMs)).toEqual([150, 150, 150]);
    expect([1_000, 2_000].map(probeIntervalMs)).toEqual([450, 450]);
  });

  it("grows with the members in between", () => {
    const intervals = [16, 32, 100, 300, 1_000].map(probeIntervalMs);
    expect(intervals).toEqual([...new Set(intervals)].sort((a, b) => a - b));
  });

  it("leaves room for the idle rounds in 640 bytes a second at 1,000 members", () => {
    const probes = (EXCHANGE_BYTES * 1_000) / probeIntervalMs(1_000);
    const rounds = (112 + 82 + 2 * 60) / 1.6; // one Pull and one Sync each 1,600 ms
    expect(probes + rounds).toBeLessThan(640);
  });
});

describe("a probe's timeout", () => {
  it("is three times the 99th percentile of the round-trip times, within 100 ms and 1 s", () => {
    expect([undefined, 1, 33, 50, 200, 5_000].map((p99) => probeTimeoutMs(p99, 1))).toEqual([
      100, 100, 100, 150, 600, 1_000,
    ]);
  });

  it("is stretched by bad local health, up to 1 s", () => {
    expect([1, 2, 9].map((stretch) => probeTimeoutMs(50, stretch))).toEqual([150, 300, 1_000]);
  });
});

describe("a suspicion", () => {
  it("lasts 3 s, and 1.2 s once three others have confirmed it", () => {
    expect(suspicionMs(0, 100, 1)).toBe(3_000);
    expect(suspicionMs(3, 100, 1)).toBe(1_200);
    expect(suspicionMs(9, 100, 1)).toBe(1_200);
  });

  it("shrinks most with the first confirmation", () => {
    const lasts = [0, 1, 2, 3].map((confirmations) => suspicionMs(confirmations, 100, 1));
    const drops = lasts.slice(1).map((ms, i) => (lasts[i] ?? 0) - ms);
    expect(drops).toEqual([...drops].sort((a, b) => b - a));
    expect(drops.at(-1)).toBeGreaterThan(0);
  });

  it("waits for no more confirmations than there are others to give them", () => {
    expect(suspicionMs(0, 2, 1)).toBe(1_200);
    expect(suspicionMs(0, 3, 1)).toBe(3_000);
    expect(suspicionMs(1, 3, 1)).toBe(1_200);
  });
});
