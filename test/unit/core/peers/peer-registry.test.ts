import { describe, expect, it } from "vitest";
import { ACTIVE_WITHIN_MS } from "../../../../src/core/peers/peer-registry.ts";
import { RTT_SAMPLE_MS_MAX } from "../../../../src/core/peers/rtt.ts";
import {
  at,
  contactOf,
  filledRegistry,
  peerId,
  registryOf,
  SELF_ID,
} from "../../../support/peers.ts";

const NOW = at(1_000);

describe("peer registry: registration (C1)", () => {
  it("adds a peer with full reputation, no round-trip time and the role of a flat mesh", () => {
    const registry = registryOf();
    const verdict = registry.register(contactOf(1, { addresses: ["a"] }), "contact", NOW);
    expect(verdict.kind).toBe("added");
    expect(registry.get(peerId(1))).toMatchObject({
      id: peerId(1),
      addresses: ["a"],
      region: "eu",
      zone: "",
      role: "member",
      admitted: false,
      reputation: 1,
      rtt: undefined,
      lastSeenMs: 1_000,
    });
  });

  it("refuses to register itself", () => {
    const registry = registryOf();
    const contact = { id: SELF_ID, region: "eu" };
    const verdicts = (["contact", "record", "hearsay"] as const).map((provenance) =>
      registry.register(contact, provenance, NOW),
    );
    for (const verdict of verdicts) expect(verdict).toEqual({ kind: "refused", reason: "self" });
    expect(registry.count).toBe(0);
  });

  it("refuses a malformed id and keeps nothing of it", () => {
    const registry = registryOf();
    const verdict = registry.register({ id: "xyz", region: "eu" }, "contact", NOW);
    expect(verdict).toEqual({ kind: "refused", reason: "invalid_id" });
    expect(registry.count).toBe(0);
  });

  it("leaves a known peer as it was when an update is malformed", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { addresses: ["a"] }), "contact", NOW);
    const verdict = registry.register(
      contactOf(1, { region: "", addresses: ["b"] }),
      "contact",
      NOW,
    );
    expect(verdict).toEqual({ kind: "refused", reason: "invalid_region" });
    expect(registry.get(peerId(1))).toMatchObject({ region: "eu", addresses: ["a"] });
  });

  it("updates particulars and keeps reputation and round-trip time", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { addresses: ["a"], zone: "z1" }), "contact", NOW);
    registry.setReputation(peerId(1), 0.8);
    registry.recordRtt(peerId(1), 5);
    const update = contactOf(1, { addresses: ["b"], region: "us", role: "edge" });
    expect(registry.register(update, "contact", NOW).kind).toBe("updated");
    expect(registry.get(peerId(1))).toMatchObject({
      addresses: ["b"],
      region: "us",
      zone: "z1",
      role: "edge",
      reputation: 0.8,
      rtt: { currentMs: 5 },
    });
  });

  it("keeps known addresses when an update brings none, and each address once", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { addresses: ["a", "b", "a"] }), "contact", NOW);
    registry.register(contactOf(1, { addresses: [] }), "contact", NOW);
    registry.register(contactOf(1), "contact", NOW);
    expect(registry.get(peerId(1))?.addresses).toEqual(["a", "b"]);
  });

  it("does not let the caller change addresses behind its back", () => {
    const registry = registryOf();
    const addresses = ["a"];
    registry.register(contactOf(1, { addresses }), "contact", NOW);
    addresses.push("b");
    expect(registry.get(peerId(1))?.addresses).toEqual(["a"]);
    expect(Object.isFrozen(registry.get(peerId(1))?.addresses)).toBe(true);
  });

  it("deregisters a peer from every count and selection", () => {
    const registry = filledRegistry(3);
    registry.recordRtt(peerId(1), 5);
    expect(registry.deregister(peerId(1))?.id).toBe(peerId(1));
    expect(registry.deregister(peerId(1))).toBeUndefined();
    expect([registry.count, registry.eligibleCount, registry.activeCount(at(0))]).toEqual([
      2, 2, 2,
    ]);
    for (const select of [
      registry.selectRandom(9),
      registry.selectNearest(9),
      registry.selectHybrid(9),
      registry.selectRegion("eu", 9),
    ]) {
      expect(select.map((peer) => peer.id).sort()).toEqual([peerId(0), peerId(2)].sort());
    }
  });

  it("lists every peer in the order of registration, eligible or not", () => {
    const registry = filledRegistry(3);
    registry.setReputation(peerId(0), 0);
    expect([...registry.peers()].map((peer) => peer.id)).toEqual([peerId(0), peerId(1), peerId(2)]);
  });
});

