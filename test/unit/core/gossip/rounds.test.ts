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
    for (const now of [100, 200, 300]) rounds.advance("urgent", at(now));
    expect(rounds.dueMonoMs).toBe(400);
    expect(rounds.number).toBe(3);
    expect(rounds.isIdle).toBe(false);
  });

  it("back off while calm, doubling up to sixteen intervals", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    const gaps = [0, 0, 0, 0, 0, 0].map(() => {
      const now = rounds.dueMonoMs;
      rounds.advance("calm", at(now));
      return rounds.dueMonoMs - now;
    });
    expect(gaps).toEqual([200, 400, 800, 1600, 1600, 1600]);
    expect(rounds.isIdle).toBe(true);
  });

  it("come an interval after the last once woken, or at once when that is past", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    for (let i = 0; i < 4; i++) rounds.advance("calm", at(1_000));
    rounds.wake(at(1_050));
    expect(rounds.dueMonoMs).toBe(1_100);
    rounds.advance("urgent", at(1_100));
    expect(rounds.dueMonoMs).toBe(1_200);
    for (let i = 0; i < 4; i++) rounds.advance("calm", at(2_000));
    rounds.wake(at(2_500));
    expect(rounds.dueMonoMs).toBe(2_500);
  });

  it("leave a change of the own root the time that pushes take", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    for (let i = 0; i < 4; i++) rounds.advance("calm", at(1_000));
    rounds.settle(true, at(1_050));
    expect(rounds.dueMonoMs).toBe(2_050);
    rounds.settle(true, at(1_500));
    expect(rounds.dueMonoMs).toBe(2_050);
    rounds.advance("settling", at(2_050));
    expect(rounds.dueMonoMs).toBe(3_050);
  });

  it("are never put off by waking", () => {
    const rounds = new Rounds(INTERVAL_MS, 0);
    rounds.advance("calm", at(1_000));
    rounds.wake(at(1_190));
    expect(rounds.dueMonoMs).toBe(1_190);
    rounds.wake(at(1_195));
    expect(rounds.dueMonoMs).toBe(1_190);
  });
});
