/**
 * Digests of the member records, by bucket of their ids: what two nodes compare when their lists
 * differ. A change costs the hash of one bucket and of the list of buckets.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { BUCKET_BYTES, MEMBER_BUCKETS } from "../wire/frame.ts";
import type { MemberRecord } from "../wire/member.ts";
import { Writer } from "../wire/writer.ts";

/** Bytes of each bucket in the digest over all. */
const HASH_PART_BYTES = 8;
/** id, epoch, counter. */
const RECORD_BYTES = 44;

export class MemberBuckets {
  readonly #blake3: Kernels["blake3"];
  readonly #recordOf: (id: NodeId) => MemberRecord | undefined;
  readonly #ids = new Map<number, Set<NodeId>>();
  /** First bytes of each bucket's hash; zero when it is empty. */
  readonly #parts = new Uint8Array(MEMBER_BUCKETS * HASH_PART_BYTES);
  readonly #stale = new Set<number>();
  #digest: Uint8Array | undefined;

  constructor(
    kernels: Pick<Kernels, "blake3">,
    recordOf: (id: NodeId) => MemberRecord | undefined,
  ) {
    this.#blake3 = kernels.blake3.bind(kernels);
    this.#recordOf = recordOf;
  }

  /** A record is new or newer. */
  add(id: NodeId): void {
    const bucket = bucketOf(id);
    const ids = this.#ids.get(bucket);
    if (ids === undefined) this.#ids.set(bucket, new Set([id]));
    else ids.add(id);
    this.#touch(id);
  }

  delete(id: NodeId): void {
    this.#ids.get(bucketOf(id))?.delete(id);
    this.#touch(id);
  }

  idsIn(bucket: number): Iterable<NodeId> {
    return this.#ids.get(bucket) ?? [];
  }

  /** BLAKE3 over the buckets' hashes. */
  digest(): Uint8Array {
    this.#refresh();
    this.#digest ??= this.#blake3(this.#parts);
    return this.#digest;
  }

  /** BUCKET_BYTES of each bucket's hash. */
  digests(): Uint8Array {
    this.#refresh();
    const all = new Uint8Array(MEMBER_BUCKETS * BUCKET_BYTES);
    for (let i = 0; i < MEMBER_BUCKETS; i++) {
      const at = i * HASH_PART_BYTES;
      all.set(this.#parts.subarray(at, at + BUCKET_BYTES), i * BUCKET_BYTES);
    }
    return all;
  }

  #touch(id: NodeId): void {
    this.#stale.add(bucketOf(id));
    this.#digest = undefined;
  }

  #refresh(): void {
    for (const bucket of this.#stale) {
      const hash = this.#hashOf([...this.idsIn(bucket)].sort());
      this.#parts.set(hash.subarray(0, HASH_PART_BYTES), bucket * HASH_PART_BYTES);
    }
    this.#stale.clear();
  }

  /** BLAKE3 over (id, epoch, counter) of records, ascending by id. */
  #hashOf(ids: readonly NodeId[]): Uint8Array {
    if (ids.length === 0) return EMPTY;
    const writer = new Writer(ids.length * RECORD_BYTES);
    for (const id of ids) {
      const record = this.#recordOf(id);
      if (record !== undefined) {
        writer.bytes(nodeIdToBytes(id)).u64(record.epoch).u32(record.counter);
      }
    }
    return this.#blake3(writer.finish());
  }
}

function bucketOf(id: NodeId): number {
  return Number.parseInt(id.slice(0, 4), 16) % MEMBER_BUCKETS;
}

const EMPTY = new Uint8Array(HASH_BYTES);
