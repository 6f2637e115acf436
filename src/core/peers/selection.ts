/**
 * Whom to talk to: random, nearest, hybrid and by-region selection over the eligible peers.
 *
 * 1. Only eligible peers are ever in these indexes: not the node itself (it is never registered)
 *    and nobody below the reputation threshold. A change of eligibility is O(1).
 * 2. Every selection returns distinct peers, min(k, those that qualify) of them.
 * 3. Random without a filter: one kernel draw, O(k) whatever the number of peers. With a filter that
 *    a share p passes: O(k / p), at most one pass over all. Both are exactly uniform.
 * 4. Same peers, same history, same random state: same answer.
 */

import { assertInvariant } from "../../errors.ts";
import type { Primitives } from "../../kernels/kernels.ts";
import type { Random } from "../random.ts";
import { DenseSet } from "./dense-set.ts";
import type { PeerInfo, PeerRecord } from "./peer-info.ts";
import { RttIndex } from "./rtt-index.ts";

/** Restricts a selection, e.g. to connected peers. Must be pure: it may not change the registry. */
export type PeerFilter = (peer: PeerInfo) => boolean;

/** The eligible peers, indexed for each way of choosing among them. */
export class Selection {
  readonly #selectPeers: Primitives["selectPeers"];
  readonly #random: Random;
  readonly #eligible = new DenseSet<PeerRecord>("eligiblePlace");
  readonly #regions = new Map<string, DenseSet<PeerRecord>>();
  readonly #measured = new RttIndex();
  readonly #unmeasured = new DenseSet<PeerRecord>("rttPlace");
  #indices: Uint32Array = new Uint32Array(INDICES_START);
  #running = 0;

  constructor(selectPeers: Primitives["selectPeers"], random: Random) {
    this.#selectPeers = selectPeers;
    this.#random = random;
  }

  get size(): number {
    return this.#eligible.size;
  }

  has(peer: PeerRecord): boolean {
    return peer.eligiblePlace >= 0;
  }

  add(peer: PeerRecord): void {
    this.#eligible.add(peer);
    let region = this.#regions.get(peer.region);
    if (region === undefined) {
      region = new DenseSet("regionPlace");
      this.#regions.set(peer.region, region);
    }
    region.add(peer);
    if (peer.rtt === undefined) this.#unmeasured.add(peer);
    else this.#measured.add(peer);
  }

  remove(peer: PeerRecord): void {
    this.#eligible.delete(peer);
    const region = this.#regions.get(peer.region);
    region?.delete(peer);
    if (region?.size === 0) this.#regions.delete(peer.region);
    if (peer.rttBucket < 0) this.#unmeasured.delete(peer);
    else this.#measured.remove(peer);
  }

  /** To be called after a member's round-trip time changed. */
  measured(peer: PeerRecord): void {
    if (peer.rttBucket >= 0) {
      this.#measured.move(peer);
      return;
    }
    this.#unmeasured.delete(peer);
    this.#measured.add(peer);
  }

  random(k: number, filter?: PeerFilter): PeerInfo[] {
    return filter === undefined
      ? this.#drawAny(this.#eligible.members, checked(k))
      : this.#draw(this.#eligible, checked(k), filter, []);
  }

  region(region: string, k: number, filter?: PeerFilter): PeerInfo[] {
    const members = this.#regions.get(region);
    if (members === undefined) return [];
    return filter === undefined
      ? this.#drawAny(members.members, checked(k))
      : this.#draw(members, checked(k), filter, []);
  }

  /** Nearest first; peers without a sample come last, in random order. */
  nearest(k: number, filter: PeerFilter = acceptAll): PeerInfo[] {
    const chosen: PeerRecord[] = [];
    this.#measured.collect(checked(k), filter, chosen);
    const missing = k - chosen.length;
    return missing === 0 ? chosen : this.#draw(this.#unmeasured, missing, filter, chosen);
  }

  /** The near ones first, nearest first, then the random ones. */
  hybrid(k: number, filter: PeerFilter = acceptAll): PeerInfo[] {
    const chosen: PeerRecord[] = [];
    this.#measured.collect(hybridNearCount(checked(k)), filter, chosen);
    // Near places that no measured peer fills are drawn at random with the rest.
    const running = ++this.#running;
    for (const peer of chosen) peer.takenBy = running;
    const untaken = (peer: PeerRecord) => peer.takenBy !== running && filter(peer);
    return this.#draw(this.#eligible, k - chosen.length, untaken, chosen);
  }

  /** The hot path of every round: at 1,000,000 peers it waits for memory, so nothing else is in it. */
  #drawAny(members: readonly PeerRecord[], k: number): PeerRecord[] {
    const drawn = this.#drawIndices(members.length, k);
    const indices = this.#indices;
    const chosen = new Array<PeerRecord>(drawn);
    for (let i = 0; i < drawn; i++) chosen[i] = members[indices[i] ?? 0] as PeerRecord;
    return chosen;
  }

  #draw(
    set: DenseSet<PeerRecord>,
    k: number,
    accept: (peer: PeerRecord) => boolean,
    into: PeerRecord[],
  ): PeerRecord[] {
    const members = set.members;
    const accepted = this.#drawAccepted(members, k, accept);
    // The kernel draws a uniform set, not a uniform order: shuffle before taking the head.
    this.#random.shuffleHead(accepted, k);
    const taken = Math.min(k, accepted.length);
    for (let i = 0; i < taken; i++) into.push(accepted[i] as PeerRecord);
    return into;
  }

  /**
   * A uniform sample of at least k accepted members, or all there are. Each draw is fresh, and
   * whether one suffices depends only on how many of it pass, which says nothing about who: so
   * drawing again, or looking at everybody in the end, favours nobody.
   */
  #drawAccepted(
    members: readonly PeerRecord[],
    k: number,
    accept: (peer: PeerRecord) => boolean,
  ): PeerRecord[] {
    // A draw costs several times what a step of a pass over all costs.
    const drawsMax = Math.min(DRAWS_MAX, members.length / 4);
    for (let draws = 2 * k + DRAWS_EXTRA; draws <= drawsMax; draws *= 4) {
      const accepted = this.#drawAny(members, draws).filter(accept);
      if (accepted.length >= k) return accepted;
    }
    return members.filter(accept);
  }

  #drawIndices(count: number, k: number): number {
    const wanted = Math.min(count, k);
    if (wanted > this.#indices.length) {
      this.#indices = new Uint32Array(2 ** Math.ceil(Math.log2(wanted)));
    }
    return this.#selectPeers(count, k, this.#random.state, this.#indices);
  }
}

/**
 * How many of k hybrid choices are near: four fifths, rounded down, so that every choice of one or
 * more holds at least one random peer: random links keep distant clusters connected.
 */
export function hybridNearCount(k: number): number {
  return Math.floor((4 * k) / 5);
}

function checked(k: number): number {
  assertInvariant(Number.isSafeInteger(k) && k >= 0, "a selection takes an integer k >= 0");
  return k;
}

function acceptAll(): boolean {
  return true;
}

const INDICES_START = 64;
const DRAWS_EXTRA = 8;
const DRAWS_MAX = 1_024;
