import { describe, expect, it } from "vitest";
import { MEMBERS_MAX, Membership } from "../../../../src/core/peers/membership.ts";
import type { MemberRecord, SignedMember } from "../../../../src/core/wire/member.ts";
import { blake3 } from "../../../../src/kernels/reference/blake3.ts";
import { peerId } from "../../../support/peers.ts";
import { MEMBERS } from "../../../support/wire-samples.ts";

function signed(number: number, more: Partial<MemberRecord> = {}): SignedMember {
  const plain = MEMBERS.plain as MemberRecord;
  const record = { ...plain, id: peerId(number), epoch: 1n, counter: 0, ...more };
  return { record, bytes: Uint8Array.of(number, record.counter) };
}

function membershipOf(...members: SignedMember[]): Membership {
  const membership = new Membership({ blake3 });
  for (const member of members) membership.merge(member);
  return membership;
}

describe("membership (C1, C3)", () => {
  it("takes a record that is new or newer and no other", () => {
    const membership = membershipOf();
    expect(membership.merge(signed(1))).toBe("new");
    expect(membership.merge(signed(1))).toBe("known");
    expect(membership.merge(signed(1, { counter: 1, zone: "b" }))).toBe("newer");
    expect(membership.merge(signed(1))).toBe("known");
    expect(membership.get(peerId(1))?.zone).toBe("b");
  });

  it("wants exactly what it would take", () => {
    const membership = membershipOf(signed(1, { counter: 1 }));
    expect(membership.wants(signed(2).record)).toBe(true);
    expect(membership.wants(signed(1, { counter: 2 }).record)).toBe(true);
    expect(membership.wants(signed(1, { counter: 1 }).record)).toBe(false);
    expect(membership.wants(signed(1).record)).toBe(false);
  });

  it("keeps a copy of the signed bytes, to be handed on", () => {
    const member = signed(1);
    const membership = membershipOf(member);
    member.bytes.fill(9);
    expect(membership.signedOf(peerId(1))?.bytes).toEqual(Uint8Array.of(1, 0));
    expect(membership.signed()).toHaveLength(1);
  });

  it("lists those present sorted, without those who left", () => {
    const membership = membershipOf(signed(3), signed(1), signed(2));
    membership.merge(signed(2, { counter: 1, left: true }));
    expect(membership.present()).toEqual([peerId(1), peerId(3)].sort());
  });

  it("remembers a leave, so that an older record does not bring the node back", () => {
    const membership = membershipOf(signed(2, { counter: 1, left: true }));
    expect(membership.merge(signed(2))).toBe("known");
    expect(membership.present()).toEqual([]);
    expect(membership.signed()).toHaveLength(1);
    expect(membership.merge(signed(2, { epoch: 2n }))).toBe("newer");
    expect(membership.present()).toEqual([peerId(2)]);
  });

  it("has one digest for equal views, whatever the order they came in", () => {
    const one = membershipOf(signed(1), signed(2));
    const other = membershipOf(signed(2), signed(1));
    expect(one.digest()).toEqual(other.digest());
    other.merge(signed(2, { counter: 1 }));
    expect(one.digest()).not.toEqual(other.digest());
  });

  it("takes no more members than its bound, but newer records of those it has", () => {
    const membership = new Membership({ blake3 });
    for (let i = 0; i < MEMBERS_MAX; i++) membership.merge(signed(i));
    expect(membership.merge(signed(MEMBERS_MAX))).toBe("full");
    expect(membership.merge(signed(0, { counter: 1 }))).toBe("newer");
    expect(membership.get(peerId(MEMBERS_MAX))).toBeUndefined();
  });

  it("wants no record of a stranger when full, so that none is verified for nothing", () => {
    const membership = new Membership({ blake3 });
    for (let i = 0; i < MEMBERS_MAX; i++) membership.merge(signed(i));
    expect(membership.wants(signed(MEMBERS_MAX).record)).toBe(false);
    expect(membership.wants(signed(0, { counter: 1 }).record)).toBe(true);
  });
});
