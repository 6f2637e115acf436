import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../src/core/node-id.ts";
import { MemberTable } from "../../../../src/core/peers/member-table.ts";
import { Membership } from "../../../../src/core/peers/membership.ts";
import { PeerRegistry } from "../../../../src/core/peers/peer-registry.ts";
import { Random } from "../../../../src/core/random.ts";
import type { MemberRecord, SignedMember } from "../../../../src/core/wire/member.ts";
import { createReferenceKernels } from "../../../../src/kernels/reference/kernels.ts";
import { at, peerId } from "../../../support/peers.ts";
import { MEMBERS } from "../../../support/wire-samples.ts";

const kernels = createReferenceKernels();
const SELF = peerId(1);
const COUNT = 60;

function signed(number: number, more: Partial<MemberRecord> = {}): SignedMember {
  const plain = MEMBERS.plain as MemberRecord;
  const record = { ...plain, id: peerId(number), epoch: 1n, counter: 0, ...more };
  return { record, bytes: Uint8Array.of(number, record.counter) };
}

function records(): SignedMember[] {
  return Array.from({ length: COUNT }, (_, i) => signed(i + 1, { left: i === 30 }));
}

/** One that took record after record, and one that began with the table. */
function bothMemberships(): [Membership, Membership] {
  const options = { selfId: SELF, kernels, sampleKey: new Uint8Array(32).fill(3) };
  const [single, sharing] = [new Membership(options), new Membership(options)];
  for (const member of records()) single.merge(member);
  sharing.merge(signed(1));
  sharing.adopt(new MemberTable(records(), kernels));
  return [single, sharing];
}

function seenOf(membership: Membership): unknown {
  const ids = Array.from({ length: COUNT + 5 }, (_, i) => peerId(i + 1));
  return {
    present: membership.present(),
    digest: membership.digest(),
    buckets: membership.bucketDigests(),
    records: ids.map((id) => membership.get(id)),
    parents: ids.map((id) => membership.parentOf(id)),
    signed: membership
      .signed()
      .map(({ record }) => record.id)
      .sort(),
    estimate: membership.estimate,
    isPartial: membership.isPartial,
  };
}

describe("a membership that begins with a table", () => {
  it("says what one says that took the records one by one", () => {
    const [single, sharing] = bothMemberships();
    expect(seenOf(sharing)).toEqual(seenOf(single));
  });

  it("follows joins, leaves, returns and departures as that one does", () => {
    const both = bothMemberships();
    const changes = [
      signed(COUNT + 1),
      signed(5, { counter: 1, left: true }),
      signed(6, { counter: 1, zone: "elsewhere" }),
      signed(31, { counter: 1 }),
      signed(5, { epoch: 2n }),
      signed(7, { counter: 1, left: true }),
    ];
    for (const change of changes) {
      const [one, other] = both.map((membership) => membership.merge(change));
      expect(other).toBe(one);
      expect(seenOf(both[1])).toEqual(seenOf(both[0]));
    }
    for (const membership of both) membership.depart(peerId(9));
    expect(seenOf(both[1])).toEqual(seenOf(both[0]));
  });

  it("becomes the same partial view", () => {
    const both = bothMemberships();
    for (const membership of both) membership.becomePartial();
    expect(seenOf(both[1])).toEqual(seenOf(both[0]));
  });

  it("changes nothing of the table, nor of others that share it", () => {
    const table = new MemberTable(records(), kernels);
    const options = { selfId: SELF, kernels, sampleKey: new Uint8Array(32) };
    const [changed, other] = [new Membership(options), new Membership(options)];
    for (const membership of [changed, other]) membership.adopt(table);
    const before = seenOf(other);
    changed.merge(signed(5, { counter: 1, left: true }));
    changed.merge(signed(COUNT + 1));
    changed.digest();
    expect(seenOf(other)).toEqual(before);
  });
});

function registryOf(): PeerRegistry {
  const options = { selectPeers: kernels.selectPeers, random: Random.fromSeed(1n) };
  return new PeerRegistry({ selfId: SELF, reputationThreshold: 0.5, ...options });
}

describe("a registry that begins with a table", () => {
  function bothRegistries(): [PeerRegistry, PeerRegistry] {
    const [single, sharing] = [registryOf(), registryOf()];
    for (const { record } of records()) {
      if (record.left) continue;
      single.register({ ...record, admitted: true }, "record", at(0));
    }
    sharing.adopt(new MemberTable(records(), kernels), at(0));
    return [single, sharing];
  }

  function seen(registry: PeerRegistry, id: NodeId): unknown {
    const peer = registry.get(id);
    return peer && [peer.id, peer.region, peer.zone, peer.addresses, peer.reputation, peer.rtt];
  }

  it("counts and knows whom one knows that was told of each", () => {
    const [single, sharing] = bothRegistries();
    const { region } = signed(1).record;
    expect(sharing.count).toBe(single.count);
    expect(sharing.eligibleCount).toBe(single.eligibleCount);
    expect(sharing.quorum(region)).toEqual(single.quorum(region));
    expect(sharing.get(SELF)).toBeUndefined();
    for (let i = 1; i <= COUNT; i++)
      expect(seen(sharing, peerId(i))).toEqual(seen(single, peerId(i)));
    expect(sharing.count).toBe(single.count);
    expect(sharing.quorum(region)).toEqual(single.quorum(region));
  });

  it("forgets, judges and counts anew as that one does", () => {
    const both = bothRegistries();
    const { region } = signed(1).record;
    for (const registry of both) {
      registry.deregister(peerId(4));
      registry.adjustReputation(peerId(5), -0.8);
      registry.touch(peerId(6), at(10));
      registry.register({ ...signed(4).record, admitted: true }, "record", at(20));
      registry.deregister(peerId(8));
    }
    const [single, sharing] = both;
    expect(sharing.count).toBe(single.count);
    expect(sharing.eligibleCount).toBe(single.eligibleCount);
    expect(sharing.activeCount(at(20))).toBe(1);
    expect(sharing.quorum(region)).toEqual(single.quorum(region));
    expect(sharing.get(peerId(8))).toBeUndefined();
  });

  it("keeps the count by region of those whose records change while nobody has asked for them", () => {
    const both = bothRegistries();
    const [single, sharing] = both;
    const changes = [
      signed(5, { counter: 1, region: "elsewhere" }),
      signed(COUNT + 1, { region: "elsewhere" }),
      signed(COUNT + 1, { counter: 1 }),
      signed(1, { counter: 1 }),
      signed(31),
    ];
    for (const { record } of changes) {
      single.register({ ...record, admitted: true }, "record", at(5));
      sharing.introduce(record, at(5));
    }
    for (const region of [signed(1).record.region, "elsewhere"]) {
      expect(sharing.admittedCount(region)).toBe(single.admittedCount(region));
    }
    expect(sharing.count).toBe(single.count);
    for (const { record } of changes) {
      expect(seen(sharing, record.id)).toEqual(seen(single, record.id));
    }
    expect(sharing.count).toBe(single.count);
  });

  it("does not forget what a member has done by being told of it again", () => {
    const [, sharing] = bothRegistries();
    sharing.setReputation(peerId(5), 0.2);
    sharing.deregister(peerId(5));
    sharing.introduce(signed(5, { counter: 1 }).record, at(5));
    expect(sharing.tarnished().map(({ id }) => id)).toEqual([peerId(5)]);
    expect(sharing.belowThresholdCount).toBe(1);
  });

  it("selects among all of them", () => {
    const [, sharing] = bothRegistries();
    expect(sharing.selectRandom(COUNT * 2)).toHaveLength(COUNT - 2);
  });
});
