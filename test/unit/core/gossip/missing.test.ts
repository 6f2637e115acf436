import { describe, expect, it } from "vitest";
import {
  GRAFT_DELAY_MS_MIN,
  MISSING_MAX,
  MissingHeads,
} from "../../../../src/core/gossip/missing.ts";
import { at, peerId } from "../../../support/peers.ts";

const head = (seq: number, author = peerId(1)) => ({ author, epoch: 1n, nonce: 2n, seq });

describe("announced and missing (C4)", () => {
  it("is asked of one announcer, then of two at once, in turn, and in the end of nobody", () => {
    const missing = new MissingHeads();
    missing.note(head(3), "a", 0, at(0));
    missing.note(head(3), "b", 0, at(1));
    missing.note(head(3), "a", 0, at(2));
    const asked: (string | undefined)[][] = [];
    while (!missing.isEmpty) {
      asked.push(missing.due(at(missing.dueMonoMs)).map(({ peer }) => peer));
    }
    expect(asked).toEqual([
      ["a"],
      ["b", "a"],
      ["b", "a"],
      ["b", "a"],
      ["b", "a"],
      ["b"],
      [undefined],
    ]);
  });

  it("takes the mesh for lossy for a while when a question was not answered", () => {
    const missing = new MissingHeads();
    missing.note(head(3), "a", 0, at(0));
    missing.due(at(missing.dueMonoMs));
    expect(missing.isLossy(at(50))).toBe(false);
    missing.due(at(missing.dueMonoMs));
    expect(missing.isLossy(at(200))).toBe(true);
    expect(missing.isLossy(at(20_000))).toBe(false);
  });

  it("does not learn from what comes after it was asked for", () => {
    const missing = new MissingHeads();
    missing.note(head(3), "a", 0, at(0));
    missing.due(at(missing.dueMonoMs));
    missing.came(head(3), true, at(900));
    expect(missing.delayMs).toBe(GRAFT_DELAY_MS_MIN);
  });

  it("is not asked for before the tree has had its time", () => {
    const missing = new MissingHeads();
    missing.note(head(3), "a", 0, at(100));
    expect(missing.dueMonoMs).toBe(100 + GRAFT_DELAY_MS_MIN);
    expect(missing.due(at(100 + GRAFT_DELAY_MS_MIN - 1))).toEqual([]);
  });

  it("asks for the highest seq announced, and not for what came", () => {
    const missing = new MissingHeads();
    missing.note(head(3), "a", 0, at(0));
    missing.note(head(5), "b", 0, at(0));
    missing.came(head(4), true, at(1));
    expect(missing.due(at(1_000)).map((due) => due.head.seq)).toEqual([5]);
    missing.came(head(5), false, at(1_001));
    expect(missing.isEmpty).toBe(true);
  });

  it("waits longer where pushes come late behind their announcements", () => {
    const missing = new MissingHeads();
    for (let i = 0; i < 50; i++) {
      missing.note(head(i), "a", 0, at(i * 1_000));
      missing.came(head(i), true, at(i * 1_000 + 80));
    }
    expect(missing.delayMs).toBeGreaterThan(80);
    expect(missing.delayMs).toBeLessThan(200);
  });

  it("learns nothing from what had to be asked for", () => {
    const missing = new MissingHeads();
    missing.note(head(1), "a", 0, at(0));
    missing.came(head(1), false, at(5_000));
    expect(missing.delayMs).toBe(GRAFT_DELAY_MS_MIN);
  });

  it("is bounded", () => {
    const missing = new MissingHeads();
    for (let i = 0; i <= MISSING_MAX; i++) missing.note(head(1, peerId(i)), "a", 0, at(0));
    expect(missing.due(at(1_000))).toHaveLength(MISSING_MAX);
  });
});
