/**
 * The member records of a mesh as many cores of one process share them: verified, decoded and
 * indexed once, and never changed. A core that begins with a table keeps only what it learns beyond
 * it: a thousand members cost a thousand such cores no more than one.
 */
import type { Kernels } from "../../kernels/kernels.ts";
import { Backbone } from "../gossip/backbone.ts";
import type { NodeId } from "../node-id.ts";
import type { MemberRecord, SignedMember } from "../wire/member.ts";
import { MemberBuckets } from "./member-buckets.ts";
import { contactFault } from "./peer-contact.ts";

export class MemberTable {
  /** By id, leavers included; ascending. */
  readonly members: ReadonlyMap<NodeId, SignedMember>;
  /** Ids of those who have not left, ascending. */
  readonly present: readonly NodeId[];
  readonly backbone = new Backbone();
  readonly buckets: MemberBuckets;
  /** Members that can be peers, by region. */
  readonly peersByRegion: ReadonlyMap<string, number>;

  /** @param members one record a node, verified; kept. */
  constructor(members: readonly SignedMember[], kernels: Pick<Kernels, "blake3">) {
    const sorted = members.toSorted((a, b) => (a.record.id < b.record.id ? -1 : 1));
    this.members = new Map(sorted.map((member) => [member.record.id, member]));
    this.buckets = new MemberBuckets(kernels, (id) => this.members.get(id)?.record);
    const present: NodeId[] = [];
    const peersByRegion = new Map<string, number>();
    for (const { record } of sorted) {
      this.buckets.add(record.id);
      if (record.left) continue;
      present.push(record.id);
      this.backbone.add(record.id);
      if (!isPeer(record)) continue;
      peersByRegion.set(record.region, (peersByRegion.get(record.region) ?? 0) + 1);
    }
    this.present = present;
    this.peersByRegion = peersByRegion;
    this.buckets.digest();
  }

  /** The record of a member that a registry would take. */
  peer(id: NodeId): MemberRecord | undefined {
    const record = this.members.get(id)?.record;
    return record !== undefined && isPeer(record) ? record : undefined;
  }
}

function isPeer(record: MemberRecord): boolean {
  return !record.left && contactFault(record) === undefined;
}
