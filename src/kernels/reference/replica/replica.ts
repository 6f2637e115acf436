/**
 * Replica: a node's copy of the shared state, behind the interface of kernels.ts.
 *
 * Invariants. 1. State is a function of the applied deltas, whatever order they came in (each
 * incarnation's own in order). 2. stateRoot is a function of the live entries alone. 3. A delta is
 * applied whole or not at all. 4. Nothing that a peer sent throws. Only this class has life;
 * everything below it is functions over ReplicaData. docs: docs/ARCHITECTURE.md.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_EPOCH_OFFSET,
  DELTA_NONCE_OFFSET,
  HASH_BYTES,
  MESH_ID_BYTES,
} from "../../../../assembly/layout.ts";
import { assertInvariant, isMeshError } from "../../../errors.ts";
import type {
  Applied,
  GaugeComponent,
  Head,
  MerkleTree,
  Primitives,
  RegisterValue,
  Replica,
  ReplicaOptions,
  ReplicaStats,
  Scan,
  VersionVector,
} from "../../kernels.ts";
import { DEFAULT_LIMITS, DIRTY_ENTRIES_MAX } from "../../limits.ts";
import { applyFrame } from "./apply.ts";
import { findCell, liveKeys, readCell } from "./cells.ts";
import { findComponent, findCounter, sumOf, type Totals, totalsOf } from "./counters.ts";
import { flushState } from "./digest.ts";
import {
  createFrontier,
  freeFrontier,
  freshTree,
  headOf,
  namedAuthor,
  namedIncarnation,
} from "./frontier.ts";
import { forgetDelta, reclaimMarks } from "./gaps.ts";
import { componentsOf, findGauge } from "./gauges.ts";
import { createPending } from "./pending.ts";
import type { ReplicaData } from "./replica-data.ts";
import { scanFrame } from "./scan.ts";
import { dotsOf, findElement } from "./sets.ts";
import { createState } from "./state.ts";
import { hexText } from "./text.ts";

/**
 * Opens an empty replica on the given primitives.
 * @throws MESH_INVARIANT when the mesh id is not 16 bytes.
 */
export function openReplica(primitives: Primitives, options: ReplicaOptions): Replica {
  assertInvariant(options.meshId.length === MESH_ID_BYTES, "a mesh id has 16 bytes");
  return new ReferenceReplica({
    primitives,
    meshId: new Uint8Array(options.meshId),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    frontier: createFrontier(primitives),
    state: createState(),
    pending: createPending(),
  });
}

class ReferenceReplica implements Replica {
  readonly #data: ReplicaData;
  readonly #stateTree: MerkleTree;
  readonly #makeRoom = (count: number): boolean => this.#roomFor(count);

  constructor(data: ReplicaData) {
    this.#data = data;
    this.#stateTree = data.primitives.createMerkleTree();
  }

  frameScan(bytes: Uint8Array, stubs: readonly number[] = []): Scan {
    return scanFrame(this.#data, bytes, stubs);
  }

  frameApply(scan: Scan, bytes: Uint8Array, verdicts: Uint8Array): Applied {
    return applyFrame(this.#data, { scan, bytes, verdicts, makeRoom: this.#makeRoom });
  }

  get frontier(): VersionVector {
    return this.#data.frontier.vector;
  }

  head(author: string, epoch: bigint, nonce: bigint): Head | undefined {
    return headOf(namedIncarnation(this.#data.frontier, author, epoch, nonce));
  }

  rowOf(delta: Uint8Array): number | undefined {
    const view = new DataView(delta.buffer, delta.byteOffset, delta.byteLength);
    const author = hexText(delta.subarray(DELTA_AUTHOR_OFFSET, DELTA_EPOCH_OFFSET));
    const epoch = view.getBigUint64(DELTA_EPOCH_OFFSET, true);
    const nonce = view.getBigUint64(DELTA_NONCE_OFFSET, true);
    return namedIncarnation(this.#data.frontier, author, epoch, nonce)?.row;
  }

  headAt(row: number): Head | undefined {
    return headOf(this.#data.frontier.rows[row]);
  }

  latest(author: string): Head | undefined {
    return headOf(namedAuthor(this.#data.frontier, author)?.incarnations.at(-1));
  }

  get incarnations(): number {
    return this.#data.frontier.rows.length;
  }

  root(): Uint8Array {
    const both = new Uint8Array(2 * HASH_BYTES);
    both.set(this.frontierRoot(), 0);
    both.set(this.stateRoot(), HASH_BYTES);
    return this.#data.primitives.blake3(both);
  }

  frontierRoot(): Uint8Array {
    return this.frontierTree.root();
  }

  stateRoot(): Uint8Array {
    this.#flush();
    return this.#stateTree.root();
  }

  get frontierTree(): MerkleTree {
    return freshTree(this.#data.frontier, this.#data.primitives);
  }

  register(collection: string, key: string): RegisterValue | undefined {
    return readCell(findCell(this.#data.state.registers, collection, key));
  }

  mapGet(collection: string, key: string): RegisterValue | undefined {
    return readCell(findCell(this.#data.state.maps, collection, key));
  }

  mapKeys(collection: string): Iterable<string> {
    return liveKeys(this.#data.state.maps.get(collection));
  }

  mapSize(collection: string): number {
    return this.#data.state.maps.get(collection)?.live ?? 0;
  }

  counter(collection: string, key: string): Totals {
    return sumOf(findCounter(this.#data.state, collection, key));
  }

  counterOwn(
    collection: string,
    key: string,
    incarnation: { readonly author: string; readonly epoch: bigint; readonly nonce: bigint },
  ): Totals {
    const { author, epoch, nonce } = incarnation;
    const known = namedIncarnation(this.#data.frontier, author, epoch, nonce);
    if (known === undefined) return totalsOf(undefined);
    return totalsOf(findComponent(findCounter(this.#data.state, collection, key), known));
  }

  setHas(collection: string, key: string, element: string): boolean {
    return findElement(this.#data.state, collection, key, element) !== undefined;
  }

  *setElements(collection: string, key: string): Iterable<string> {
    yield* this.#data.state.sets.get(collection)?.get(key)?.keys() ?? [];
  }

  setSize(collection: string, key: string): number {
    return this.#data.state.sets.get(collection)?.get(key)?.size ?? 0;
  }

  setDots(collection: string, key: string, element: string): Uint8Array {
    return dotsOf(findElement(this.#data.state, collection, key, element));
  }

  gauge(collection: string, key: string): readonly GaugeComponent[] {
    return componentsOf(findGauge(this.#data.state, collection, key));
  }

  forget(row: number, firstSeq: number): boolean {
    return forgetDelta(this.#data, row, firstSeq);
  }

  reclaim(row: number): number {
    return reclaimMarks(this.#data, row);
  }

  get stats(): ReplicaStats {
    const { entries, tombstones, bytes } = this.#data.state;
    return { entries, tombstones, pendingDots: this.#data.pending.count, stateBytes: bytes };
  }

  free(): void {
    this.#stateTree.free();
    freeFrontier(this.#data.frontier);
  }

  #flush(): void {
    flushState(this.#data.state, this.#stateTree, this.#data.primitives);
  }

  /** Keeps the list of entries to be hashed bounded when nobody asks for the root. */
  #roomFor(count: number): boolean {
    const { dirty } = this.#data.state;
    if (dirty.length + count <= DIRTY_ENTRIES_MAX) return true;
    try {
      this.#flush();
      return true;
    } catch (error) {
      if (isMeshError(error, "MESH_STATE_FULL")) return false;
      throw error;
    }
  }
}