describe("peer registry: bounds and hearsay (C1)", () => {
  it("holds 2,000 peers unless told otherwise and answers the next with full", () => {
    const registry = filledRegistry(2_000);
    expect(registry.limits.peersMax).toBe(2_000);
    const verdict = registry.register(contactOf(2_000), "contact", NOW);
    expect(verdict).toEqual({ kind: "refused", reason: "full" });
  });

  it("still updates known peers when full", () => {
    const registry = filledRegistry(2_000);
    expect(registry.register(contactOf(7, { zone: "z" }), "contact", NOW).kind).toBe("updated");
  });

  it("adds a peer by hearsay without calling it seen or admitted", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { admitted: true }), "hearsay", NOW);
    expect(registry.get(peerId(1))).toMatchObject({ lastSeenMs: undefined, admitted: false });
    expect([registry.count, registry.activeCount(NOW)]).toEqual([1, 0]);
  });

  it("lets hearsay change nothing about a known peer", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { addresses: ["a"] }), "contact", NOW);
    const rumour = contactOf(1, { addresses: ["evil"], region: "us", role: "coordinator" });
    expect(registry.register(rumour, "hearsay", at(9_000)).kind).toBe("unchanged");
    expect(registry.get(peerId(1))).toMatchObject({
      addresses: ["a"],
      region: "eu",
      role: "member",
      lastSeenMs: 1_000,
    });
  });

  it("bounds what is known by hearsay alone", () => {
    const registry = registryOf({ limits: { hearsayMax: 2 } });
    const kinds = [1, 2, 3].map((i) => registry.register(contactOf(i), "hearsay", NOW).kind);
    expect(kinds).toEqual(["added", "added", "refused"]);
  });

  it("frees a hearsay place when the peer shows itself", () => {
    const registry = registryOf({ limits: { hearsayMax: 1 } });
    registry.register(contactOf(1), "hearsay", NOW);
    registry.touch(peerId(1), NOW);
    expect(registry.register(contactOf(2), "hearsay", NOW).kind).toBe("added");
  });

  it("gives the oldest rumour's place to a peer that shows itself when full", () => {
    const registry = registryOf({ limits: { peersMax: 3 } });
    registry.register(contactOf(0), "contact", NOW);
    registry.register(contactOf(1), "hearsay", NOW);
    registry.register(contactOf(2), "hearsay", NOW);
    const verdict = registry.register(contactOf(3), "contact", NOW);
    expect(verdict).toMatchObject({ kind: "added", evicted: peerId(1) });
    expect(registry.register(contactOf(4), "hearsay", NOW)).toEqual({
      kind: "refused",
      reason: "full",
    });
    expect(registry.count).toBe(3);
  });

  it("takes a relayed record as an update but not as a sign of life", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { addresses: ["a"] }), "contact", NOW);
    registry.register(contactOf(1, { addresses: ["b"] }), "record", at(50_000));
    registry.register(contactOf(2), "record", at(50_000));
    expect(registry.get(peerId(1))).toMatchObject({ addresses: ["b"], lastSeenMs: 1_000 });
    expect(registry.get(peerId(2))?.lastSeenMs).toBeUndefined();
    expect(registry.activeCount(at(50_000))).toBe(0);
  });
});

