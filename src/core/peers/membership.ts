/**
 * Who belongs to the mesh: the newest signed record of every node seen. Records are verified
 * before they come here. Silence never removes a member; its own signed leave does, and so do the
 * statements of a quorum (failure/departing.ts) until a newer record of its own, and a proof of
 * equivocation for good.
 *
 * Up to MEMBERS_MAX records are a full view; of those that are gone, the earliest make room. More
 * that are present, or peers without a full view, make it partial for good: a sample of the ids ever
 * seen, those with the lowest hashes under a key of this node's own, so that no stranger can aim at
 * it by choosing ids (Bortnikov et al. 2009, "Brahms"). The sample's highest hash tells how many ids
 * there are (Bar-Yossef et al. 2002). Beside it the top of the backbone is known (crown.ts): to hang
 * on, not to be drawn from.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { Backbone, levelOf } from "../gossip/backbone.ts";
import type { NodeId } from "../node-id.ts";
import { isNewerMember, type MemberRecord, type SignedMember } from "../wire/member.ts";
import { Crown } from "./crown.ts";
import { firstToGo, GoneMembers } from "./gone-members.ts";
import { MemberBuckets } from "./member-buckets.ts";
import type { MemberTable } from "./member-table.ts";
import { Sample } from "./sample.ts";

/** A full view holds up to this many; docs/ARCHITECTURE.md. */
export const MEMBERS_MAX = 2000;

/**
 * `unsampled`: valid, but a partial view has no place for it. `crowned`: new, and known as part of
 * the backbone alone.
 */
export type MemberMerge = "new" | "newer" | "known" | "unsampled" | "crowned";

export interface MembershipOptions {
  readonly selfId: NodeId;
  readonly kernels: Pick<Kernels, "blake3">;
  /** 32 bytes, this node's secret: what its sample is drawn by. */
  readonly sampleKey: Uint8Array;
  readonly membersMax?: number;
}

