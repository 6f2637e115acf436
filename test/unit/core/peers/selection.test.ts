import { describe, expect, it } from "vitest";
import type { PeerInfo } from "../../../../src/core/peers/peer-info.ts";
import type { PeerRegistry } from "../../../../src/core/peers/peer-registry.ts";
import { hybridNearCount } from "../../../../src/core/peers/selection.ts";
import { Random } from "../../../../src/core/random.ts";
import type { Primitives } from "../../../../src/kernels/kernels.ts";
import { chiSquare, chiSquareBound } from "../../../support/chi-square.ts";
import { at, contactOf, filledRegistry, peerId } from "../../../support/peers.ts";
import { selectPeers } from "../../../support/select-peers.ts";

function idsOf(peers: readonly PeerInfo[]): string[] {
  return peers.map((peer) => peer.id);
}

/** 100 peers; peer i is i + 1 ms away. */
function measuredRegistry(count = 100): PeerRegistry {
  const registry = filledRegistry(count);
  for (let i = 0; i < count; i++) registry.recordRtt(peerId(i), i + 1);
  return registry;
}

/** How often each of `count` peers is chosen in `rounds` selections. */
function tally(count: number, rounds: number, select: () => readonly PeerInfo[]): number[] {
  const counts = new Map(Array.from({ length: count }, (_, i) => [peerId(i), 0]));
  for (let i = 0; i < rounds; i++) {
    for (const peer of select()) counts.set(peer.id, counts.get(peer.id)! + 1);
  }
  return [...counts.values()];
}

describe("random selection (C1)", () => {
  it("returns k distinct peers", () => {
    const registry = filledRegistry(50);
    for (let k = 0; k <= 50; k++) expect(new Set(idsOf(registry.selectRandom(k))).size).toBe(k);
  });

  it("returns every eligible peer when fewer than k are", () => {
    const registry = filledRegistry(5);
    registry.setReputation(peerId(3), 0);
    const expected = [0, 1, 2, 4].map(peerId).sort();
    expect(idsOf(registry.selectRandom(10)).sort()).toEqual(expected);
  });

  it("returns nobody from an empty registry", () => {
    const registry = filledRegistry(0);
    expect([registry.selectRandom(3), registry.selectNearest(3), registry.selectHybrid(3)]).toEqual(
      [[], [], []],
    );
  });

  it("chooses every peer equally often, also after peers left and fell below the threshold", () => {
    const registry = filledRegistry(60);
    for (let i = 40; i < 60; i += 2) registry.deregister(peerId(i));
    for (let i = 41; i < 60; i += 2) registry.setReputation(peerId(i), 0);
    const counts = tally(40, 4_000, () => registry.selectRandom(5));
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(39));
  });

  it.each([
    ["most", (i: number) => i % 8 !== 0],
    ["some", (i: number) => i % 4 === 0],
    ["few", (i: number) => i % 50 === 0],
  ])("chooses equally often among the filtered when %s pass", (_, passes) => {
    const count = 400;
    const registry = filledRegistry(count);
    const passing = new Set(
      Array.from({ length: count }, (_, i) => i)
        .filter(passes)
        .map(peerId),
    );
    const filter = (peer: PeerInfo) => passing.has(peer.id);
    const counts = tally(count, 4_000, () => registry.selectRandom(4, filter));
    const chosen = counts.filter((_, i) => passes(i));
    expect(counts.reduce((a, b) => a + b)).toBe(16_000);
    expect(chosen.reduce((a, b) => a + b)).toBe(16_000);
    expect(chiSquare(chosen)).toBeLessThan(chiSquareBound(passing.size - 1));
  });

  it("finds the one peer that passes a filter", () => {
    const registry = filledRegistry(1_000);
    const only = (peer: PeerInfo) => peer.id === peerId(700);
    expect(idsOf(registry.selectRandom(3, only))).toEqual([peerId(700)]);
  });

  it("repeats its choices for the same random stream and history", () => {
    const choose = () => {
      const registry = measuredRegistry();
      return [
        registry.selectRandom(7),
        registry.selectHybrid(7),
        registry.selectRegion("eu", 7),
        registry.selectRandom(7, (peer) => peer.id > "8"),
      ].map(idsOf);
    };
    expect(choose()).toEqual(choose());
  });

  it.each([-1, 1.5, Number.NaN])("treats a selection of %d peers as a defect", (k) => {
    expect(() => filledRegistry(3).selectRandom(k)).toThrow(/integer k/);
  });
});

