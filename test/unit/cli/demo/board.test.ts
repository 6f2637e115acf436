import { describe, expect, it } from "vitest";
import {
  type BoardEntry,
  claimOf,
  doneOf,
  HOLDERS_MAX,
  isClaimable,
  isOwnedBy,
  isTakenOverFrom,
  LEASE_MS_MIN,
  leaseMs,
  pickFile,
  renewed,
  SETTLE_MS_MAX,
  SETTLE_MS_MIN,
  settleMs,
} from "../../../../src/cli/demo/board.ts";

const OPEN: BoardEntry = { state: "open" };
const alice = { by: "alice", node: 1 };
const bob = { by: "bob", node: 2 };
/** A claim written at a time, for the shortest lease. */
const at = (atMs: number) => ({ atMs, leaseMs: LEASE_MS_MIN });

describe("claims", () => {
  it("gives an open file to whoever asks", () => {
    expect(isClaimable(OPEN, 0)).toBe(true);
    expect(claimOf(OPEN, alice, at(100))).toEqual({
      state: "claimed",
      ...alice,
      attempt: 1,
      lapsed: [],
      ...at(100),
    });
  });

  it("keeps a claimed file until its lease runs out", () => {
    const claim = claimOf(OPEN, alice, at(0));
    expect(isClaimable(claim, LEASE_MS_MIN - 1)).toBe(false);
    expect(isClaimable(claim, LEASE_MS_MIN)).toBe(true);
  });

  it("keeps a renewed claim for another lease", () => {
    const claim = renewed(claimOf(OPEN, alice, at(0)), 1_000);
    expect(isClaimable(claim, LEASE_MS_MIN)).toBe(false);
    expect(isClaimable(claim, 1_000 + LEASE_MS_MIN)).toBe(true);
  });

  it("never gives out a file that is done", () => {
    expect(isClaimable(doneOf(claimOf(OPEN, alice, at(0)), 1), Number.MAX_SAFE_INTEGER)).toBe(
      false,
    );
  });

  it("counts the attempts and remembers whose lease ran out", () => {
    const taken = claimOf(claimOf(OPEN, alice, at(0)), bob, at(LEASE_MS_MIN));
    expect(taken).toMatchObject({ by: "bob", attempt: 2, lapsed: [1] });
  });

  it("remembers a bounded number of former holders", () => {
    let entry = claimOf(OPEN, alice, at(0));
    for (let index = 0; index < 3 * HOLDERS_MAX; index++) entry = claimOf(entry, bob, at(index));
    expect(entry.lapsed.length).toBe(HOLDERS_MAX);
  });
});

describe("settling", () => {
  it("takes the shortest time in a mesh that is fast, or of which nothing is known", () => {
    expect(settleMs([])).toBe(SETTLE_MS_MIN);
    expect(settleMs([1, 2, 3])).toBe(SETTLE_MS_MIN);
  });

  it("takes longer than the slowest of the recent results, within its bound", () => {
    expect(settleMs([10, 200, 20])).toBe(300);
    expect(settleMs([60_000])).toBe(SETTLE_MS_MAX);
  });
});

describe("leases", () => {
  it("last long enough for a renewal to arrive, however slow the mesh is", () => {
    expect(leaseMs(SETTLE_MS_MIN)).toBe(LEASE_MS_MIN);
    expect(leaseMs(1_000)).toBe(6_000);
    const claim = claimOf(OPEN, alice, { atMs: 0, leaseMs: leaseMs(1_000) });
    expect(isClaimable(claim, 5_999)).toBe(false);
  });
});

describe("ownership", () => {
  it("belongs to the claim that stands, renewed or not", () => {
    const claim = claimOf(OPEN, alice, at(0));
    expect(isOwnedBy(claim, claim)).toBe(true);
    expect(isOwnedBy(renewed(claim, 500), claim)).toBe(true);
  });

  it("does not belong to a claim that another overwrote", () => {
    expect(isOwnedBy(claimOf(OPEN, bob, at(1)), claimOf(OPEN, alice, at(0)))).toBe(false);
  });

  it("does not belong to an own claim of an earlier attempt", () => {
    const first = claimOf(OPEN, alice, at(0));
    expect(isOwnedBy(claimOf(first, alice, at(LEASE_MS_MIN)), first)).toBe(false);
  });

  it("ends with the file", () => {
    const claim = claimOf(OPEN, alice, at(0));
    expect(isOwnedBy(doneOf(claim, 1), claim)).toBe(false);
    expect(isOwnedBy(undefined, claim)).toBe(false);
  });
});

describe("takeovers", () => {
  const killed = new Set([1]);

  it("counts a file that another finished after the killed holder's lease", () => {
    expect(
      isTakenOverFrom(
        doneOf(claimOf(claimOf(OPEN, alice, at(0)), bob, at(LEASE_MS_MIN)), 9_000),
        killed,
      ),
    ).toBe(true);
  });

  it("does not count a takeover that is not finished", () => {
    expect(
      isTakenOverFrom(claimOf(claimOf(OPEN, alice, at(0)), bob, at(LEASE_MS_MIN)), killed),
    ).toBe(false);
  });

  it("does not count what the killed node finished itself", () => {
    expect(isTakenOverFrom(doneOf(claimOf(OPEN, alice, at(0)), 1), killed)).toBe(false);
  });

  it("does not count a lease that ran out on a live node", () => {
    expect(
      isTakenOverFrom(
        doneOf(claimOf(claimOf(OPEN, bob, at(0)), alice, at(LEASE_MS_MIN)), 9_000),
        new Set([3]),
      ),
    ).toBe(false);
  });
});

describe("picking", () => {
  const board = new Map<string, BoardEntry>(
    Array.from({ length: 64 }, (_, index) => [`file-${index}`, OPEN]),
  );

  it("finds nothing when nothing can be claimed", () => {
    expect(pickFile(new Map([["a", claimOf(OPEN, bob, at(0))]]), "alice", 1)).toBeUndefined();
  });

  it("finds the one file that can be claimed", () => {
    const entries = new Map<string, BoardEntry>([
      ["a", claimOf(OPEN, bob, at(0))],
      ["b", OPEN],
    ]);
    expect(pickFile(entries, "alice", 1)).toBe("b");
  });

  it("sends twenty agents to many different files", () => {
    const picks = new Set(
      Array.from({ length: 20 }, (_, index) => pickFile(board, `agent-${index}`, 0)),
    );
    expect(picks.size).toBeGreaterThan(12);
  });

  it("gives an agent the same file whatever the board's order", () => {
    const reversed = new Map([...board].reverse());
    expect(pickFile(reversed, "alice", 0)).toBe(pickFile(board, "alice", 0));
  });
});