describe("peer registry: activity and pruning (C1)", () => {
  it("counts a peer as active up to and including 30 s after it was seen", () => {
    const registry = registryOf();
    registry.register(contactOf(1), "contact", at(0));
    expect(registry.activeCount(at(ACTIVE_WITHIN_MS))).toBe(1);
    expect(registry.activeCount(at(ACTIVE_WITHIN_MS + 1))).toBe(0);
  });

  it("counts a peer as active again once touched", () => {
    const registry = filledRegistry(3);
    expect(registry.activeCount(at(40_000))).toBe(0);
    expect(registry.touch(peerId(1), at(40_000)).kind).toBe("updated");
    expect(registry.activeCount(at(40_000))).toBe(1);
    expect(registry.get(peerId(1))?.lastSeenMs).toBe(40_000);
  });

  it("answers a touch of an unknown peer with a refusal", () => {
    const verdict = registryOf().touch(peerId(1), NOW);
    expect(verdict).toEqual({ kind: "refused", reason: "unknown_peer" });
  });

  it("prunes the stale, stalest first, and keeps the fresh", () => {
    const registry = filledRegistry(4);
    registry.touch(peerId(0), at(10));
    registry.touch(peerId(2), at(500));
    const pruned = registry.pruneStale(100, at(600));
    expect(pruned.map((peer) => peer.id)).toEqual([peerId(1), peerId(3), peerId(0)]);
    expect([...registry.peers()].map((peer) => peer.id)).toEqual([peerId(2)]);
  });

  it("prunes rumours that nothing confirmed", () => {
    const registry = registryOf();
    registry.register(contactOf(1), "hearsay", at(0));
    expect(registry.pruneStale(100, at(100))).toHaveLength(0);
    expect(registry.pruneStale(100, at(101))).toHaveLength(1);
  });

  it("spares admitted peers, so that silence never lowers a quorum", () => {
    const registry = registryOf();
    for (let i = 0; i < 6; i++) {
      registry.register(contactOf(i, { admitted: true }), "contact", at(0));
    }
    expect(registry.pruneStale(100, at(1e6))).toHaveLength(0);
    expect(registry.quorum("eu")).toEqual({ members: 7, faults: 2, size: 5 });
    expect(registry.pruneStale(100, at(1e6), { admittedToo: true })).toHaveLength(6);
  });

  it("counts into a region's quorum only admitted peers of that region, and itself", () => {
    const registry = filledRegistry(5);
    registry.register(contactOf(10, { admitted: true }), "record", NOW);
    registry.register(contactOf(11, { admitted: true }), "contact", NOW);
    registry.register(contactOf(12, { admitted: true, region: "us" }), "contact", NOW);
    registry.setReputation(peerId(11), 0);
    expect(registry.quorum("eu")).toEqual({ members: 3, faults: 0, size: 2 });
    expect(registry.quorum("us").members).toBe(2);
    expect(registry.quorum("mars").members).toBe(1);
  });

  it("follows an admitted peer that moves, is no longer admitted, or leaves", () => {
    const registry = registryOf();
    registry.register(contactOf(1, { admitted: true }), "contact", NOW);
    registry.register(contactOf(1, { region: "us" }), "contact", NOW);
    expect([registry.admittedCount("eu"), registry.admittedCount("us")]).toEqual([0, 1]);
    registry.register(contactOf(1, { region: "us", admitted: false }), "contact", NOW);
    expect(registry.admittedCount("us")).toBe(0);
    registry.register(contactOf(1, { region: "us", admitted: true }), "contact", NOW);
    registry.deregister(peerId(1));
    expect(registry.admittedCount("us")).toBe(0);
  });
});

