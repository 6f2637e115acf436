/**
 * The reference replica: the readable definition of frameScan, frameApply and the reads, on top of
 * the primitives (which may be the reference's or Wasm's).
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_EPOCH_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_NONCE_OFFSET,
  DELTA_PREFIX_BYTES,
  HASH_BYTES,
  KIND_RECORD,
  NODE_ID_BYTES,
  RECORD_KEY_OFFSET,
  TYPE_MAP,
  TYPE_REGISTER,
} from "../../../assembly/layout.ts";
import {
  APPLY_APPLIED,
  APPLY_BAD_SIGNATURE,
  APPLY_DUPLICATE,
  APPLY_FORK,
  APPLY_FULL,
  APPLY_MALFORMED,
  APPLY_ORPHAN,
  APPLY_SKIPPED,
  type Applied,
  type ApplyOutcome,
  type Change,
  type GaugeComponent,
  type Head,
  type MerkleTree,
  type Primitives,
  type RegisterValue,
  type Replica,
  type ReplicaLimits,
  type ReplicaOptions,
  type ReplicaStats,
  SCAN_CONFLICT,
  SCAN_VERIFY,
  type Scan,
  type VersionVector,
} from "../kernels.ts";
import { applyBody } from "./apply.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { LwwEntry } from "./entry.ts";
import { headOf, type Incarnation, Incarnations, incarnationName } from "./incarnations.ts";
import { PendingDots } from "./pending-dots.ts";
import { readHeader, type ScannedHeader, Scanner } from "./scan.ts";
import { State } from "./state.ts";

const REPLICA_LIMITS_DEFAULT: ReplicaLimits = {
  entriesMax: 1_000_000,
  incarnationsMax: 65_536,
  pendingDotsMax: 65_536,
  stateBytesMax: 268_435_456,
};

/** Opens an empty replica. */
export function openReplica(primitives: Primitives, options: ReplicaOptions): Replica {
  return new ReferenceReplica(primitives, options);
}

class ReferenceReplica implements Replica {
  readonly frontier: VersionVector;
  readonly frontierTree: MerkleTree;
  readonly #primitives: Primitives;
  readonly #limits: ReplicaLimits;
  readonly #incarnations: Incarnations;
  readonly #scanner: Scanner;
  readonly #state: State;
  readonly #pending = new PendingDots();
  #stateBytes = 0;
  #root: Uint8Array | undefined;

  constructor(primitives: Primitives, { meshId, limits }: ReplicaOptions) {
    this.#primitives = primitives;
    this.#limits = { ...REPLICA_LIMITS_DEFAULT, ...limits };
    this.frontier = primitives.createVersionVector();
    this.frontierTree = primitives.createMerkleTree();
    this.#incarnations = new Incarnations(this.frontier);
    const blake3 = (bytes: Uint8Array): Uint8Array => primitives.blake3(bytes);
    this.#scanner = new Scanner(blake3, meshId.slice(), this.#incarnations);
    this.#state = new State(primitives);
  }

  frameScan(bytes: Uint8Array): Scan {
    return this.#scanner.scan(bytes);
  }

  frameApply(scan: Scan, bytes: Uint8Array, verdicts: Uint8Array): Applied {
    const outcomes = new Uint8Array(scan.count);
    const changes: Change[] = [];
    for (let row = 0; row < scan.count; row++) {
      const status = scan.statuses[row];
      if (status !== SCAN_VERIFY && status !== SCAN_CONFLICT) {
        outcomes[row] = APPLY_SKIPPED;
      } else if (verdicts[row] !== 1) {
        outcomes[row] = APPLY_BAD_SIGNATURE;
      } else {
        outcomes[row] = this.#apply(bytes, scan.offsets[row] ?? 0, row, changes);
      }
    }
    return { outcomes, changes };
  }

  head(author: string, epoch: bigint, nonce: bigint): Head | undefined {
    const incarnation = this.#incarnations.get(incarnationName({ author, epoch, nonce }));
    return incarnation && headOf(incarnation);
  }

  headAt(row: number): Head | undefined {
    const incarnation = this.#incarnations.at(row);
    return incarnation && headOf(incarnation);
  }