describe("the cost of random selection (C1, N3)", () => {
  it.each([1_000, 10_000, 100_000])("is one kernel call and k draws among %i peers", (count) => {
    const calls: number[][] = [];
    const counting: Primitives["selectPeers"] = (size, k, state, into) => {
      calls.push([size, k]);
      return selectPeers(size, k, state, into);
    };
    const random = Random.fromSeed(3n);
    const registry = filledRegistry(count, { selectPeers: counting, random });
    const before = new Random(random.state.slice());
    expect(registry.selectRandom(10)).toHaveLength(10);
    expect(calls).toEqual([[count, 10]]);
    for (let i = 0; i < 10; i++) before.nextU32();
    expect(before.state).toEqual(random.state);
  });

  it.each([1_000, 10_000, 100_000])("asks a mild filter about at most 28 of %i peers", (count) => {
    const registry = filledRegistry(count);
    let asked = 0;
    const chosen = registry.selectRandom(10, (peer) => {
      asked++;
      return peer.id > "1";
    });
    expect(chosen).toHaveLength(10);
    expect(asked).toBeLessThanOrEqual(28);
  });
});

describe("nearest selection (C1)", () => {
  it("returns the k nearest, nearest first", () => {
    expect(idsOf(measuredRegistry().selectNearest(10))).toEqual(
      Array.from({ length: 10 }, (_, i) => peerId(i)),
    );
  });

  it("orders all peers exactly, within and across its buckets", () => {
    const registry = filledRegistry(500);
    const random = Random.fromSeed(4n);
    const byId = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      // Log-uniform from a microsecond to a minute, with 0 and the maximum among them.
      const ms = i === 0 ? 0 : i === 1 ? 60_000 : 0.001 * 6e7 ** random.float();
      byId.set(peerId(i), ms);
      registry.recordRtt(peerId(i), ms);
    }
    const expected = [...byId].sort((a, b) => a[1] - b[1]).map(([id]) => id);
    for (const k of [1, 10, 63, 64, 65, 200, 500]) {
      expect(idsOf(registry.selectNearest(k))).toEqual(expected.slice(0, k));
    }
  });

  it("follows a peer whose distance changes", () => {
    const registry = measuredRegistry();
    for (let i = 0; i < 100; i++) registry.recordRtt(peerId(99), 0.01);
    expect(idsOf(registry.selectNearest(1))).toEqual([peerId(99)]);
  });

  it("takes peers without a sample last, and at random", () => {
    const registry = filledRegistry(41);
    registry.recordRtt(peerId(40), 5_000);
    const first = registry.selectNearest(4);
    expect(first[0]?.id).toBe(peerId(40));
    const counts = tally(41, 2_000, () => registry.selectNearest(4)).slice(0, 40);
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(39));
  });

  it("passes over peers that the filter refuses", () => {
    const odd = new Set(Array.from({ length: 50 }, (_, i) => peerId(2 * i + 1)));
    const chosen = measuredRegistry().selectNearest(3, (peer) => odd.has(peer.id));
    expect(idsOf(chosen)).toEqual([peerId(1), peerId(3), peerId(5)]);
  });

  it("breaks ties differently on different nodes, so that equals share the load", () => {
    const choices = [1n, 2n, 3n, 4n].map((seed) => {
      const registry = filledRegistry(100, { random: Random.fromSeed(seed) });
      for (let i = 0; i < 100; i++) registry.recordRtt(peerId(i), 10);
      const chosen = idsOf(registry.selectNearest(5));
      expect(idsOf(registry.selectNearest(5))).toEqual(chosen);
      return chosen.join();
    });
    expect(new Set(choices).size).toBe(4);
  });

  it("asks only about the peers of the buckets it reads, not about all", () => {
    const registry = measuredRegistry(2_000);
    let asked = 0;
    registry.selectNearest(10, () => {
      asked++;
      return true;
    });
    expect(asked).toBeLessThanOrEqual(12);
  });
});

