// One roll call as one node keeps it (C8): whose answers count, and over which links.
import { describe, expect, it } from "vitest";
import { isLaterCall, RollCall } from "../../../../src/core/partition/roll-call.ts";
import { Roster } from "../../../../src/core/partition/roster.ts";
import { Random } from "../../../../src/core/random.ts";
import type { RollCallFrame } from "../../../../src/core/wire/roll-call.ts";
import { blake3 } from "../../../../src/kernels/reference/blake3.ts";
import { peerId } from "../../../support/peers.ts";

const kernels = { blake3 };
const ALL = Number.POSITIVE_INFINITY;

function idsOf(...numbers: number[]): string[] {
  return numbers.map(peerId).sort();
}

function rosterOf(ids: readonly string[], before?: Roster, nowMs = 0): Roster {
  return new Roster(ids, { kernels, counts: () => true, before, sinceMonoMs: nowMs });
}

function callOf(
  self: number,
  roster: Roster,
  options: { id?: number; before?: RollCall; freshMonoMs?: number } = {},
) {
  const { id = 256, before, freshMonoMs = 0 } = options;
  const random = Random.fromSeed(BigInt(1_000 * id + self));
  return new RollCall({
    id,
    self: peerId(self),
    roster,
    random,
    joinedMonoMs: 0,
    caller: undefined,
    before,
    freshMonoMs,
  });
}

/** `a` sends, `b` answers: `a` has its own stamp back. */
function introduce(a: RollCall, aId: number, b: RollCall, bId: number): void {
  b.take(peerId(aId), a.frameTo(peerId(bId), true), 0);
  a.take(peerId(bId), b.frameTo(peerId(aId), true), 0);
}