describe("peer registry: reputation (C1)", () => {
  it.each([
    [1.5, 1],
    [-0.2, 0],
    [0.3, 0.3],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NEGATIVE_INFINITY, 0],
  ])("clamps a reputation of %d to %d", (value, stored) => {
    const registry = filledRegistry(1);
    registry.setReputation(peerId(0), value);
    expect(registry.get(peerId(0))?.reputation).toBe(stored);
  });

  it("refuses a reputation that is no number", () => {
    const registry = filledRegistry(1);
    const refusal = { kind: "refused", reason: "invalid_value" };
    expect(registry.setReputation(peerId(0), Number.NaN)).toEqual(refusal);
    expect(registry.adjustReputation(peerId(0), Number.NaN)).toEqual(refusal);
    expect(registry.get(peerId(0))?.reputation).toBe(1);
  });

  it("refuses to judge an unknown peer", () => {
    const refusal = { kind: "refused", reason: "unknown_peer" };
    expect(registryOf().setReputation(peerId(0), 1)).toEqual(refusal);
    expect(registryOf().adjustReputation(peerId(0), 1)).toEqual(refusal);
    expect(registryOf().recordRtt(peerId(0), 1)).toEqual(refusal);
  });

  it("selects a peer at the threshold and none below it", () => {
    const registry = filledRegistry(2);
    registry.setReputation(peerId(0), 0.5);
    registry.setReputation(peerId(1), 0.4999);
    expect(registry.selectRandom(9).map((peer) => peer.id)).toEqual([peerId(0)]);
    expect([registry.eligibleCount, registry.belowThresholdCount]).toEqual([1, 1]);
  });

  it("selects a peer again once it has recovered", () => {
    const registry = filledRegistry(2);
    registry.recordRtt(peerId(0), 5);
    registry.adjustReputation(peerId(0), -0.6);
    expect(registry.selectNearest(2).map((peer) => peer.id)).toEqual([peerId(1)]);
    registry.recordRtt(peerId(0), 5);
    registry.adjustReputation(peerId(0), 0.2);
    expect(registry.selectNearest(2).map((peer) => peer.id)).toEqual([peerId(0), peerId(1)]);
    expect(registry.belowThresholdCount).toBe(0);
  });

  it("remembers a bad reputation while the peer is away", () => {
    const registry = filledRegistry(2);
    registry.setReputation(peerId(0), 0.1);
    registry.deregister(peerId(0));
    registry.register(contactOf(0), "contact", NOW);
    expect(registry.get(peerId(0))?.reputation).toBeCloseTo(0.1);
    expect(registry.selectRandom(9).map((peer) => peer.id)).toEqual([peerId(1)]);
  });

  it("remembers a bounded number of absent peers, the latest", () => {
    const registry = filledRegistry(3, { limits: { reputationsMax: 2 } });
    for (const i of [0, 1, 2]) {
      registry.setReputation(peerId(i), 0.1);
      registry.deregister(peerId(i));
    }
    for (const i of [0, 1, 2]) registry.register(contactOf(i), "contact", NOW);
    expect([0, 1, 2].map((i) => registry.get(peerId(i))?.reputation)).toEqual([1, 0.1, 0.1]);
  });
});

describe("peer registry: round-trip times (C7)", () => {
  it("keeps current, min, max, mean, p99 and count per peer", () => {
    const registry = filledRegistry(2);
    for (const ms of [10, 30, 20]) registry.recordRtt(peerId(0), ms);
    expect(registry.get(peerId(0))?.rtt?.figures()).toEqual({
      currentMs: 20,
      minMs: 10,
      maxMs: 30,
      averageMs: 20,
      p99Ms: 30,
      count: 3,
    });
    expect(registry.get(peerId(1))?.rtt).toBeUndefined();
  });

  it.each([Number.NaN, -1, RTT_SAMPLE_MS_MAX + 1])("refuses a sample of %d ms", (ms) => {
    const registry = filledRegistry(1);
    const verdict = registry.recordRtt(peerId(0), ms);
    expect(verdict).toEqual({ kind: "refused", reason: "invalid_value" });
    expect(registry.get(peerId(0))?.rtt).toBeUndefined();
  });
});

describe("peer registry: construction (C1)", () => {
  it.each([
    [{ selfId: "me" }, /selfId/],
    [{ reputationThreshold: 1.1 }, /reputationThreshold/],
    [{ reputationThreshold: Number.NaN }, /reputationThreshold/],
    [{ limits: { peersMax: -1 } }, /limit/],
    [{ limits: { hearsayMax: 0.5 } }, /limit/],
  ])("treats %j as a defect", (options, message) => {
    expect(() => registryOf(options)).toThrow(message);
  });
});
