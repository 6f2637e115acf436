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

  it("finds an own pause where an input comes 100 ms after the deadline", () => {
    const health = new LocalHealth(true);
    expect(health.noteInput(1_000, at(1_099))).toBe(false);
    expect(health.isGuarded(at(1_099))).toBe(false);
    expect(health.noteInput(2_000, at(2_100))).toBe(true);
    expect(health.isGuarded(at(2_100))).toBe(true);
  });

  it("convicts nobody for half a second after a pause and as long as it was, 2 s at most", () => {
    const short = new LocalHealth(true);
    short.noteInput(0, at(100));
    expect([short.isGuarded(at(699)), short.isGuarded(at(700))]).toEqual([true, false]);
    const long = new LocalHealth(true);
    long.noteInput(0, at(60_000));
    expect([long.isGuarded(at(61_999)), long.isGuarded(at(62_000))]).toEqual([true, false]);
  });

  it("counts one pause once, however many inputs had waited", () => {
    const health = new LocalHealth(true);
    for (let i = 0; i < 5; i++) health.noteInput(1_000, at(6_000 + i));
    expect(health.score).toBe(1);
    expect(health.graceMonoMs).toBe(8_000);
  });

  it("takes no deadline for missed that an input has moved into the past", () => {
    const health = new LocalHealth(true);
    expect(health.noteInput(1_000, at(900))).toBe(false);
    expect(health.noteInput(700, at(901))).toBe(false);
    expect([health.score, health.isGuarded(at(901))]).toEqual([0, false]);
    expect(health.noteInput(700, at(1_001))).toBe(true);
  });

  it("is always perfect in plain SWIM", () => {
    const health = new LocalHealth(false);
    health.missed();
    expect(health.noteInput(0, at(60_000))).toBe(false);
    expect([health.score, health.isGuarded(at(60_000))]).toEqual([0, false]);
  });
});