describe("hybrid selection (C1)", () => {
  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 4],
    [6, 4],
    [9, 7],
    [10, 8],
    [20, 16],
  ])("of %i takes %i near ones: four fifths, rounded down", (k, near) => {
    expect(hybridNearCount(k)).toBe(near);
  });

  it("takes the 8 nearest of 10 and 2 others, all distinct", () => {
    const registry = measuredRegistry();
    for (let round = 0; round < 200; round++) {
      const ids = idsOf(registry.selectHybrid(10));
      expect(ids.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, i) => peerId(i)));
      expect(new Set(ids).size).toBe(10);
    }
  });

  it("draws its far links evenly from all the others", () => {
    const registry = measuredRegistry(48);
    const counts = tally(48, 4_000, () => registry.selectHybrid(10)).slice(8);
    expect(counts.reduce((a, b) => a + b)).toBe(8_000);
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(39));
  });

  it("still returns k distinct peers when hardly any distance is known", () => {
    const registry = filledRegistry(12);
    registry.recordRtt(peerId(3), 5);
    for (let k = 1; k <= 12; k++) {
      expect(new Set(idsOf(registry.selectHybrid(k))).size).toBe(k);
    }
    expect(registry.selectHybrid(20)).toHaveLength(12);
  });

  it("keeps near and random choices to the filter", () => {
    const registry = measuredRegistry();
    const allowed = new Set(Array.from({ length: 30 }, (_, i) => peerId(3 * i)));
    const ids = idsOf(registry.selectHybrid(10, (peer) => allowed.has(peer.id)));
    expect(ids.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, i) => peerId(3 * i)));
    expect(ids.every((id) => allowed.has(id))).toBe(true);
    expect(new Set(ids).size).toBe(10);
  });
});

describe("selection by region (C1)", () => {
  it("returns peers of the region alone", () => {
    const registry = filledRegistry(20);
    for (let i = 20; i < 30; i++)
      registry.register(contactOf(i, { region: "us" }), "contact", at(0));
    const ids = idsOf(registry.selectRegion("us", 99)).sort();
    expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => peerId(20 + i)).sort());
    expect(registry.selectRegion("mars", 5)).toEqual([]);
  });

  it("follows a peer that moves to another region", () => {
    const registry = filledRegistry(3);
    registry.register(contactOf(1, { region: "us" }), "contact", at(0));
    expect(idsOf(registry.selectRegion("us", 9))).toEqual([peerId(1)]);
    expect(idsOf(registry.selectRegion("eu", 9)).sort()).toEqual([peerId(0), peerId(2)].sort());
  });

  it("leaves out peers below the threshold, also when they move meanwhile", () => {
    const registry = filledRegistry(3);
    registry.setReputation(peerId(1), 0.1);
    registry.register(contactOf(1, { region: "us" }), "contact", at(0));
    expect(registry.selectRegion("us", 9)).toEqual([]);
    registry.setReputation(peerId(1), 0.9);
    expect(idsOf(registry.selectRegion("us", 9))).toEqual([peerId(1)]);
  });

  it("applies the filter", () => {
    const registry = filledRegistry(20);
    const chosen = registry.selectRegion("eu", 5, (peer) => peer.id === peerId(4));
    expect(idsOf(chosen)).toEqual([peerId(4)]);
  });
});
