import { describe, expect, it } from "vitest";
import { ActiveView, type MemberIds } from "../../../../src/core/gossip/active-view.ts";
import { Random } from "../../../../src/core/random.ts";
import { at, peerId } from "../../../support/peers.ts";

const SIZE = 10;
const GRACE_MS = 500;
const UNREACHED_MS = 5_000;
const EXCHANGE_MS = 120_000;
const LOWEST = "0".repeat(64);
const HIGHEST = "f".repeat(64);

function members(count: number): string[] {
  return Array.from({ length: count }, (_, i) => peerId(i)).sort();
}

function viewOf(selfId: string, size = SIZE): ActiveView {
  return new ActiveView({ selfId, size, random: Random.fromSeed(7n) });
}

/** A full view without a backbone. */
function full(present: readonly string[]): MemberIds {
  return {
    present: () => present,
    isPresent: (id) => present.includes(id),
    parentOf: () => undefined,
    isPartial: false,
  };
}

function wantedBy(view: ActiveView, present: readonly string[], monoMs: number): string[] {
  const requests = view.plan(full(present), at(monoMs));
  return requests
    .filter(({ kind }) => kind === "want")
    .map((request) => ("peer" in request ? request.peer : ""));
}

describe("active view (C4)", () => {
  it("wants every other member of a small mesh, and never itself", () => {
    const present = [LOWEST, ...members(SIZE)];
    expect(wantedBy(viewOf(LOWEST), present, 0).sort()).toEqual(members(SIZE));
  });

  it("asks for a peer once", () => {
    const view = viewOf(LOWEST);
    view.plan(full([LOWEST, ...members(3)]), at(0));
    expect(view.plan(full([LOWEST, ...members(3)]), at(250))).toEqual([]);
  });

  it("gives up a peer that has left", () => {
    const view = viewOf(LOWEST);
    const [first, ...rest] = members(3);
    view.plan(full([LOWEST, ...members(3)]), at(0));
    expect(view.plan(full([LOWEST, ...rest]), at(1))).toEqual([{ kind: "unwant", peer: first }]);
  });

  it("leaves the dial to the lower id of a pair, for a while", () => {
    const view = viewOf(HIGHEST);
    const present = [...members(3), HIGHEST];
    expect(wantedBy(view, present, 1_000)).toEqual([]);
    expect(wantedBy(view, present, 1_000 + GRACE_MS - 1)).toEqual([]);
    expect(wantedBy(view, present, 1_000 + GRACE_MS).sort()).toEqual(members(3));
  });

  it("dials its parent at once, whichever id is lower: a parent does not want its child", () => {
    const view = viewOf(HIGHEST);
    const present = [...members(50), HIGHEST];
    const parent = present[25]!;
    const requests = view.plan({ ...full(present), parentOf: () => parent }, at(0));
    expect(requests).toContainEqual({ kind: "want", peer: parent, addresses: [] });
  });

  it("is watched by its two predecessors on the ring, over the end too", () => {
    const view = viewOf(LOWEST);
    const present = [LOWEST, ...members(50)];
    view.plan(full(present), at(0));
    expect(view.predecessors).toEqual([present[50], present[49]]);
  });

  it("wants a peer that has linked itself without waiting", () => {
    const view = viewOf(HIGHEST);
    view.up(peerId(1), false);
    expect(wantedBy(view, [...members(3), HIGHEST], 0)).toEqual([peerId(1)]);
  });

  it("always wants its two successors on the ring, over the end too", () => {
    for (const [self, expected] of [
      [LOWEST, members(50).slice(0, 2)],
      [HIGHEST, members(50).slice(0, 2)],
    ] as const) {
      const view = viewOf(self);
      const present = [...members(50), self].sort();
      view.plan(full(present), at(0));
      const wanted = new Set(wantedBy(viewOf(self), present, 0));
      const later = wantedBy(view, present, GRACE_MS);
      for (const peer of expected) expect(wanted.has(peer) || later.includes(peer)).toBe(true);
    }
  });

  it("wants its ring and a fifth of its places as picks, and leaves the rest to those who pick it", () => {
    const wanted = wantedBy(viewOf(LOWEST), [LOWEST, ...members(200)], 0);
    expect(new Set(wanted).size).toBe(wanted.length);
    expect(wanted).toHaveLength(2 + SIZE / 5);
  });

  it("keeps its picks while their links stand", () => {
    const view = viewOf(LOWEST);
    const present = [LOWEST, ...members(200)];
    for (const peer of wantedBy(view, present, 0)) view.up(peer, false);
    for (const now of [250, 1_000, EXCHANGE_MS - 1])
      expect(view.plan(full(present), at(now))).toEqual([]);
  });

  it.each([0, 1])("replaces a pick not reached in time, from instant %i on", (start) => {
    const view = viewOf(LOWEST);
    const present = [LOWEST, ...members(200)];
    const ring = members(200).slice(0, 2);
    const picks = wantedBy(view, present, start).filter((peer) => !ring.includes(peer));
    expect(view.plan(full(present), at(start + UNREACHED_MS - 1))).toEqual([]);
    const requests = view.plan(full(present), at(start + UNREACHED_MS));
    const given = requests.flatMap((request) => (request.kind === "unwant" ? [request.peer] : []));
    expect(given.length).toBeGreaterThan(0);
    for (const peer of given) expect(picks).toContain(peer);
  });

  it("counts from the loss of a link, not from the wish for it", () => {
    const view = viewOf(LOWEST);
    const present = [LOWEST, ...members(200)];
    for (const peer of wantedBy(view, present, 0)) view.up(peer, false);
    const lost = view.peers();
    expect(lost).toEqual([]); // no Hello yet
    for (const peer of members(200)) view.down(peer, at(20_000));
    expect(view.plan(full(present), at(20_000 + UNREACHED_MS - 1))).toEqual([]);
    expect(view.plan(full(present), at(20_000 + UNREACHED_MS))).not.toEqual([]);
  });

  it("exchanges one pick now and then, so that rounds mix", () => {
    const view = viewOf(LOWEST);
    const present = [LOWEST, ...members(200)];
    for (const peer of wantedBy(view, present, 0)) view.up(peer, false);
    const requests = view.plan(full(present), at(EXCHANGE_MS));
    expect(requests.filter(({ kind }) => kind === "unwant").length).toBe(1);
    expect(requests.filter(({ kind }) => kind === "want").length).toBe(1);
  });

  it("gossips over links that have said Hello and that either end wants for it", () => {
    const view = viewOf(LOWEST);
    view.up(peerId(1), true).ready = true;
    view.up(peerId(2), false).ready = true;
    Object.assign(view.up(peerId(3), false), { ready: true, peerWants: true });
    view.up(peerId(4), true);
    expect(view.peers()).toEqual([peerId(1), peerId(3)]);
    expect(view.isGossiping(peerId(1))).toBe(true);
    expect(view.isGossiping(peerId(2))).toBe(false);
    expect(view.isGossiping(peerId(3))).toBe(true);
    expect(view.isGossiping(peerId(4))).toBe(false);
    expect(view.isGossiping(peerId(5))).toBe(false);
  });

  it("keeps the links that stand when members come that nobody reaches", () => {
    const view = viewOf(LOWEST, 4);
    const real = members(4);
    for (const peer of wantedBy(view, [LOWEST, ...real], 0)) view.up(peer, true).ready = true;
    const invented = Array.from({ length: 100 }, (_, i) => peerId(1_000 + i));
    const present = [LOWEST, ...real, ...invented].sort();
    const wanted = new Set(real);
    for (let now = 250; now <= 3 * EXCHANGE_MS; now += UNREACHED_MS) {
      for (const request of view.plan(full(present), at(now))) {
        if (request.kind === "unwant") wanted.delete(request.peer);
        if (request.kind === "want") wanted.add(request.peer);
      }
      // Two of the ring and one pick are aimed at: as many that are there are kept.
      expect(real.filter((peer) => wanted.has(peer)).length).toBeGreaterThanOrEqual(3);
    }
  });

  it("lets old links go once as many new ones stand, and at once whoever has left", () => {
    const view = viewOf(LOWEST, 4);
    const [gone = "", ...stay] = members(4);
    for (const peer of wantedBy(view, [LOWEST, gone, ...stay], 0)) view.up(peer, true).ready = true;
    const present = [LOWEST, ...stay, ...Array.from({ length: 100 }, (_, i) => peerId(500 + i))];
    present.sort();
    const requests = view.plan(full(present), at(250));
    expect(requests).toContainEqual({ kind: "unwant", peer: gone });
    for (const request of requests) {
      if (request.kind === "want") view.up(request.peer, true).ready = true;
    }
    const later = view.plan(full(present), at(500));
    expect(later.some((request) => request.kind === "unwant")).toBe(true);
  });

  it("takes the seeds that it joined through for no picks", () => {
    const view = viewOf(LOWEST);
    const seeds = [peerId(201), peerId(202)];
    for (const seed of seeds) view.up(seed, true).ready = true;
    const present = [LOWEST, ...members(200), ...seeds].sort();
    view.plan(full(present), at(0));
    // Nobody was reached: others are picked, though the links to the seeds stand.
    expect(wantedBy(view, present, UNREACHED_MS)).not.toEqual([]);
  });

  it("makes a link for messages carry gossip when it has no other", () => {
    const view = viewOf(LOWEST, 4);
    view.up(peerId(1), false).ready = true;
    const present = [LOWEST, peerId(1), ...Array.from({ length: 100 }, (_, i) => peerId(500 + i))];
    expect(wantedBy(view, present.sort(), 0)).toContain(peerId(1));
  });

  it("is isolated while no link carries gossip, or may yet", () => {
    const view = viewOf(LOWEST);
    expect(view.isIsolated()).toBe(true);
    const link = view.up(peerId(1), true);
    expect(view.isIsolated()).toBe(false);
    link.ready = true;
    expect(view.isIsolated()).toBe(false);
    link.ownWants = false;
    expect(view.isIsolated()).toBe(true);
    view.down(peerId(1), at(1));
    expect(view.isIsolated()).toBe(true);
    expect(view.link(peerId(1))).toBeUndefined();
  });
});
