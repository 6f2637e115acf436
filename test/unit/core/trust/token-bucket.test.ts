import { describe, expect, it } from "vitest";
import { deriveRateLimits } from "../../../../src/core/trust/rate-limits.ts";
import { TokenBucket } from "../../../../src/core/trust/token-bucket.ts";

const RATE = { perSecond: 10, burst: 20 };

describe("a token bucket (C6)", () => {
  it("lets a whole burst pass at once, and no more", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.charge(20, 0)).toBe("within");
    expect(bucket.charge(1, 0)).toBe("over");
  });

  it("lets exactly its rate pass for ever", () => {
    const bucket = new TokenBucket(RATE, 0);
    const charges = Array.from({ length: 1_000 }, (_, i) => bucket.charge(1, i * 100));
    expect(new Set(charges)).toEqual(new Set(["within"]));
  });

  it("never holds more than a burst, however long it has rested", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.charge(20, 3_600_000)).toBe("within");
    expect(bucket.charge(1, 3_600_000)).toBe("over");
  });

  it("charges what it refuses, and calls a debt of a whole burst a flood", () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.charge(20, 0);
    const charges = Array.from({ length: 20 }, () => bucket.charge(1, 0));
    expect(charges.slice(0, 19)).toEqual(Array(19).fill("over"));
    expect(charges[19]).toBe("flood");
  });

  it("forgives an overrun in the time that the rate takes to pay for it", () => {
    const bucket = new TokenBucket(RATE, 0);
    for (let i = 0; i < 30; i++) bucket.charge(1, 0);
    expect(bucket.charge(1, 1_000)).toBe("over");
    expect(bucket.charge(1, 1_300)).toBe("within");
  });

  it("takes without debt where it is told to", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect([bucket.take(21, 0), bucket.take(20, 0), bucket.take(1, 0)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(bucket.take(1, 100)).toBe(true);
  });

  it("takes back what was worth its cost, up to a burst", () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.charge(20, 0);
    bucket.refund(50);
    expect(bucket.take(20, 0)).toBe(true);
    expect(bucket.take(1, 0)).toBe(false);
  });
});

describe("the rates of one peer (C6)", () => {
  it("derive from frames a second, with bursts that hold what honest peers send at once", () => {
    const slow = deriveRateLimits(1_000);
    expect(slow.frames).toEqual({ perSecond: 1_000, burst: 2_000 });
    expect(slow.bytes).toEqual({ perSecond: 8_192_000, burst: 16_384_000 });
    expect(slow.operations).toEqual({ perSecond: 25_000, burst: 131_072 });
    expect(slow.signatures).toEqual({ perSecond: 100, burst: 16_384 });
  });
});
