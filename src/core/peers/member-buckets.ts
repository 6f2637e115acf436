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
  readonly #base: MemberBuckets | undefined;
  /** Buckets that differ from the base's. */
  readonly #ids = new Map<number, Set<NodeId>>();
  /** First bytes of each bucket's hash; zero when it is empty. The base's until a bucket changes. */
  #parts: Uint8Array;
  #sharesParts: boolean;
  readonly #stale = new Set<number>();
  #digest: Uint8Array | undefined;

  /** @param base what others share and nobody changes any more; its records are this one's, too. */
  constructor(
    kernels: Pick<Kernels, "blake3">,
    recordOf: (id: NodeId) => MemberRecord | undefined,
    base?: MemberBuckets,
  ) {
    this.#blake3 = kernels.blake3.bind(kernels);
    this.#recordOf = recordOf;
    this.#base = base;
    this.#digest = base?.digest();
    const parts = base === undefined ? undefined : base.#parts;
    this.#parts = parts ?? new Uint8Array(MEMBER_BUCKETS * HASH_PART_BYTES);
    this.#sharesParts = parts !== undefined;
  }

  /** A record is new or newer. */
  add(id: NodeId): void {
    this.#touch(id).add(id);
  }

  delete(id: NodeId): void {
    this.#touch(id).delete(id);
  }

  idsIn(bucket: number): Iterable<NodeId> {
    return this.#ids.get(bucket) ?? this.#base?.idsIn(bucket) ?? [];
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
    for (let bucket = 0; bucket < MEMBER_BUCKETS; bucket++) {
      for (let i = 0; i < BUCKET_BYTES; i++) {
        all[bucket * BUCKET_BYTES + i] = this.#parts[bucket * HASH_PART_BYTES + i] ?? 0;
      }
    }
    return all;
  }

  /** The bucket of an id, to be changed. */
  #touch(id: NodeId): Set<NodeId> {
    const bucket = bucketOf(id);
    this.#stale.add(bucket);
    this.#digest = undefined;
    let ids = this.#ids.get(bucket);
    if (ids === undefined) {
      ids = new Set(this.idsIn(bucket));
      this.#ids.set(bucket, ids);
    }
    return ids;
  }

  #refresh(): void {
    if (this.#stale.size > 0 && this.#sharesParts) {
      this.#parts = this.#parts.slice();
      this.#sharesParts = false;
    }
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
