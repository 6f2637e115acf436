import { describe, expect, it } from "vitest";
import { Rounds } from "../../../../src/core/gossip/rounds.ts";
import { at } from "../../../support/peers.ts";

const INTERVAL_MS = 100;

describe("rounds (C4)", () => {
  it("begin one interval after the start", () => {
    expect(new Rounds(INTERVAL_MS, 40).dueMonoMs).toBe(140);
  });

  it("come at the configured interval while anything differs", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    for (const now of [100, 200, 300]) rounds.advance(false, at(now));
    expect(rounds.dueMonoMs).toBe(400);
    expect(rounds.number).toBe(3);
    expect(rounds.isIdle).toBe(false);
  });

  it("back off while calm, doubling up to sixteen intervals", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    const gaps = [0, 0, 0, 0, 0].map(() => {
      const now = rounds.dueMonoMs;
      rounds.advance(true, at(now));
      return rounds.dueMonoMs - now;
    });
    expect(gaps).toEqual([200, 400, 800, 1_600, 1_600]);
    expect(rounds.isIdle).toBe(true);
  });

  it("come within one interval once woken, and at the configured pace from then on", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    for (let i = 0; i < 5; i++) rounds.advance(true, at(1_000));
    rounds.wake(at(1_050));
    expect(rounds.dueMonoMs).toBe(1_150);
    rounds.advance(false, at(1_150));
    expect(rounds.dueMonoMs).toBe(1_250);
  });

  it("are never put off by waking", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    rounds.advance(true, at(1_000));
    rounds.wake(at(1_190));
    expect(rounds.dueMonoMs).toBe(1_200);
    rounds.wake(at(1_195));
    expect(rounds.dueMonoMs).toBe(1_200);
  });
});