describe("a roll call", () => {
  const roster = rosterOf(idsOf(1, 2, 3, 4));
  const answered = (call: RollCall, among = roster) => among.tally(call.heard, ALL).answered;

  it("begins with the own node", () => {
    expect(answered(callOf(1, roster))).toBe(1);
  });

  it("takes nothing from a frame that echoes no own stamp, however many it names", () => {
    const call = callOf(1, roster);
    const all = { kind: "bitmap", members: 4, bits: Uint8Array.of(15) } as const;
    const forged: RollCallFrame = { ...callOf(2, roster).frameTo(peerId(1), true), answered: all };
    const nothing = { mutual: false, gains: false };
    expect(call.take(peerId(2), forged, 0)).toEqual({ ...nothing, news: true });
    expect(call.take(peerId(2), { ...forged, echo: 12_345 }, 0)).toEqual({
      ...nothing,
      news: false,
    });
    expect(answered(call)).toBe(1);
  });

  it("takes the sender and all it names once its own stamp comes back", () => {
    const [one, two, three] = [1, 2, 3].map((self) => callOf(self, roster)) as RollCall[];
    introduce(two!, 2, three!, 3);
    introduce(one!, 1, two!, 2);
    expect(answered(one!)).toBe(3);
  });

  it("tells a link no answer that its peer has shown, until something may be lost", () => {
    const [one, two] = [callOf(1, roster), callOf(2, roster)];
    introduce(one, 1, two, 2);
    introduce(two, 2, one, 1);
    one.take(peerId(2), two.frameTo(peerId(1), true), 0);
    one.told(peerId(2), 0);
    expect(one.isDue(peerId(2), 40, 40)).toBe(false);
    expect(one.isDue(peerId(2), 40, 120)).toBe(true);
    // Three answers by way of two, so one owes it nothing; four does not know.
    introduce(two, 2, callOf(3, roster), 3);
    expect(one.take(peerId(2), two.frameTo(peerId(1), true), 0).news).toBe(true);
    expect(one.isDue(peerId(2), 40, 40)).toBe(false);
    expect(one.isDue(peerId(4), 40, 10)).toBe(true);
  });

  it("tells a link again and again what its peer has not shown", () => {
    const [one, two, three] = [1, 2, 3].map((self) => callOf(self, roster)) as RollCall[];
    introduce(one!, 1, two!, 2);
    introduce(one!, 1, three!, 3);
    one!.told(peerId(2), 0);
    expect(one!.isDue(peerId(2), 40, 10)).toBe(false);
    expect(one!.isDue(peerId(2), 40, 40)).toBe(true);
  });

  it("tells a link news only once it has answered what it was told before", () => {
    const [one, two, three] = [1, 2, 3].map((self) => callOf(self, roster)) as RollCall[];
    introduce(one!, 1, two!, 2);
    one!.told(peerId(2), 10);
    introduce(one!, 1, three!, 3);
    expect(one!.isDue(peerId(2), 40, 20)).toBe(false);
    one!.take(peerId(2), two!.frameTo(peerId(1), true), 20);
    expect(one!.isDue(peerId(2), 40, 20)).toBe(true);
  });

  it("counts an echo of another call for nothing", () => {
    const one = callOf(1, roster);
    const [two, stale] = [callOf(2, roster), callOf(2, roster)];
    introduce(one, 1, two, 2);
    const next = callOf(9, roster, { id: 512 });
    expect(next.take(peerId(2), stale.frameTo(peerId(1), true), 0).mutual).toBe(false);
    expect(next.take(peerId(2), two.frameTo(peerId(1), true), 0).mutual).toBe(false);
  });

  it("keeps the stamps of the call it takes the place of, and those who answered that", () => {
    const [one, two] = [callOf(1, roster), callOf(2, roster)];
    introduce(one, 1, two, 2);
    const [oneOn, twoOn] = [one, two].map((before, i) =>
      callOf(i + 1, roster, { id: 512, before }),
    ) as [RollCall, RollCall];
    expect(oneOn.beganMonoMs).toBe(one.beganMonoMs);
    const again = oneOn.take(peerId(2), twoOn.frameTo(peerId(1), true), 0);
    expect(again).toEqual({ mutual: true, news: true, gains: false });
    expect(answered(oneOn)).toBe(2);
  });

  it("makes a stamp anew that is older than it may be: an echo of it may be from before a cut", () => {
    const [one, two] = [callOf(1, roster), callOf(2, roster)];
    introduce(one, 1, two, 2);
    const [oneOn, twoOn] = [one, two].map((before, i) =>
      callOf(i + 1, roster, { id: 512, before, freshMonoMs: 1 }),
    ) as [RollCall, RollCall];
    const late = oneOn.take(peerId(2), twoOn.frameTo(peerId(1), true), 0);
    expect(late).toEqual({ mutual: false, news: true, gains: false });
    introduce(oneOn, 1, twoOn, 2);
    expect(answered(oneOn)).toBe(2);
  });

  it("understands a peer that knows other members, and is understood by it", () => {
    const other = rosterOf(idsOf(1, 2, 4, 5, 6));
    const [one, two, four] = [callOf(1, roster), callOf(2, other), callOf(4, other)];
    introduce(two, 2, four, 4);
    // Of another list's bitmap only the sender is understood: the answer lists the members.
    introduce(one, 1, two, 2);
    expect(two.frameTo(peerId(1), true).answered.kind).toBe("list");
    expect(answered(one)).toBe(3);
    introduce(two, 2, one, 1);
    expect(one.frameTo(peerId(2), true).answered.kind).toBe("list");
    expect(answered(two, other)).toBe(3);
  });

  it("takes of a bitmap over another list its sender and no more", () => {
    const other = rosterOf(idsOf(1, 2, 5, 6));
    const [one, two] = [callOf(1, roster), callOf(2, other)];
    introduce(one, 1, two, 2);
    const all = { kind: "bitmap", members: 4, bits: Uint8Array.of(15) } as const;
    one.take(peerId(2), { ...two.frameTo(peerId(1), true), answered: all }, 0);
    expect(answered(one)).toBe(2);
  });

  it("keeps the answers of members that stay when the list changes", () => {
    const [one, two] = [callOf(1, roster), callOf(2, roster)];
    introduce(one, 1, two, 2);
    const later = rosterOf(idsOf(0, 1, 2, 9), roster);
    one.follow(later);
    expect(answered(one, later)).toBe(2);
    const without = rosterOf(idsOf(0, 1, 9), later);
    one.follow(without);
    expect(answered(one, without)).toBe(1);
  });

  it("keeps what a left call has heard for the own verdict, and does not tell it on", () => {
    const [one, two] = [callOf(1, roster), callOf(2, roster)];
    introduce(one, 1, two, 2);
    const next = callOf(1, roster, { id: 512, before: one });
    expect(answered(next)).toBe(2);
    const three = callOf(3, roster, { id: 512 });
    introduce(three, 3, next, 1);
    three.take(peerId(1), next.frameTo(peerId(3), true), 0);
    expect(answered(three)).toBe(2);
    expect(answered(next)).toBe(2);
  });

  it("carries no answer into another call that is older than it may be", () => {
    const [one, two, three] = [1, 2, 3].map((self) => callOf(self, roster)) as RollCall[];
    introduce(one!, 1, two!, 2);
    three!.take(peerId(1), one!.frameTo(peerId(3), true), 100);
    one!.take(peerId(3), three!.frameTo(peerId(1), true), 100);
    const next = callOf(1, roster, { id: 512, before: one!, freshMonoMs: 50 });
    expect([next.hears(peerId(2)), next.hears(peerId(3))]).toEqual([false, true]);
    expect(next.hasForgotten).toBe(true);
    const soon = callOf(1, roster, { id: 512, before: one!, freshMonoMs: 0 });
    expect([answered(soon), soon.hasForgotten]).toEqual([3, false]);
  });

  it("has come to a standstill when some have answered, and for a while nobody more", () => {
    const [one, two] = [callOf(1, roster), callOf(2, roster)];
    expect(one.isStalled(150, 1_000)).toBe(false);
    two.take(peerId(1), one.frameTo(peerId(2), true), 100);
    one.take(peerId(2), two.frameTo(peerId(1), true), 100);
    expect([249, 250].map((monoMs) => one.isStalled(150, monoMs))).toEqual([false, true]);
  });

  it("orders calls in serial arithmetic", () => {
    expect(isLaterCall(2, 1)).toBe(true);
    expect(isLaterCall(1, 2)).toBe(false);
    expect(isLaterCall(1, 1)).toBe(false);
    expect(isLaterCall(3, 0xffff_ff00)).toBe(true);
    expect(isLaterCall(0xffff_ff00, 3)).toBe(false);
  });
});

