/**
 * A replica in linear memory: frameScan and frameApply are one call into the module each; bytes are
 * copied in once, and what comes out is decoded when it is read.
 *
 * The invariants are those of the reference (reference/replica/replica.ts), and so are the bytes:
 * test/differential/replica.test.ts holds the two together. Where the reference is bounded by the
 * engine's heap, this one is by its memory: a delta that finds no room is APPLY_FULL, a root that
 * finds none throws MESH_STATE_FULL, and the state is intact.
 */
import {
  APPLY_ORPHAN,
  CHANGE_WORDS,
  DELTA_AUTHOR_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  MESH_ID_BYTES,
  OPEN_BYTES_OFFSET,
  OPEN_DELTAS_OFFSET,
  OPEN_ENTRIES_OFFSET,
  OPEN_INCARNATIONS_OFFSET,
  OPEN_PENDING_OFFSET,
  TYPE_COUNTER,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import type {
  Applied,
  GaugeComponent,
  Head,
  MerkleTree,
  RegisterValue,
  Replica,
  ReplicaLimits,
  ReplicaOptions,
  ReplicaStats,
  Scan,
  VersionVector,
} from "../kernels.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { ChangeList, WasmApplied } from "./changes.ts";
import { type CoreMemory, memoryFull } from "./memory.ts";
import { WasmMerkleTree } from "./merkle-tree.ts";
import { stageAuthor, stageId, stageNames } from "./names.ts";
import {
  readCell,
  readDots,
  readGauge,
  readHead,
  readNames,
  readOwn,
  readRow,
  readStats,
  readSum,
  type Totals,
} from "./reads.ts";
import { WasmScan } from "./scan.ts";
import { WasmVersionVector } from "./version-vector.ts";

export class WasmReplica implements Replica {
  readonly frontier: VersionVector;
  readonly #memory: CoreMemory;
  readonly #tree: MerkleTree;
  readonly #blake3: (bytes: Uint8Array) => Uint8Array;
  #replica: number;
  /** Counts the calls that may have changed what a scan says. */
  #version = 0;
  /** The root as it was at that version: most frames show it without having changed it. */
  #root: Uint8Array | undefined;
  #rootVersion = 0;

  /**
   * Opens an empty replica.
   * @throws MeshError MESH_INVARIANT when the mesh id is not 16 bytes, MESH_STATE_FULL when the
   *   memory is full.
   */
  constructor(
    memory: CoreMemory,
    blake3: (bytes: Uint8Array) => Uint8Array,
    options: ReplicaOptions,
  ) {
    assertInvariant(options.meshId.length === MESH_ID_BYTES, "a mesh id has 16 bytes");
    memory.stage(options.meshId, 0);
    stageLimits(memory, { ...DEFAULT_LIMITS, ...options.limits });
    this.#memory = memory;
    this.#blake3 = blake3;
    this.#replica = memory.functions.replicaOpen();
    if (this.#replica === 0) throw memoryFull(memory, "a replica");
    const { functions } = memory;
    this.frontier = new WasmVersionVector(memory, functions.replicaFrontier(this.#replica));
    this.#tree = new WasmMerkleTree(memory, functions.replicaFrontierTree(this.#replica));
    FORGOTTEN.register(this, { memory, replica: this.#replica }, this);
  }

  frameScan(bytes: Uint8Array, stubs: readonly number[] = NO_STUBS): Scan {
    const replica = this.#live();
    const { scan } = this.#memory;
    const version = this.#version;
    if (scan?.isOf({ replica, version, bytes, stubs })) return scan;
    return new WasmScan(this.#memory, { replica, version, bytes, stubs });
  }

  frameApply(scan: Scan, bytes: Uint8Array, verdicts: Uint8Array): Applied {
    const replica = this.#live();
    const isOwn = scan instanceof WasmScan && scan.replica === replica;
    assertInvariant(isOwn, "a scan of another replica");
    scan.restore(bytes);
    if (!scan.isApplicable) return new WasmApplied(new Uint8Array(scan.count));
    this.#version += 1;
    const { functions, layout, u8 } = this.#memory;
    for (let row = 0; row < scan.count; row++) u8[layout.rowVerdicts + row] = verdicts[row] ?? 0;
    const count = functions.frameApply(replica, scan.count);
    const outcomes = outcomesAt(u8, layout.rowOutcomes, scan.count);
    if (count === 0) return new WasmApplied(outcomes);
    return new WasmApplied(outcomes, new ChangeList(bytes, this.#numbers(count), this.#blake3));
  }

  head(author: string, epoch: bigint, nonce: bigint): Head | undefined {
    const replica = this.#live();
    if (!stageId(this.#memory, author, epoch, nonce)) return undefined;
    return readHead(this.#memory, this.#memory.functions.replicaLife(replica));
  }

  rowOf(delta: Uint8Array): number | undefined {
    const replica = this.#live();
    // Author, epoch and nonce lie in a header as the module reads them.
    this.#memory.stage(delta.subarray(DELTA_AUTHOR_OFFSET, DELTA_FIRST_SEQ_OFFSET), 0);
    return readRow(this.#memory, this.#memory.functions.replicaLife(replica));
  }

  headAt(row: number): Head | undefined {
    if (!(row >= 0 && row < this.incarnations)) return undefined;
    return readHead(this.#memory, this.#memory.functions.replicaLifeAt(this.#live(), row));
  }

  latest(author: string): Head | undefined {
    const replica = this.#live();
    if (!stageAuthor(this.#memory, author)) return undefined;
    return readHead(this.#memory, this.#memory.functions.replicaNewest(replica));
  }

  get incarnations(): number {
    return this.#memory.functions.replicaLives(this.#live());
  }

  root(): Uint8Array {
    const replica = this.#live();
    if (this.#root === undefined || this.#rootVersion !== this.#version) {
      this.#root = this.#hash(this.#memory.functions.replicaRoot(replica));
      this.#rootVersion = this.#version;
    }
    return this.#root;
  }

  frontierRoot(): Uint8Array {
    return this.#hash(this.#memory.functions.replicaFrontierRoot(this.#live()));
  }

  stateRoot(): Uint8Array {
    return this.#hash(this.#memory.functions.replicaStateRoot(this.#live()));
  }

  get frontierTree(): MerkleTree {
    const answer = this.#memory.functions.replicaFrontierRoot(this.#live());
    if (answer < 0) throw memoryFull(this.#memory, "the frontier's tree");
    return this.#tree;
  }

  register(collection: string, key: string): RegisterValue | undefined {
    return readCell(this.#memory, this.#entry(TYPE_REGISTER, { collection, key }));
  }

  mapGet(collection: string, key: string): RegisterValue | undefined {
    return readCell(this.#memory, this.#entry(TYPE_MAP, { collection, key }));
  }

  *mapKeys(collection: string): Iterable<string> {
    yield* readNames(this.#memory, this.#group(TYPE_MAP, collection, ""));
  }

  mapSize(collection: string): number {
    return this.#liveMembers(this.#group(TYPE_MAP, collection, ""));
  }

  counter(collection: string, key: string): Totals {
    return readSum(this.#memory, this.#entry(TYPE_COUNTER, { collection, key }));
  }

  counterOwn(
    collection: string,
    key: string,
    incarnation: { readonly author: string; readonly epoch: bigint; readonly nonce: bigint },
  ): Totals {
    const counter = this.#entry(TYPE_COUNTER, { collection, key });
    const { author, epoch, nonce } = incarnation;
    if (counter === 0 || !stageId(this.#memory, author, epoch, nonce)) return NOTHING;
    return readOwn(this.#memory, this.#replica, counter, this.#memory.layout.stage);
  }

  setHas(collection: string, key: string, element: string): boolean {
    return this.#entry(TYPE_SET, { collection, key, element }) !== 0;
  }

  *setElements(collection: string, key: string): Iterable<string> {
    yield* readNames(this.#memory, this.#group(TYPE_SET, collection, key));
  }

  setSize(collection: string, key: string): number {
    return this.#liveMembers(this.#group(TYPE_SET, collection, key));
  }

  setDots(collection: string, key: string, element: string): Uint8Array {
    return readDots(this.#memory, this.#entry(TYPE_SET, { collection, key, element }));
  }

  gauge(collection: string, key: string): readonly GaugeComponent[] {
    return readGauge(this.#memory, this.#entry(TYPE_GAUGE, { collection, key }));
  }

  forget(row: number, firstSeq: number): boolean {
    const replica = this.#live();
    const word = this.#memory.layout.stage >>> 2;
    this.#memory.u32[word] = firstSeq % 2 ** 32;
    this.#memory.u32[word + 1] = Math.floor(firstSeq / 2 ** 32);
    return this.#turned(this.#memory.functions.replicaForget(replica, row)) === 1;
  }

  reclaim(row: number): number {
    return this.#turned(this.#memory.functions.replicaReclaim(this.#live(), row));
  }

  get stats(): ReplicaStats {
    return readStats(this.#memory, this.#live());
  }

  free(): void {
    if (this.#replica === 0) return;
    FORGOTTEN.unregister(this);
    this.#memory.functions.replicaFree(this.#replica);
    this.#replica = 0;
    this.#tree.free();
    this.frontier.free();
  }

  /** Passes on the answer of a call that may have changed what a scan says. */
  #turned(answer: number): number {
    if (answer !== 0) this.#version += 1;
    return answer;
  }

  /** The list of changes, out of the memory before another frame takes its place. */
  #numbers(count: number): ArrayLike<number> {
    const { changes, u32 } = this.#memory;
    const first = changes >>> 2;
    // One operation is the common case, and a plain array of three costs less to make.
    if (count === 1) return [u32[first] ?? 0, u32[first + 1] ?? 0, u32[first + 2] ?? 0];
    return keptWords(u32.subarray(first, first + count * CHANGE_WORDS));
  }

  /** The entry at an address; 0 when there is none. */
  #entry(
    type: number,
    names: { readonly collection: string; readonly key: string; readonly element?: string },
  ): number {
    const replica = this.#live();
    const staged = stageNames(this.#memory, names);
    if (staged === undefined) return 0;
    const { collection, key, element } = staged;
    return this.#memory.functions.replicaEntry(replica, type, collection, key, element);
  }

  #group(type: number, collection: string, key: string): number {
    const replica = this.#live();
    const staged = stageNames(this.#memory, { collection, key });
    if (staged === undefined) return 0;
    return this.#memory.functions.replicaGroup(replica, type, staged.collection, staged.key);
  }

  #liveMembers(group: number): number {
    return group === 0 ? 0 : this.#memory.functions.groupLive(group);
  }

  #hash(answer: number): Uint8Array {
    if (answer < 0) throw memoryFull(this.#memory, "the leaves of a root");
    return this.#memory.resultHash();
  }

  #live(): number {
    assertInvariant(this.#replica !== 0, "replica used after free");
    return this.#replica;
  }
}

function outcomesAt(u8: Uint8Array, at: number, count: number): Uint8Array {
  const single = count === 1 ? SINGLE_OUTCOMES[u8[at] ?? 0] : undefined;
  return single ?? u8.slice(at, at + count);
}

/** The outcomes of a scan of one row, by the outcome. */
const SINGLE_OUTCOMES = Array.from({ length: APPLY_ORPHAN + 1 }, (_, code) => Uint8Array.of(code));

/** A copy that lies among others: a buffer for each list would cost more than applying its delta. */
function keptWords(words: Uint32Array): Uint32Array {
  if (shelfUsed + words.length > shelf.length) {
    shelf = new Uint32Array(Math.max(SHELF_WORDS, words.length));
    shelfUsed = 0;
  }
  const at = shelfUsed;
  shelfUsed += words.length;
  shelf.set(words, at);
  return shelf.subarray(at, shelfUsed);
}

/** Where lists of changes are kept, one behind the other, as long as any of them is in use. */
let shelf = new Uint32Array(0);
let shelfUsed = 0;
const SHELF_WORDS = 8_192;

function stageLimits(memory: CoreMemory, limits: ReplicaLimits): void {
  const at = memory.layout.stage;
  const put = (offset: number, limit: number): void => {
    // More than a memory can hold is as good as no limit.
    memory.u32[(at + offset) >>> 2] = Math.min(Math.max(0, Math.floor(limit)), 0xffffffff);
  };
  put(OPEN_ENTRIES_OFFSET, limits.entriesMax);
  put(OPEN_INCARNATIONS_OFFSET, limits.incarnationsMax);
  put(OPEN_PENDING_OFFSET, limits.pendingDotsMax);
  put(OPEN_BYTES_OFFSET, limits.stateBytesMax);
  put(OPEN_DELTAS_OFFSET, limits.deltasMax);
}

const NO_STUBS: readonly number[] = [];
const NOTHING: Totals = { plus: 0n, minus: 0n };

/** Returns the memory of replicas that were dropped without `free`. */
const FORGOTTEN = new FinalizationRegistry<{ memory: CoreMemory; replica: number }>(
  ({ memory, replica }) => memory.functions.replicaFree(replica),
);
