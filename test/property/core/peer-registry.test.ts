import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PeerInfo } from "../../../src/core/peers/peer-info.ts";
import {
  ACTIVE_WITHIN_MS,
  type PeerRegistry,
  type Provenance,
} from "../../../src/core/peers/peer-registry.ts";
import { hybridNearCount } from "../../../src/core/peers/selection.ts";
import { at, peerId, registryOf, SELF_ID } from "../../support/peers.ts";

/** The registry as anyone would write it first: one map, and a pass over it per question. */
interface ModelPeer {
  region: string;
  admitted: boolean;
  hearsay: boolean;
  reputation: number;
  smoothedMs: number | undefined;
  freshMs: number;
  lastSeenMs: number | undefined;
}

interface World {
  readonly registry: PeerRegistry;
  readonly model: Map<string, ModelPeer>;
  /** Reputations of those who left. */
  readonly absent: Map<string, number>;
  nowMs: number;
}

type Operation = (world: World) => void;

const THRESHOLD = 0.5;
const PEERS_MAX = 12;
const HEARSAY_MAX = 4;
const REGIONS = ["eu", "us", "ap"];

/** Number 0 stands for the node itself. */
function idOf(number: number): string {
  return number === 0 ? SELF_ID : peerId(number);
}

function remove(world: World, id: string): void {
  const peer = world.model.get(id);
  if (peer !== undefined && peer.reputation < 1) world.absent.set(id, peer.reputation);
  world.model.delete(id);
}

function registerInModel(
  world: World,
  [id, region, provenance, admitted]: [string, string, Provenance, boolean | undefined],
): string {
  const { model, nowMs } = world;
  const hearsay = provenance === "hearsay";
  if (id === SELF_ID) return "refused";
  let kind = "updated";
  if (!model.has(id)) {
    const rumours = [...model].filter(([, peer]) => peer.hearsay);
    if (hearsay && (rumours.length >= HEARSAY_MAX || model.size >= PEERS_MAX)) return "refused";
    if (model.size >= PEERS_MAX) {
      const oldest = rumours[0];
      if (oldest === undefined) return "refused";
      remove(world, oldest[0]);
    }
    const reputation = world.absent.get(id) ?? 1;
    world.absent.delete(id);
    model.set(id, {
      region,
      admitted: false,
      hearsay: true,
      reputation,
      smoothedMs: undefined,
      freshMs: nowMs,
      lastSeenMs: undefined,
    });
    kind = "added";
  } else if (hearsay) return "unchanged";
  if (hearsay) return kind;
  const peer = model.get(id)!;
  peer.region = region;
  peer.admitted = admitted ?? peer.admitted;
  if (peer.hearsay || provenance === "contact") peer.freshMs = nowMs;
  peer.hearsay = false;
  if (provenance === "contact") peer.lastSeenMs = nowMs;
  return kind;
}

const anyNumber = fc.nat({ max: 18 });

const register: fc.Arbitrary<Operation> = fc
  .tuple(
    anyNumber,
    fc.constantFrom(...REGIONS),
    fc.constantFrom<Provenance>("contact", "record", "hearsay"),
    fc.constantFrom(undefined, true, false),
  )
  .map(([number, region, provenance, admitted]) => (world) => {
    const id = idOf(number);
    const contact = { id, region, ...(admitted !== undefined && { admitted }) };
    const verdict = world.registry.register(contact, provenance, at(world.nowMs));
    expect(verdict.kind).toBe(registerInModel(world, [id, region, provenance, admitted]));
  });

const deregister: fc.Arbitrary<Operation> = anyNumber.map((number) => (world) => {
  const removed = world.registry.deregister(idOf(number));
  expect(removed?.id).toBe(world.model.has(idOf(number)) ? idOf(number) : undefined);
  remove(world, idOf(number));
});

const touch: fc.Arbitrary<Operation> = anyNumber.map((number) => (world) => {
  const peer = world.model.get(idOf(number));
  const verdict = world.registry.touch(idOf(number), at(world.nowMs));
  expect(verdict.kind).toBe(peer === undefined ? "refused" : "updated");
  if (peer === undefined) return;
  Object.assign(peer, { hearsay: false, freshMs: world.nowMs, lastSeenMs: world.nowMs });
});

const judge: fc.Arbitrary<Operation> = fc
  .tuple(anyNumber, fc.constantFrom(-0.7, -0.5, -0.3, 0.2, 0.6))
  .map(([number, change]) => (world) => {
    world.registry.adjustReputation(idOf(number), change);
    const peer = world.model.get(idOf(number));
    if (peer) peer.reputation = Math.min(1, Math.max(0, peer.reputation + change));
  });

const measure: fc.Arbitrary<Operation> = fc
  .tuple(anyNumber, fc.constantFrom(Number.NaN, -1, 60_001, 0, 0.2, 1, 1.01, 1.5, 40, 41, 60_000))
  .map(([number, sampleMs]) => (world) => {
    world.registry.recordRtt(idOf(number), sampleMs);
    const peer = world.model.get(idOf(number));
    if (peer === undefined || !(sampleMs >= 0 && sampleMs <= 60_000)) return;
    const before = peer.smoothedMs ?? sampleMs;
    peer.smoothedMs = before + (sampleMs - before) / 8;
  });