describe("the roster", () => {
  it("knows since when each member is known, over changes of the list", () => {
    const first = rosterOf(idsOf(1, 2), undefined, 10);
    const second = rosterOf(idsOf(1, 2, 3), first, 900);
    expect([1, 2, 3].map((id) => second.sinceOf(peerId(id)))).toEqual([10, 10, 900]);
    expect(second.tally(new Uint8Array(1), 10).members).toBe(2);
  });

  it("counts members of the own region only, and finds all by the first bytes of their ids", () => {
    const ids = idsOf(1, 2, 3);
    const own = (id: string) => id !== peerId(2);
    const roster = new Roster(ids, { kernels, counts: own, before: undefined, sinceMonoMs: 0 });
    expect(roster.tally(Uint8Array.of(7), ALL)).toEqual({ members: 2, answered: 2 });
    for (const [place, id] of ids.entries()) {
      expect(roster.placeOfPrefix(Number.parseInt(id.slice(0, 8), 16))).toBe(place);
    }
    expect(roster.placeOfPrefix(1)).toBeUndefined();
  });

  it("shows equal lists by equal digests", () => {
    const [a, b] = [rosterOf(idsOf(1, 2)), rosterOf(idsOf(2, 1))];
    expect(a.digest).toEqual(b.digest);
    expect(rosterOf(idsOf(1, 3)).digest).not.toEqual(a.digest);
  });
});