  latest(author: string): Head | undefined {
    const incarnation = this.#incarnations.latest(author);
    return incarnation && headOf(incarnation);
  }

  get incarnations(): number {
    return this.#incarnations.count;
  }

  root(): Uint8Array {
    if (this.#root === undefined) {
      const both = new Uint8Array(2 * HASH_BYTES);
      both.set(this.frontierRoot(), 0);
      both.set(this.stateRoot(), HASH_BYTES);
      this.#root = this.#primitives.blake3(both);
    }
    return this.#root.slice();
  }

  frontierRoot(): Uint8Array {
    return this.frontierTree.root();
  }

  stateRoot(): Uint8Array {
    return this.#state.root();
  }

  register(collection: string, key: string): RegisterValue | undefined {
    return readable(this.#state.lww(TYPE_REGISTER, collection, key));
  }

  mapGet(collection: string, key: string): RegisterValue | undefined {
    return readable(this.#state.lww(TYPE_MAP, collection, key));
  }

  mapKeys(collection: string): Iterable<string> {
    return this.#state.mapKeys(collection);
  }

  mapSize(collection: string): number {
    return this.#state.mapSize(collection);
  }

  counter(collection: string, key: string): { readonly plus: bigint; readonly minus: bigint } {
    let plus = 0n;
    let minus = 0n;
    for (const totals of this.#state.counter(collection, key)?.totals.values() ?? []) {
      plus += totals.plus;
      minus += totals.minus;
    }
    return { plus, minus };
  }

  counterOwn(
    collection: string,
    key: string,
    name: { readonly author: string; readonly epoch: bigint; readonly nonce: bigint },
  ): { readonly plus: bigint; readonly minus: bigint } {
    const incarnation = this.#incarnations.get(incarnationName(name));
    const totals = this.#state.counter(collection, key)?.totals;
    const own = incarnation && totals?.get(incarnation);
    return own ?? { plus: 0n, minus: 0n };
  }

  setHas(collection: string, key: string, element: string): boolean {
    return this.#state.element(collection, key, element) !== undefined;
  }

  setElements(collection: string, key: string): Iterable<string> {
    return this.#state.elements(collection, key);
  }

  setSize(collection: string, key: string): number {
    return this.#state.setSize(collection, key);
  }

  setDots(collection: string, key: string, element: string): Uint8Array {
    const dots = this.#state.element(collection, key, element)?.dots;
    const writer = new ByteWriter();
    for (const [{ authorBytes, epoch, nonce }, { seq, hash }] of dots ?? []) {
      writer.bytes(authorBytes).u64(epoch).u64(nonce).u64(BigInt(seq)).u64(hash);
    }
    return writer.finish();
  }

  gauge(collection: string, key: string): readonly GaugeComponent[] {
    const values = this.#state.gauge(collection, key)?.values ?? [];
    return [...values].map(([author, { value, weight }]) => ({ author, value, weight }));
  }

  get stats(): ReplicaStats {
    return {
      entries: this.#state.entries,
      tombstones: this.#state.tombstones,
      pendingDots: this.#pending.count,
      stateBytes: this.#stateBytes,
    };
  }

  free(): void {
    this.frontier.free();
    this.frontierTree.free();
    this.#state.free();
  }

  /** One verified delta: its place now, since earlier rows may have moved the head. */
  #apply(bytes: Uint8Array, at: number, row: number, changes: Change[]): ApplyOutcome {
    const header = readHeader(bytes, at);
    const headerBytes = bytes.subarray(at, at + DELTA_HEADER_BYTES);
    const hash = this.#primitives.blake3(headerBytes);
    const incarnation = this.#incarnations.get(header.name);
    if (incarnation !== undefined && header.firstSeq <= incarnation.seq) {
      const duplicate = incarnation.places.hasHash(header.firstSeq, hash);
      return duplicate ? APPLY_DUPLICATE : APPLY_FORK;
    }
    if (header.kind === KIND_RECORD) return this.#applyRecord(bytes, at, header, hash);
    if (incarnation?.seq !== header.firstSeq - 1 || incarnation.ended) return APPLY_ORPHAN;
    return this.#applyOperations(bytes, header, incarnation, { row, hash, changes });
  }

  #applyRecord(
    bytes: Uint8Array,
    at: number,
    header: ScannedHeader,
    hash: Uint8Array,
  ): ApplyOutcome {
    if (this.#incarnations.count >= this.#limits.incarnationsMax) return APPLY_FULL;
    const { author, epoch, nonce, hlc } = header;
    const authorAt = at + DELTA_AUTHOR_OFFSET;
    const keyAt = at + DELTA_PREFIX_BYTES + RECORD_KEY_OFFSET;
    const name = nameBytes(bytes, at);
    const incarnation = this.#incarnations.add({
      author,
      epoch,
      nonce,
      authorBytes: bytes.slice(authorAt, authorAt + NODE_ID_BYTES),
      key: bytes.slice(keyAt, keyAt + NODE_ID_BYTES),
      treeKey: this.#primitives.blake3(name),
      seq: 0,
      hash,
      hlc,
    });
    this.#placed(incarnation, bytes, header, hash);
    return APPLY_APPLIED;
  }

  #applyOperations(
    bytes: Uint8Array,
    header: ScannedHeader,
    incarnation: Incarnation,
    { row, hash, changes }: { row: number; hash: Uint8Array; changes: Change[] },
  ): ApplyOutcome {
    const bodyAt = header.offset + DELTA_PREFIX_BYTES;
    const body = bytes.subarray(bodyAt, bodyAt + header.bodyBytes);
    const { firstSeq, count, hlc, lastSeq } = header;
    const shortHash = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0, true);
    const context = {
      state: this.#state,
      pending: this.#pending,
      incarnations: this.#incarnations,
      limits: this.#limits,
      stateBytes: this.#stateBytes,
    };
    const delta = { incarnation, row, firstSeq, count, hlc, hash: shortHash };
    const outcome = applyBody(context, delta, body, changes);
    if (outcome === APPLY_MALFORMED) incarnation.ended = true;
    if (outcome !== APPLY_APPLIED) return outcome;
    this.#stateBytes += body.length;
    this.#pending.passed(header.name, firstSeq, lastSeq);
    this.#incarnations.advance(incarnation, { seq: lastSeq, hash, hlc });
    this.#placed(incarnation, bytes, header, hash);
    return APPLY_APPLIED;
  }

  /** Notes where an applied delta stands, and moves the frontier's leaf. */
  #placed(
    incarnation: Incarnation,
    bytes: Uint8Array,
    header: ScannedHeader,
    hash: Uint8Array,
  ): void {
    const signatureAt = header.offset + DELTA_HEADER_BYTES;
    const signature = bytes.subarray(signatureAt, header.offset + DELTA_PREFIX_BYTES);
    incarnation.places.append(header.firstSeq, signature, hash);
    const { authorBytes, epoch, nonce, seq } = incarnation;
    const leaf = new ByteWriter()
      .bytes(authorBytes)
      .u64(epoch)
      .u64(nonce)
      .u64(BigInt(seq))
      .bytes(hash)
      .finish();
    this.frontierTree.set(incarnation.treeKey, this.#primitives.blake3(leaf), incarnation.row);
    this.#root = undefined;
  }
}

function readable(entry: LwwEntry | undefined): RegisterValue | undefined {
  if (entry?.value === undefined) return undefined;
  return { codec: entry.codec, value: entry.value, stamp: entry.stamp };
}

/** author || epoch || nonce, as they stand in a header. */
function nameBytes(bytes: Uint8Array, at: number): Uint8Array {
  const name = new Uint8Array(NODE_ID_BYTES + 16);
  name.set(bytes.subarray(at + DELTA_AUTHOR_OFFSET, at + DELTA_AUTHOR_OFFSET + NODE_ID_BYTES), 0);
  name.set(bytes.subarray(at + DELTA_EPOCH_OFFSET, at + DELTA_EPOCH_OFFSET + 8), NODE_ID_BYTES);
  name.set(bytes.subarray(at + DELTA_NONCE_OFFSET, at + DELTA_NONCE_OFFSET + 8), NODE_ID_BYTES + 8);
  return name;
}
