/**
 * The peers this node knows (C1): who they are, how near, how trusted, when last heard.
 *
 * 1. The own node is never registered, so no selection can return it.
 * 2. Selections see eligible peers alone: reputation at or above the threshold.
 * 3. Hearsay only adds: it never changes a known peer, has its own bound, and gives way to peers
 *    that show themselves, so invented ids cannot shut the door.
 * 4. n counts admitted peers, and pruning spares them: silence never lowers a quorum (docs/ARCHITECTURE.md).
 * 5. Nothing said by a peer throws: every method answers with a verdict.
 */

import { assertInvariant } from "../../errors.ts";
import type { Primitives } from "../../kernels/kernels.ts";
import { isNodeId, type NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { Random } from "../random.ts";
import type { MemberRecord } from "../wire/member.ts";
import type { MemberTable } from "./member-table.ts";
import { type ContactFault, contactFault, type PeerContact } from "./peer-contact.ts";
import { type PeerInfo, PeerRecord } from "./peer-info.ts";
import { type Quorum, quorumOf } from "./quorum.ts";
import { RecencyList } from "./recency-list.ts";
import { ReputationMemory } from "./reputation-memory.ts";
import { isRttSample, Rtt } from "./rtt.ts";
import { type PeerFilter, Selection } from "./selection.ts";
import { SleepingPeers } from "./sleeping-peers.ts";

/** A peer seen within this long is active (C1). */
export const ACTIVE_WITHIN_MS = 30_000;

/** Bounds of a registry. */
export interface PeerLimits {
  /** Peers known at once. Default 2,000: the full view of a region (docs/ARCHITECTURE.md). */
  readonly peersMax: number;
  /** Of these, known by hearsay alone. Default 500. */
  readonly hearsayMax: number;
  /** Tarnished reputations kept of peers that left. Default 1,024, about 200 KB. */
  readonly reputationsMax: number;
}

const PEER_LIMITS_DEFAULT: PeerLimits = {
  peersMax: 2_000,
  hearsayMax: 500,
  reputationsMax: 1_024,
};

/** What a registry is made of. */
export interface PeerRegistryOptions {
  readonly selfId: NodeId;
  /** The kernel's selection; called without a receiver. */
  readonly selectPeers: Primitives["selectPeers"];
  /** A stream of the registry's own. */
  readonly random: Random;
  /** Peers below it are never selected; in [0, 1], 0.5 to 0.7 in the standard topologies. */
  readonly reputationThreshold: number;
  readonly limits?: Partial<PeerLimits>;
}

/**
 * Who vouches for a contact: `contact` = the peer itself over an authenticated link (counts as
 * seen); `record` = its own signature, relayed by another; `hearsay` = nobody.
 */
export type Provenance = "contact" | "record" | "hearsay";

/** Outcome of {@link PeerRegistry.register}. */
export type RegisterVerdict =
  /** `evicted`: a peer known by hearsay alone that made room. */
  | { readonly kind: "added"; readonly peer: PeerInfo; readonly evicted?: NodeId }
  | { readonly kind: "updated"; readonly peer: PeerInfo }
  /** Hearsay about a known peer. */
  | { readonly kind: "unchanged"; readonly peer: PeerInfo }
  | { readonly kind: "refused"; readonly reason: ContactFault | "self" | "full" };

/** Outcome of a change to a known peer. */
export type UpdateVerdict =
  | { readonly kind: "updated"; readonly peer: PeerInfo }
  | { readonly kind: "refused"; readonly reason: "unknown_peer" | "invalid_value" };

/** Registry of peers; see the head of this file. */
export class PeerRegistry {
  readonly selfId: NodeId;
  readonly reputationThreshold: number;
  readonly limits: PeerLimits;
  readonly #peers = new Map<NodeId, PeerRecord>();
  /** Known by records that many cores share: each gets a record of its own when first needed. */
  readonly #asleep = new SleepingPeers();
  readonly #random: Random;
  readonly #selection: Selection;
  readonly #hearsay = new RecencyList<PeerRecord>();
  readonly #known = new RecencyList<PeerRecord>();
  readonly #admitted = new Map<string, number>();
  readonly #reputations: ReputationMemory;
  readonly #tieSalt: number;
  readonly #tarnished = new Set<PeerRecord>();
  #activeSinceMs = Number.NEGATIVE_INFINITY;

  /** @throws MESH_INVARIANT for an id, threshold or limit outside its range. */
  constructor(options: PeerRegistryOptions) {
    const { selfId, selectPeers, random, reputationThreshold } = options;
    const limits: PeerLimits = { ...PEER_LIMITS_DEFAULT, ...options.limits };
    assertInvariant(isNodeId(selfId), "selfId is 64 lower-case hex digits");
    assertInvariant(isReputation(reputationThreshold), "reputationThreshold lies in [0, 1]");
    for (const limit of Object.values(limits)) {
      assertInvariant(Number.isSafeInteger(limit) && limit >= 0, "a peer limit is an integer >= 0");
    }
    this.selfId = selfId;
    this.reputationThreshold = reputationThreshold;
    this.limits = Object.freeze(limits);
    this.#random = random;
    this.#selection = new Selection(selectPeers, random);
    this.#reputations = new ReputationMemory(limits.reputationsMax);
    this.#tieSalt = random.nextU32();
  }

  /** Adds a peer or updates its particulars. O(1). */
  register(contact: PeerContact, provenance: Provenance, now: Now): RegisterVerdict {
    const fault = contactFault(contact);
    if (fault !== undefined) return { kind: "refused", reason: fault };
    if (contact.id === this.selfId) return { kind: "refused", reason: "self" };
    const known = this.#find(contact.id);
    if (known === undefined) return this.#add(contact, provenance, now);
    if (provenance === "hearsay") return { kind: "unchanged", peer: known };
    this.#update(known, contact);
    this.#refresh(known, provenance === "contact", now);
    return { kind: "updated", peer: known };
  }

  /**
   * Registers everybody of a table as admitted, by their records; to be called before anybody is
   * known. O(regions): a peer costs memory here from when it is first asked for.
   */
  adopt(table: MemberTable, now: Now): void {
    assertInvariant(this.count === 0, "a table is adopted before anybody is known");
    this.#asleep.begin(table, this.selfId, now);
    for (const [region, count] of this.#asleep.byRegion()) this.#countAdmitted(region, count);
  }

  /**
   * Registers a member by its record, as {@link PeerRegistry.register} would; one that is new costs
   * a record here only from when it is first asked for.
   */
  introduce(record: MemberRecord, now: Now): void {
    const { id, addresses, region, zone } = record;
    const isPlain = !this.#peers.has(id) && id !== this.selfId && !this.#reputations.has(id);
    const maySleep = isPlain && contactFault(record) === undefined;
    const held = maySleep ? this.#asleep.take(id) : undefined;
    if (!maySleep || (held === undefined && this.count >= this.limits.peersMax)) {
      this.register({ id, addresses, region, zone, admitted: true }, "record", now);
      return;
    }
    if (held !== undefined) this.#countAdmitted(held.region, -1);
    this.#asleep.add(record);
    this.#countAdmitted(region, 1);
  }

  /** Removes a peer: it left, was evicted, or its departure was certified. */
  deregister(id: NodeId): PeerInfo | undefined {
    const peer = this.#find(id);
    if (peer !== undefined) this.#remove(peer);
    return peer;
  }

  /** Notes that an authenticated frame of the peer arrived. */
  touch(id: NodeId, now: Now): UpdateVerdict {
    const peer = this.#find(id);
    if (peer === undefined) return UNKNOWN_PEER;
    this.#refresh(peer, true, now);
    return { kind: "updated", peer };
  }

  /**
   * Removes peers neither seen nor vouched for within `staleMs`: rumours, then the others, each
   * stalest first. Admitted ones stay (invariant 4) unless `admittedToo`. O(stale peers).
   */
  pruneStale(
    staleMs: number,
    now: Now,
    options: { readonly admittedToo?: boolean } = {},
  ): PeerInfo[] {
    this.#awakenAll();
    const sinceMs = now.monoMs - staleMs;
    const pruned: PeerRecord[] = [];
    for (const list of [this.#hearsay, this.#known]) {
      for (let peer = list.oldest; peer !== undefined && peer.freshMs < sinceMs; ) {
        const next = peer.newer;
        if (options.admittedToo === true || !peer.admitted) {
          this.#remove(peer);
          pruned.push(peer);
        }
        peer = next;
      }
    }
    return pruned;
  }

  /** Sets a reputation, clamped to [0, 1]; refuses NaN. */
  setReputation(id: NodeId, reputation: number): UpdateVerdict {
    const peer = this.#find(id);
    if (peer === undefined) return UNKNOWN_PEER;
    if (Number.isNaN(reputation)) return INVALID_VALUE;
    peer.reputation = Math.min(1, Math.max(0, reputation));
    if (peer.reputation < 1) this.#tarnished.add(peer);
    else this.#tarnished.delete(peer);
    this.#placeByReputation(peer);
    return { kind: "updated", peer };
  }

  /** Raises or lowers a reputation, clamped to [0, 1]; refuses NaN. */
  adjustReputation(id: NodeId, change: number): UpdateVerdict {
    const peer = this.#find(id);
    return peer === undefined ? UNKNOWN_PEER : this.setReputation(id, peer.reputation + change);
  }

  /** Records a round-trip time; refuses NaN, negative and absurd ones ({@link isRttSample}). */
  recordRtt(id: NodeId, sampleMs: number): UpdateVerdict {
    const peer = this.#find(id);
    if (peer === undefined) return UNKNOWN_PEER;
    if (!isRttSample(sampleMs)) return INVALID_VALUE;
    if (peer.rtt === undefined) peer.rtt = new Rtt(sampleMs);
    else peer.rtt.record(sampleMs);
    if (this.#selection.has(peer)) this.#selection.measured(peer);
    return { kind: "updated", peer };
  }

  get(id: NodeId): PeerInfo | undefined {
    return this.#find(id);
  }

  /** Every known peer, eligible or not, in the order of registration. */
  peers(): Iterable<PeerInfo> {
    this.#awakenAll();
    return this.#peers.values();
  }

  /** Whether some peer has less than full reputation. */
  get hasTarnished(): boolean {
    return this.#tarnished.size > 0;
  }

  /** Peers with less than full reputation. */
  tarnished(): readonly PeerInfo[] {
    return [...this.#tarnished];
  }

  /** Peers known, eligible or not. */
  get count(): number {
    return this.#peers.size + this.#asleep.size;
  }

  /** Peers that selections may return. */
  get eligibleCount(): number {
    return this.#selection.size + this.#asleep.size;
  }

  /** Peers whose reputation is below the threshold. */
  get belowThresholdCount(): number {
    return this.#peers.size - this.#selection.size;
  }

  /** Peers seen within ACTIVE_WITHIN_MS. O(1) amortised. */
  activeCount(now: Now): number {
    this.#activeSinceMs = Math.max(this.#activeSinceMs, now.monoMs - ACTIVE_WITHIN_MS);
    return this.#known.countActive(this.#activeSinceMs);
  }

  /** Admitted peers of a region, whatever their reputation; the own node is not among them. */
  admittedCount(region: string): number {
    return this.#admitted.get(region) ?? 0;
  }

  /** Quorum of a region this node is a member of; see {@link quorumOf} for `faultsMax`. */
  quorum(region: string, faultsMax?: number): Quorum {
    return quorumOf(this.admittedCount(region) + 1, faultsMax);
  }

  /** min(k, qualifying) distinct peers, uniformly. */
  selectRandom(k: number, filter?: PeerFilter): PeerInfo[] {
    this.#awakenAll();
    return this.#selection.random(k, filter);
  }

  /** min(k, qualifying) distinct eligible peers of `ids`, uniformly: where few of many qualify. */
  selectAmong(ids: readonly NodeId[], k: number, filter: PeerFilter): PeerInfo[] {
    const qualifying: PeerInfo[] = [];
    for (const id of ids) {
      const peer = this.#find(id);
      if (peer !== undefined && this.#selection.has(peer) && filter(peer)) qualifying.push(peer);
    }
    return this.#random.shuffleHead(qualifying, k).slice(0, k);
  }

  /** The k nearest by smoothed round-trip time, nearest first; unmeasured peers last, at random. */
  selectNearest(k: number, filter?: PeerFilter): PeerInfo[] {
    this.#awakenAll();
    return this.#selection.nearest(k, filter);
  }

  /** floor(4k / 5) nearest, the rest at random among the others; all distinct. */
  selectHybrid(k: number, filter?: PeerFilter): PeerInfo[] {
    this.#awakenAll();
    return this.#selection.hybrid(k, filter);
  }

  /** min(k, qualifying) distinct peers of one region, uniformly. */
  selectRegion(region: string, k: number, filter?: PeerFilter): PeerInfo[] {
    this.#awakenAll();
    return this.#selection.region(region, k, filter);
  }

  #find(id: NodeId): PeerRecord | undefined {
    return this.#peers.get(id) ?? this.#awaken(id);
  }

  #awaken(id: NodeId): PeerRecord | undefined {
    const record = this.#asleep.take(id);
    if (record === undefined) return undefined;
    const { region, addresses, zone } = record;
    const peer = this.#newRecord(id, region);
    peer.addresses = Object.freeze([...new Set(addresses)]);
    peer.zone = zone;
    peer.admitted = true; // and counted as such since it was introduced
    peer.hearsay = false;
    this.#known.append(peer, this.#asleep.sinceMonoMs, false);
    this.#placeByReputation(peer);
    return peer;
  }

  #awakenAll(): void {
    for (const id of this.#asleep.ids()) this.#awaken(id);
  }

  #newRecord(id: NodeId, region: string): PeerRecord {
    const tieBreak = (Number.parseInt(id.slice(0, 8), 16) ^ this.#tieSalt) >>> 0;
    const peer = new PeerRecord(id, region, tieBreak);
    peer.reputation = this.#reputations.recall(id);
    if (peer.reputation < 1) this.#tarnished.add(peer);
    this.#peers.set(id, peer);
    return peer;
  }

  #add(contact: PeerContact, provenance: Provenance, now: Now): RegisterVerdict {
    const hearsay = provenance === "hearsay";
    if (hearsay && this.#hearsay.size >= this.limits.hearsayMax) return FULL;
    let evicted: PeerRecord | undefined;
    if (this.count >= this.limits.peersMax) {
      evicted = hearsay ? undefined : this.#hearsay.oldest;
      if (evicted === undefined) return FULL;
      this.#remove(evicted);
    }
    const peer = this.#newRecord(contact.id, contact.region);
    this.#hearsay.append(peer, now.monoMs, false);
    this.#update(peer, hearsay ? { ...contact, admitted: false } : contact);
    if (!hearsay) this.#refresh(peer, provenance === "contact", now);
    this.#placeByReputation(peer);
    return { kind: "added", peer, ...(evicted && { evicted: evicted.id }) };
  }

  #update(peer: PeerRecord, contact: PeerContact): void {
    const { addresses, region, zone, role, admitted } = contact;
    const regionChanges = region !== peer.region;
    const wasSelectable = this.#selection.has(peer);
    // The indexes find a peer by its region: take it out before, put it back after.
    if (regionChanges && wasSelectable) this.#selection.remove(peer);
    if (peer.admitted) this.#countAdmitted(peer.region, -1);
    peer.region = region;
    peer.admitted = admitted ?? peer.admitted;
    if (peer.admitted) this.#countAdmitted(peer.region, 1);
    if (regionChanges && wasSelectable) this.#selection.add(peer);
    if (addresses !== undefined && addresses.length > 0) {
      peer.addresses = Object.freeze([...new Set(addresses)]);
    }
    peer.zone = zone ?? peer.zone;
    peer.role = role ?? peer.role;
  }

  /** Makes a peer the freshest: seen, or vouched for by its own signature. */
  #refresh(peer: PeerRecord, seen: boolean, now: Now): void {
    // A relayed record is no sign of life: it lifts a peer out of hearsay and nothing more.
    if (!seen && !peer.hearsay) return;
    (peer.hearsay ? this.#hearsay : this.#known).remove(peer);
    peer.hearsay = false;
    this.#known.append(peer, now.monoMs, seen);
    if (seen) peer.lastSeenMs = peer.freshMs;
  }

  #remove(peer: PeerRecord): void {
    this.#peers.delete(peer.id);
    this.#tarnished.delete(peer);
    if (this.#selection.has(peer)) this.#selection.remove(peer);
    (peer.hearsay ? this.#hearsay : this.#known).remove(peer);
    if (peer.admitted) this.#countAdmitted(peer.region, -1);
    this.#reputations.remember(peer.id, peer.reputation);
  }

  #placeByReputation(peer: PeerRecord): void {
    const eligible = peer.reputation >= this.reputationThreshold;
    if (eligible === this.#selection.has(peer)) return;
    if (eligible) this.#selection.add(peer);
    else this.#selection.remove(peer);
  }

  #countAdmitted(region: string, change: number): void {
    const count = this.admittedCount(region) + change;
    if (count === 0) this.#admitted.delete(region);
    else this.#admitted.set(region, count);
  }
}

function isReputation(value: number): boolean {
  return value >= 0 && value <= 1;
}

const FULL: RegisterVerdict = { kind: "refused", reason: "full" };
const UNKNOWN_PEER: UpdateVerdict = { kind: "refused", reason: "unknown_peer" };
const INVALID_VALUE: UpdateVerdict = { kind: "refused", reason: "invalid_value" };
