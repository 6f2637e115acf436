import { describe, expect, it } from "vitest";
import { HybridClock, hlcFromMs, msFromHlc } from "../../../../src/core/state/hlc.ts";

describe("hybrid logical clock (C5)", () => {
  it("stamps with the wall clock in the upper 48 bits", () => {
    expect(new HybridClock().stamp(1_700_000_000_123)).toBe(1_700_000_000_123n << 16n);
  });

  it("counts up within a millisecond", () => {
    const clock = new HybridClock();
    const first = clock.stamp(5);
    expect([clock.stamp(5), clock.stamp(5)]).toEqual([first + 1n, first + 2n]);
  });

  it("never falls when the wall clock jumps back, and follows it when it jumps ahead", () => {
    const clock = new HybridClock();
    const before = clock.stamp(1_000_000);
    expect(clock.stamp(10)).toBe(before + 1n);
    expect(clock.stamp(2_000_000)).toBe(hlcFromMs(2_000_000));
  });

  it("stamps above every stamp it has seen", () => {
    const clock = new HybridClock();
    clock.observe(hlcFromMs(900) + 7n);
    expect(clock.stamp(100)).toBe(hlcFromMs(900) + 8n);
  });

  it("is not set back by an older stamp", () => {
    const clock = new HybridClock();
    const own = clock.stamp(900);
    clock.observe(hlcFromMs(100));
    expect(clock.stamp(100)).toBe(own + 1n);
  });

  it("carries a full count into the milliseconds instead of wrapping", () => {
    const clock = new HybridClock();
    clock.observe(hlcFromMs(900) + 0xffffn);
    expect(clock.stamp(900)).toBe(hlcFromMs(901));
  });

  it("turns milliseconds into the lowest stamp of theirs, and back", () => {
    expect(msFromHlc(hlcFromMs(1_700_000_000_123.9))).toBe(1_700_000_000_123);
    expect(msFromHlc(hlcFromMs(7) + 0xffffn)).toBe(7);
    expect(hlcFromMs(-5)).toBe(0n);
  });
});
