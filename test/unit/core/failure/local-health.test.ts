import { describe, expect, it } from "vitest";
import { LocalHealth } from "../../../../src/core/failure/local-health.ts";
import { at } from "../../../support/peers.ts";

describe("local health", () => {
  it("falls with what is missed, to 8 at worst, and mends with echoes that come in time", () => {
    const health = new LocalHealth(true);
    for (let i = 0; i < 20; i++) health.missed();
    expect(health.score).toBe(8);
    for (let i = 0; i < 20; i++) health.answered(5, at(i));
    expect(health.score).toBe(0);
  });

  it("stretches a probe's timeout ninefold and a suspicion twofold at worst", () => {
    const health = new LocalHealth(true);
    expect([health.probeStretch, health.suspicionStretch]).toEqual([1, 1]);
    for (let i = 0; i < 8; i++) health.missed();
    expect([health.probeStretch, health.suspicionStretch]).toEqual([9, 2]);
  });

  it("takes a late echo for a miss, not for a proof that this node hears", () => {
    const health = new LocalHealth(true);
    health.answered(501, at(700));
    expect([health.score, health.timelyMonoMs]).toEqual([1, Number.NEGATIVE_INFINITY]);
    health.answered(500, at(900));
    expect([health.score, health.timelyMonoMs]).toEqual([0, 900]);
  });

  it("takes an input that is 100 ms late for the end of an own pause", () => {
    const health = new LocalHealth(true);
    expect(health.late(99, at(1_099))).toBe(false);
    expect(health.isGuarded(at(1_099))).toBe(false);
    expect(health.late(100, at(2_100))).toBe(true);
    expect(health.isGuarded(at(2_100))).toBe(true);
  });

  it("convicts nobody for half a second after a pause and as long as it was, 2 s at most", () => {
    const short = new LocalHealth(true);
    short.late(100, at(100));
    expect([short.isGuarded(at(699)), short.isGuarded(at(700))]).toEqual([true, false]);
    const long = new LocalHealth(true);
    long.late(60_000, at(60_000));
    expect([long.isGuarded(at(61_999)), long.isGuarded(at(62_000))]).toEqual([true, false]);
  });

  it("is always perfect in plain SWIM", () => {
    const health = new LocalHealth(false);
    health.missed();
    expect(health.late(60_000, at(60_000))).toBe(false);
    expect([health.score, health.isGuarded(at(60_000))]).toEqual([0, false]);
  });
});