const prune: fc.Arbitrary<Operation> = fc
  .tuple(fc.constantFrom(5_000, 20_000, 60_000), fc.boolean())
  .map(([staleMs, admittedToo]) => (world) => {
    const pruned = world.registry.pruneStale(staleMs, at(world.nowMs), { admittedToo });
    const stale = [...world.model].filter(
      ([, peer]) => peer.freshMs < world.nowMs - staleMs && (admittedToo || !peer.admitted),
    );
    expect(idsOf(pruned).sort()).toEqual(stale.map(([id]) => id).sort());
    for (const [id] of stale) remove(world, id);
  });

const wait: fc.Arbitrary<Operation> = fc.nat({ max: 20_000 }).map((ms) => (world) => {
  world.nowMs += ms;
});

const select: fc.Arbitrary<Operation> = fc
  .tuple(fc.nat({ max: 14 }), fc.constantFrom(...REGIONS), fc.boolean())
  .map(
    ([k, region, filtered]) =>
      (world) =>
        checkSelections(world, k, region, filtered),
  );

const operation = fc.oneof(
  { weight: 6, arbitrary: register },
  { weight: 1, arbitrary: deregister },
  { weight: 2, arbitrary: touch },
  { weight: 3, arbitrary: judge },
  { weight: 3, arbitrary: measure },
  { weight: 1, arbitrary: prune },
  { weight: 2, arbitrary: wait },
  { weight: 4, arbitrary: select },
);

function idsOf(peers: readonly PeerInfo[]): string[] {
  return peers.map((peer) => peer.id);
}

function expectSelection(
  peers: readonly PeerInfo[],
  k: number,
  allowed: ReadonlySet<string>,
): void {
  const ids = idsOf(peers);
  expect(ids).toHaveLength(Math.min(k, allowed.size));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !allowed.has(id))).toEqual([]);
}

function checkSelections(world: World, k: number, region: string, filtered: boolean): void {
  const { registry, model } = world;
  const passes = (id: string) => !filtered || model.get(id)?.lastSeenMs !== undefined;
  const filter = filtered ? (peer: PeerInfo) => passes(peer.id) : undefined;
  const eligible = [...model].filter(([id, peer]) => peer.reputation >= THRESHOLD && passes(id));
  const allowed = new Set(eligible.map(([id]) => id));
  const near = eligible.flatMap(([, peer]) => peer.smoothedMs ?? []).sort((a, b) => a - b);
  const timesOf = (peers: readonly PeerInfo[]) =>
    peers.map((peer) => model.get(peer.id)?.smoothedMs);

  expectSelection(registry.selectRandom(k, filter), k, allowed);
  const nearest = registry.selectNearest(k, filter);
  expectSelection(nearest, k, allowed);
  expect(timesOf(nearest).slice(0, near.length)).toEqual(near.slice(0, k));
  const hybrid = registry.selectHybrid(k, filter);
  expectSelection(hybrid, k, allowed);
  const nearCount = Math.min(hybridNearCount(k), near.length);
  expect(timesOf(hybrid).slice(0, nearCount)).toEqual(near.slice(0, nearCount));
  const local = new Set(eligible.filter(([, peer]) => peer.region === region).map(([id]) => id));
  expectSelection(registry.selectRegion(region, k, filter), k, local);
}

function checkCounts(world: World): void {
  const { registry, model, nowMs } = world;
  const peers = [...model.values()];
  const below = peers.filter((peer) => peer.reputation < THRESHOLD).length;
  const active = peers.filter((peer) => (peer.lastSeenMs ?? -1) >= nowMs - ACTIVE_WITHIN_MS);
  expect(registry.count).toBe(peers.length);
  expect(registry.belowThresholdCount).toBe(below);
  expect(registry.eligibleCount).toBe(peers.length - below);
  expect(registry.activeCount(at(nowMs))).toBe(active.length);
  for (const region of REGIONS) {
    const members = peers.filter((peer) => peer.admitted && peer.region === region).length + 1;
    expect(registry.quorum(region).members).toBe(members);
  }
  for (const peer of registry.peers()) {
    const { region, admitted, reputation, lastSeenMs } = model.get(peer.id)!;
    expect(peer).toMatchObject({ region, admitted, reputation, lastSeenMs });
  }
}

describe("peer registry against a plain map (C1)", () => {
  it("gives the same counts and lawful selections after any operations", () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 20, maxLength: 120, size: "max" }),
        (operations) => {
          const limits = { peersMax: PEERS_MAX, hearsayMax: HEARSAY_MAX };
          const registry = registryOf({ reputationThreshold: THRESHOLD, limits });
          const world: World = { registry, model: new Map(), absent: new Map(), nowMs: 100_000 };
          for (const operate of operations) {
            operate(world);
            checkCounts(world);
          }
        },
      ),
      { seed: 20_260_101, numRuns: 60 },
    );
  });
});
