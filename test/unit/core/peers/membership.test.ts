import { describe, expect, it } from "vitest";
import { isFullDigest, MEMBERS_MAX, Membership } from "../../../../src/core/peers/membership.ts";
import { SAMPLE_MAX } from "../../../../src/core/peers/sample.ts";
import { BUCKET_BYTES, MEMBER_BUCKETS } from "../../../../src/core/wire/frame.ts";
import type { MemberRecord, SignedMember } from "../../../../src/core/wire/member.ts";
import { blake3 } from "../../../../src/kernels/reference/blake3.ts";
import { peerId } from "../../../support/peers.ts";
import { MEMBERS } from "../../../support/wire-samples.ts";

const OPTIONS = { selfId: "", kernels: { blake3 }, sampleKey: new Uint8Array(32).fill(3) };

function signed(number: number, more: Partial<MemberRecord> = {}): SignedMember {
  const plain = MEMBERS.plain as MemberRecord;
  const record = { ...plain, id: peerId(number), epoch: 1n, counter: 0, ...more };
  return { record, bytes: Uint8Array.of(number, record.counter) };
}

function membershipOf(...members: SignedMember[]): Membership {
  const membership = new Membership(OPTIONS);
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

  it("is a sample from one member above its bound on, and counts by it", () => {
    const membership = new Membership(OPTIONS);
    for (let i = 0; i < MEMBERS_MAX; i++) membership.merge(signed(i));
    expect(membership.isPartial).toBe(false);
    for (let i = MEMBERS_MAX; i < 2 * MEMBERS_MAX; i++) membership.merge(signed(i));
    expect(membership.isPartial).toBe(true);
    expect(membership.present()).toHaveLength(SAMPLE_MAX);
    expect(Math.abs(membership.estimate / (2 * MEMBERS_MAX) - 1)).toBeLessThan(0.25);
    expect(membership.takeEvicted().length).toBeGreaterThan(MEMBERS_MAX - SAMPLE_MAX);
    expect(isFullDigest(membership.digest())).toBe(false);
  });

  it("keeps the sample that its key draws, in whatever order and how often ids come", () => {
    const [one, other] = [new Membership(OPTIONS), new Membership(OPTIONS)];
    for (let i = 0; i <= MEMBERS_MAX; i++) one.merge(signed(i));
    for (let i = MEMBERS_MAX; i >= 0; i--) other.merge(signed(i));
    for (let i = MEMBERS_MAX; i >= 0; i--) other.merge(signed(i));
    expect(other.present()).toEqual(one.present());
  });

  it("wants no record that its sample has no place for, so that none is verified for nothing", () => {
    const membership = new Membership(OPTIONS);
    for (let i = 0; i <= MEMBERS_MAX; i++) membership.merge(signed(i));
    for (let i = 0; i <= MEMBERS_MAX; i++) {
      expect(membership.wants(signed(i, { counter: 0 }).record)).toBe(false);
    }
    expect(membership.wants(signed(0, { counter: 1 }).record)).toBe(
      membership.isPresent(peerId(0)),
    );
  });

  it("keeps its own record whatever the sample is", () => {
    const membership = new Membership({ ...OPTIONS, selfId: peerId(5) });
    for (let i = 0; i <= MEMBERS_MAX; i++) membership.merge(signed(i));
    expect(membership.isPresent(peerId(5))).toBe(true);
  });

  it("tells by bucket what differs", () => {
    const many = Array.from({ length: 300 }, (_, i) => signed(i));
    const [one, other] = [membershipOf(...many), membershipOf(...many)];
    other.merge(signed(7, { counter: 1 }));
    const [a, b] = [one.bucketDigests(), other.bucketDigests()];
    const differing = Array.from({ length: MEMBER_BUCKETS }, (_, i) => i).filter((i) =>
      a
        .subarray(i * BUCKET_BYTES, (i + 1) * BUCKET_BYTES)
        .some((byte, k) => byte !== b[i * BUCKET_BYTES + k]),
    );
    expect(differing).toHaveLength(1);
    const records = other.signedIn(differing[0] ?? 0).map((member) => member.record.id);
    expect(records).toContain(peerId(7));
  });
});

describe("a full list of members", () => {
  const left = { counter: 1, left: true } as const;

  function full(membersMax: number, ...members: SignedMember[]): Membership {
    const membership = new Membership({ ...OPTIONS, membersMax });
    for (const member of members) membership.merge(member);
    return membership;
  }

  it("makes room at the cost of the earliest life that has left", () => {
    const membership = full(
      3,
      signed(1, { ...left, epoch: 9n }),
      signed(2, { ...left, epoch: 5n }),
      signed(3),
    );
    expect(membership.merge(signed(4))).toBe("new");
    expect(membership.isPartial).toBe(false);
    expect(membership.takeEvicted()).toEqual([peerId(2)]);
    expect(membership.get(peerId(1))?.left).toBe(true);
  });

  it("makes room at the cost of one that a quorum has ended", () => {
    const membership = full(2, signed(1), signed(2));
    membership.depart(peerId(1));
    expect(membership.merge(signed(3))).toBe("new");
    expect(membership.present()).toEqual([peerId(2), peerId(3)].sort());
    expect(membership.isPartial).toBe(false);
  });

  it("is not brought back to who has made room by an old record, but by a newer one", () => {
    const membership = full(2, signed(1, { ...left, counter: 3 }), signed(2));
    membership.merge(signed(3));
    expect(membership.wants(signed(1, { counter: 3 }).record)).toBe(false);
    expect(membership.merge(signed(1, { counter: 2 }))).toBe("known");
    expect(membership.wants(signed(1, { counter: 4 }).record)).toBe(true);
    membership.depart(peerId(2));
    expect(membership.merge(signed(1, { counter: 4 }))).toBe("new");
  });

  it("is the same in whatever order the records came", () => {
    const members = [3, 1, 4, 5, 9, 2, 6].map((epoch, i) =>
      signed(i, { epoch: BigInt(epoch), ...(i < 5 ? left : {}) }),
    );
    const one = full(4, ...members);
    const other = full(4, ...members.toReversed());
    const ids = (membership: Membership) =>
      membership
        .signed()
        .map(({ record }) => record.id)
        .sort();
    expect(ids(one)).toEqual([3, 4, 5, 6].map((i) => peerId(i)).sort());
    expect(ids(other)).toEqual(ids(one));
    expect(one.digest()).toEqual(other.digest());
  });

  it("becomes a sample once nobody in it is gone", () => {
    const membership = full(2, signed(1), signed(2), signed(3));
    expect(membership.isPartial).toBe(true);
  });
});