export class Membership {
  readonly #options: MembershipOptions;
  /** Records that many cores share; what is newer is in #members. */
  #table: MemberTable | undefined;
  readonly #members = new Map<NodeId, SignedMember>();
  /** How many ids there are in both. */
  #size = 0;
  /** Members whose present record a quorum has ended. */
  readonly #departed = new Set<NodeId>();
  /** Those whose equivocation is proven, whatever their records say: the own node never. */
  readonly #expunged = new Set<NodeId>();
  /** Ids of those who count, ascending. */
  #present: readonly NodeId[] = [];
  /** Whether somebody may hold the array: a change then makes a new one. */
  #isLent = false;
  #buckets: MemberBuckets;
  #sample: Sample | undefined;
  readonly #crown = new Crown();
  #evicted: NodeId[] = [];
  readonly #gone = new GoneMembers();
  #backbone = new Backbone();
  /** The own parent, as long as nobody comes or goes. */
  #ownParent: { readonly id: NodeId | undefined } | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#buckets = new MemberBuckets(options.kernels, (id) => this.get(id));
  }

  /** Takes a verified record if it is newer than the one held. */
  merge(member: SignedMember): MemberMerge {
    const { record } = member;
    const held = this.signedOf(record.id);
    if (held !== undefined && !isNewerMember(record, held.record)) return "known";
    if (held === undefined && this.#gone.holds(record)) return "known";
    if (held === undefined && !this.#makeRoom(record)) return "known";
    if (held === undefined && !this.#findPlace(record.id)) return "unsampled";
    this.#departed.delete(record.id);
    const kept = member.shared === true ? member : { record, bytes: member.bytes.slice() };
    this.#members.set(record.id, kept);
    if (held === undefined) this.#size += 1;
    if (!this.isPartial) this.#buckets.add(record.id);
    this.#place(record.id, !record.left && !this.#expunged.has(record.id));
    if (record.left) this.#uncrown(record.id);
    if (held !== undefined) return "newer";
    return this.#isListed(record.id) ? "new" : "crowned";
  }

  /** Begins with a table beneath what is held so far; to be called before anybody is known. */
  adopt(table: MemberTable): void {
    const own = [...this.#members.values()];
    this.#table = table;
    this.#members.clear();
    this.#size = table.members.size;
    this.#buckets = new MemberBuckets(this.#options.kernels, (id) => this.get(id), table.buckets);
    this.#backbone = new Backbone(table.backbone);
    this.#ownParent = undefined;
    this.#present = table.present;
    this.#isLent = true;
    for (const member of own) this.merge(member);
  }

  /** Whether a record would be taken: asked before its signature is verified. */
  wants(record: MemberRecord): boolean {
    const held = this.get(record.id);
    if (held !== undefined) return isNewerMember(record, held);
    if (this.#gone.holds(record)) return false;
    if (this.#sample === undefined) return true;
    return this.#sample.wants(record.id) || this.#crown.wants(record.id);
  }

  get(id: NodeId): MemberRecord | undefined {
    return this.signedOf(id)?.record;
  }

  /** The signed record, to be handed on. */
  signedOf(id: NodeId): SignedMember | undefined {
    return this.#members.get(id) ?? this.#table?.members.get(id);
  }

  /**
   * Ids of those who have neither left nor departed nor been expunged, sorted; a change makes a new
   * array. In a partial view: of the sample.
   */
  present(): readonly NodeId[] {
    this.#isLent = true;
    return this.#present;
  }

  isPresent(id: NodeId): boolean {
    return this.get(id)?.left === false && !this.#departed.has(id) && !this.#expunged.has(id);
  }

  /** A quorum has ended the membership that the present record stands for. */
  depart(id: NodeId): void {
    if (!this.isPresent(id)) return;
    this.#departed.add(id);
    this.#place(id, false);
    this.#uncrown(id);
  }

  /** Its equivocation is proven: it counts no more, for good. Its record stays, as others hold it. */
  expunge(id: NodeId): void {
    if (id === this.#options.selfId) return;
    this.#expunged.add(id);
    this.#place(id, false);
    this.#uncrown(id);
  }

  /** Ids of those who have departed. */
  departed(): Iterable<NodeId> {
    return this.#departed;
  }

  isDeparted(id: NodeId): boolean {
    return this.#departed.size > 0 && this.#departed.has(id);
  }

  /** Every signed record, those of leavers included, so that a leave is not forgotten. */
  signed(): SignedMember[] {
    const signed: SignedMember[] = [];
    for (const [id, member] of this.#table?.members ?? []) {
      if (!this.#members.has(id)) signed.push(member);
    }
    return [...signed, ...this.#members.values()];
  }

  /** Whom a member hangs on in the backbone of those that `accept`; undefined for its root. */
  parentOf(self: NodeId, accept?: (id: NodeId) => boolean): NodeId | undefined {
    if (accept !== undefined || self !== this.#options.selfId) {
      return this.#backbone.parentOf(self, accept ?? (() => true));
    }
    this.#ownParent ??= { id: this.#backbone.parentOf(self, () => true) };
    return this.#ownParent.id;
  }

  get isPartial(): boolean {
    return this.#sample !== undefined;
  }

  /** How many members there are: counted, or estimated from the sample. */
  get estimate(): number {
    return Math.max(this.#present.length, this.#sample?.estimate ?? 0);
  }

  /** Gives up the full view for a sample; for good. */
  becomePartial(): void {
    if (this.#sample !== undefined) return;
    const { kernels, sampleKey, selfId } = this.#options;
    this.#sample = new Sample(kernels, sampleKey);
    // A sample is another at every node: nothing is left to share.
    for (const member of this.#table?.members.values() ?? []) {
      if (!this.#members.has(member.record.id)) this.#members.set(member.record.id, member);
    }
    this.#table = undefined;
    // Not compared by buckets: partial views differ.
    this.#buckets = new MemberBuckets(kernels, (id) => this.get(id));
    this.#backbone = new Backbone();
    for (const id of [...this.#members.keys()]) {
      if (id !== selfId && !this.#findPlace(id)) this.#forget(id);
    }
    for (const id of this.#members.keys()) this.#place(id, this.isPresent(id));
  }

  /** Members that the sample has let go since the last call. */
  takeEvicted(): NodeId[] {
    const evicted = this.#evicted;
    if (evicted.length > 0) this.#evicted = [];
    return evicted;
  }

  /** BLAKE3 over all records: equal when views are equal. Zero: a partial view has none. */
  digest(): Uint8Array {
    return this.isPartial ? PARTIAL_DIGEST : this.#buckets.digest();
  }

  /** The digests of all buckets, BUCKET_BYTES each. */
  bucketDigests(): Uint8Array {
    return this.#buckets.digests();
  }

  /** Signed records of a bucket. */
  signedIn(bucket: number): SignedMember[] {
    const signed: SignedMember[] = [];
    for (const id of this.#buckets.idsIn(bucket)) {
      const member = this.signedOf(id);
      if (member !== undefined) signed.push(member);
    }
    return signed;
  }

  /** Room in a full view for a record that is not held; false when it would be the first to go. */
  #makeRoom(record: MemberRecord): boolean {
    const { membersMax = MEMBERS_MAX, selfId } = this.#options;
    if (this.isPartial || this.#size < membersMax) return true;
    const gone = [...this.#members.keys()].filter((id) => id !== selfId && !this.isPresent(id));
    const records = gone.flatMap((id) => this.get(id) ?? []);
    const first = firstToGo(record.left ? [...records, record] : records);
    if (first === undefined) {
      this.becomePartial();
      return true;
    }
    this.#gone.bury(first);
    if (first === record) return false;
    this.#forget(first.id);
    return true;
  }

  /** A place for an id that is not held; false when sample and crown are full of lower ones. */
  #findPlace(id: NodeId): boolean {
    if (this.#sample === undefined || id === this.#options.selfId) return true;
    const places = [this.#sample, this.#crown].filter((place) => place.wants(id));
    for (const place of places) {
      const evicted = place.add(id);
      if (evicted !== undefined) this.#release(evicted);
    }
    return places.length > 0;
  }

  /** Sample or crown has let an id go. */
  #release(id: NodeId): void {
    if (this.#sample?.has(id) !== true && !this.#crown.has(id)) return this.#forget(id);
    if (this.#isListed(id)) return;
    this.#place(id, this.isPresent(id));
    this.#evicted.push(id);
  }

  /** Who is gone makes room in the crown, and is remembered, so that an old record brings nobody back. */
  #uncrown(id: NodeId): void {
    const record = this.get(id);
    if (record === undefined || !this.#crown.has(id)) return;
    this.#crown.delete(id);
    this.#gone.bury(record);
    if (!this.#isListed(id)) this.#forget(id);
  }

  /** Whether an id is among those that links are drawn from: all, or the sample. */
  #isListed(id: NodeId): boolean {
    return this.#sample === undefined || id === this.#options.selfId || this.#sample.has(id);
  }

  #forget(id: NodeId): void {
    this.#members.delete(id);
    this.#size -= 1;
    this.#departed.delete(id);
    if (!this.isPartial) this.#buckets.delete(id);
    this.#place(id, false);
    this.#evicted.push(id);
  }

  #place(id: NodeId, present: boolean): void {
    this.#placeInBackbone(id, present);
    const listed = present && this.#isListed(id);
    const at = lowerBound(this.#present, id);
    const there = this.#present[at] === id;
    if (listed === there) return;
    const ids = this.#isLent ? this.#present.slice() : (this.#present as NodeId[]);
    this.#present = ids;
    this.#isLent = false;
    if (listed) ids.splice(at, 0, id);
    else ids.splice(at, 1);
  }

  #placeInBackbone(id: NodeId, present: boolean): void {
    if (this.#backbone.has(id) === present) return;
    // Where others are known nobody hangs on the lowest level; a partial view need not hold it.
    if (present && this.isPartial && levelOf(id) === 0) return;
    this.#ownParent = undefined;
    if (present) this.#backbone.add(id);
    else this.#backbone.delete(id);
  }
}

/** Index of the first id not below `id`. */
export function lowerBound(ascending: readonly NodeId[], id: NodeId): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a digest shown by a peer stands for a view that can be compared. */
export function isFullDigest(digest: Uint8Array): boolean {
  return digest.some((byte) => byte !== 0);
}

const PARTIAL_DIGEST = new Uint8Array(HASH_BYTES);
