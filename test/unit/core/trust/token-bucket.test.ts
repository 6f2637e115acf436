import { describe, expect, it } from "vitest";
import { SCAN_ROWS_MAX } from "../../../../assembly/layout.ts";
import { deriveRateLimits } from "../../../../src/core/trust/rate-limits.ts";
import { TokenBucket } from "../../../../src/core/trust/token-bucket.ts";
import { FRAME_BYTES_MAX } from "../../../../src/core/wire/frame.ts";

/** Head, a collection of a byte, and nothing else. */
const SMALLEST_OPERATION_BYTES = 13;
const RATE = { perSecond: 10, burst: 20, debtMax: 30 };

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

  it("lets one charge pass that is more than it holds, and makes it pay afterwards", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.charge(45, 0)).toBe("within");
    expect(bucket.charge(0, 2_500)).toBe("over");
    expect(bucket.charge(0, 2_600)).toBe("within");
  });

  it("charges what it refuses, and calls the whole debt a flood", () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.charge(20, 0);
    const charges = Array.from({ length: 30 }, () => bucket.charge(1, 0));
    expect(charges.slice(0, 29)).toEqual(Array(29).fill("over"));
    expect(charges[29]).toBe("flood");
  });

  it("forgives an overrun in the time that the rate takes to pay for it", () => {
    const bucket = new TokenBucket(RATE, 0);
    for (let i = 0; i < 30; i++) bucket.charge(1, 0);
    expect(bucket.charge(0, 1_000)).toBe("over");
    expect(bucket.charge(0, 1_100)).toBe("within");
  });

  it("takes without charging for what it refuses where it is told to", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect([bucket.take(20, 0), bucket.take(5, 0), bucket.take(5, 0)]).toEqual([
      true,
      false,
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
  it("let the fullest frame pass at any rate that can be set, without calling it a flood", () => {
    const { operations, bytes, signatures } = deriveRateLimits(100);
    expect(operations.debtMax).toBeGreaterThan(FRAME_BYTES_MAX / SMALLEST_OPERATION_BYTES);
    expect(bytes.debtMax).toBeGreaterThan(2 * FRAME_BYTES_MAX);
    expect(signatures.debtMax).toBeGreaterThan(2 * SCAN_ROWS_MAX);
  });

  it("derive from frames a second, with bursts that hold what honest peers send at once", () => {
    const slow = deriveRateLimits(1_000);
    expect(slow).toEqual({
      frames: { perSecond: 1_000, burst: 2_000, debtMax: 2_000 },
      bytes: { perSecond: 8_192_000, burst: 16_384_000, debtMax: 16_384_000 },
      answers: { perSecond: 8_192_000, burst: 16_384_000, debtMax: 16_384_000 },
      operations: { perSecond: 25_000, burst: 16_384, debtMax: 131_072 },
      signatures: { perSecond: 100, burst: 16_384, debtMax: 16_384 },
    });
  });
});
