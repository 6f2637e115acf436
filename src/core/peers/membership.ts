/**
 * Who belongs to the mesh: the newest signed record of every node seen. Records are verified
 * before they come here. Silence never removes a member; its own signed leave does, and so do the
 * statements of a quorum (failure/departing.ts) until a newer record of its own.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { isNewerMember, type MemberRecord, type SignedMember } from "../wire/member.ts";
import { Writer } from "../wire/writer.ts";

/** A full view holds up to this many; docs/ARCHITECTURE.md. */
export const MEMBERS_MAX = 2000;

export type MemberMerge = "new" | "newer" | "known" | "full";

export class Membership {
  readonly #kernels: Pick<Kernels, "blake3">;
  readonly #members = new Map<NodeId, SignedMember>();
  /** Members whose present record a quorum has ended. */
  readonly #departed = new Set<NodeId>();
  #sorted: readonly NodeId[] | undefined;
  #digest: Uint8Array | undefined;

  constructor(kernels: Pick<Kernels, "blake3">) {
    this.#kernels = kernels;
  }

  /** Takes a verified record if it is newer than the one held. */
  merge(member: SignedMember): MemberMerge {
    const held = this.#members.get(member.record.id);
    if (held !== undefined && !isNewerMember(member.record, held.record)) return "known";
    if (held === undefined && this.#members.size >= MEMBERS_MAX) return "full";
    this.#departed.delete(member.record.id);
    this.#members.set(member.record.id, { record: member.record, bytes: member.bytes.slice() });
    this.#sorted = undefined;
    this.#digest = undefined;
    return held === undefined ? "new" : "newer";
  }

  /** Whether a record would be taken: asked before its signature is verified. */
  wants(record: MemberRecord): boolean {
    const held = this.#members.get(record.id);
    if (held === undefined) return this.#members.size < MEMBERS_MAX;
    return isNewerMember(record, held.record);
  }

  get(id: NodeId): MemberRecord | undefined {
    return this.#members.get(id)?.record;
  }

  /** Whether a member is known and counts. */
  isPresent(id: NodeId): boolean {
    return this.#members.get(id)?.record.left === false && !this.#departed.has(id);
  }

  /** A quorum has ended the membership that the present record stands for. */
  depart(id: NodeId): void {
    if (!this.isPresent(id)) return;
    this.#departed.add(id);
    this.#sorted = undefined;
  }

  isDeparted(id: NodeId): boolean {
    return this.#departed.size > 0 && this.#departed.has(id);
  }

  /** The signed record, to be handed on. */
  signedOf(id: NodeId): SignedMember | undefined {
    return this.#members.get(id);
  }

  /** Ids of those who have neither left nor departed, sorted. */
  present(): readonly NodeId[] {
    if (this.#sorted === undefined) {
      const ids: NodeId[] = [];
      for (const id of this.#members.keys()) if (this.isPresent(id)) ids.push(id);
      this.#sorted = ids.sort();
    }
    return this.#sorted;
  }

  /** Every signed record, those of leavers included, so that a leave is not forgotten. */
  signed(): SignedMember[] {
    return [...this.#members.values()];
  }

  /** BLAKE3 over (id, epoch, counter) of all records, sorted by id: equal when views are equal. */
  digest(): Uint8Array {
    if (this.#digest === undefined) {
      const writer = new Writer(Math.max(HASH_BYTES, this.#members.size * 44));
      for (const id of [...this.#members.keys()].sort()) {
        const record = this.#members.get(id)?.record;
        if (record === undefined) continue;
        writer.bytes(nodeIdToBytes(id)).u64(record.epoch).u32(record.counter);
      }
      this.#digest = this.#kernels.blake3(writer.finish());
    }
    return this.#digest;
  }
}
