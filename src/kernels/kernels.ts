/**
 * The kernel interface: everything hot, behind one surface with two implementations.
 *
 * `reference/` is the readable definition in plain JavaScript; `wasm/` runs the AssemblyScript
 * build. Both give equal bytes on every input. Kernels hold no clock, no randomness of their own
 * and do no I/O. Unless a line says "copied", a `Uint8Array` argument is borrowed for the call and
 * a returned one belongs to the caller.
 */

/** The parts that are compiled to SIMD Wasm: hashing, version vectors, Merkle trees, selection. */
export interface Primitives {
  readonly implementation: "wasm" | "reference";
  /** BLAKE3 of any length; 32 bytes, copied. */
  blake3(bytes: Uint8Array): Uint8Array;
  /** Makes a vector of u64 lanes, all zero, growing on demand up to `VV_LANES_MAX`. */
  createVersionVector(): VersionVector;
  /** Compares lane by lane; missing lanes count as zero. Both must come from this instance. */
  vvCompare(a: VersionVector, b: VersionVector): VvRelation;
  /** `into[i] = max(into[i], from[i])` for every lane; returns how many lanes rose. */
  vvMerge(into: VersionVector, from: VersionVector): number;
  createMerkleTree(): MerkleTree;
  /**
   * Draws min(k, count, into.length) distinct indices of [0, count), uniformly, without
   * replacement, in O(k); advances `random`. Returns how many were drawn.
   */
  selectPeers(count: number, k: number, random: RandomState, into: Uint32Array): number;
}

/** xoshiro128** state: four u32, not all zero. Advanced in place. */
export type RandomState = Uint32Array;

export const VV_EQUAL = 0;
export const VV_AHEAD = 1; // a has lanes above b's, none below
export const VV_BEHIND = 2; // b has lanes above a's, none below
export const VV_CONCURRENT = 3; // each has lanes above the other's
export type VvRelation = 0 | 1 | 2 | 3;

/** A dense vector of u64 lanes; lane = row of an incarnation in its replica. */
export interface VersionVector {
  /** Lanes in use: highest lane set + 1. */
  readonly lanes: number;
  /** Values are safe integers (seq never exceeds 2^53 - 1). Missing lanes read 0. */
  get(lane: number): number;
  set(lane: number, value: number): void;
  /** Forgets every lane. */
  clear(): void;
  /** Returns the memory; the vector must not be used afterwards. */
  free(): void;
}

/**
 * A Merkle tree over (key, value) pairs of 32 bytes each: a binary, path-compressed trie over the
 * key's bits (most significant bit of byte 0 first), so its shape and root are a function of the
 * live pairs alone, never of their history.
 *
 * leaf = BLAKE3(key || value) (64 bytes of input); parent = BLAKE3's own parent node: the
 * compression of (left || right) under the unkeyed IV, counter 0, block length 64, flags PARENT
 * only. Empty tree: 32 zero bytes. One pair: its leaf.
 */
export interface MerkleTree {
  readonly size: number;
  /** Adds or replaces; `row` is the caller's handle, returned by {@link MerkleTree.rangeRows}. */
  set(key: Uint8Array, value: Uint8Array, row: number): void;
  /** Removes; false when absent. */
  delete(key: Uint8Array): boolean;
  /** The root, copied; hashes only what changed since the last call. */
  root(): Uint8Array;
  /**
   * Writes the 16 subtree hashes (32 bytes each, zero when empty) of the children of the prefix
   * made of the first `nibbles` half-bytes of `prefix`, most significant half-byte first.
   * Returns the number of leaves below the prefix. nibbles <= 63.
   */
  rangeHashes(prefix: Uint8Array, nibbles: number, into: Uint8Array): number;
  /** Bit i is set where own child i of the prefix differs from `theirs` (16 x 32 bytes). */
  rangeDiff(prefix: Uint8Array, nibbles: number, theirs: Uint8Array): number;
  /** Writes rows of the leaves below the prefix in key order, as far as `into` reaches; total. */
  rangeRows(prefix: Uint8Array, nibbles: number, into: Uint32Array): number;
  /** Returns the memory; the tree must not be used afterwards. */
  free(): void;
}

/** Everything a core needs from the kernels. */
export interface Kernels extends Primitives {
  openReplica(options: ReplicaOptions): Replica;
  /** Of the linear memory that the replicas share; absent where the engine's heap holds them. */
  memoryUse?(): MemoryUse;
}

/** Bytes of a linear memory. */
export interface MemoryUse {
  /** Address space; what was never touched costs nothing else. */
  readonly reservedBytes: number;
  readonly touchedBytes: number;
}

export interface ReplicaOptions {
  /** 16 bytes, copied. A delta of another mesh is malformed here. */
  readonly meshId: Uint8Array;
  readonly limits?: Partial<ReplicaLimits>;
}

/** Bounds of one replica; docs/LIMITS.md has the arithmetic. */
export interface ReplicaLimits {
  /** Entries (live, or tombstones of deleted map keys). Default 1,000,000. */
  readonly entriesMax: number;
  /** Incarnations in the frontier. Default 524,288. */
  readonly incarnationsMax: number;
  /** Dots named by one author's removes whose adds have not come yet. Default 1,024. */
  readonly pendingDotsMax: number;
  /** Bytes of values, keys and components held. Default 256 MiB. */
  readonly stateBytesMax: number;
  /** Deltas remembered as held, and gaps between them; about 104 bytes each. Default 2,097,152. */
  readonly deltasMax: number;
}

// What frameScan says of one delta:
export {
  /** Its place is taken by other bytes: verify, it may prove a fork. */
  SCAN_CONFLICT,
  /** Its incarnation was ended by a structurally bad delta. */
  SCAN_ENDED,
  /** The stored header at that place carries the same signature. */
  SCAN_HELD,
  /** It breaks the format, a limit, or its chain; see `reasons`. */
  SCAN_MALFORMED,
  /** Its ancestor is missing: park or drop. */
  SCAN_ORPHAN,
  /** Next in its chain: verify its signature, then apply. */
  SCAN_VERIFY,
} from "../../assembly/layout.ts";

export type ScanStatus = 0 | 1 | 2 | 3 | 4 | 5;

/** Result of {@link Replica.frameScan}: one row per delta, struct of arrays, valid until the next call. */
export interface Scan {
  readonly count: number;
  /** Byte offset of each delta in the scanned bytes. */
  readonly offsets: Uint32Array;
  /** Length of each delta, prefix included. */
  readonly lengths: Uint32Array;
  readonly statuses: Uint8Array;
  /** Public key that must have signed row i: keys[32 i .. 32 i + 32]; for VERIFY and CONFLICT. */
  readonly keys: Uint8Array;
  /** Why row i is malformed; otherwise empty. A stable lower-case word, e.g. `body_hash`. */
  readonly reasons: readonly string[];
  /** False when the bytes could not be cut into deltas; rows before the fault still stand. */
  readonly complete: boolean;
  /** It has been looked at, and will not be applied: its rows need not outlast the next scan. */
  release(): void;
}

// What frameApply did with one delta:
export {
  APPLY_APPLIED,
  APPLY_BAD_SIGNATURE,
  /** Same header as stored under another valid signature. */
  APPLY_DUPLICATE,
  /** Validly signed, but its place is taken by another header. */
  APPLY_FORK,
  /** A limit of this replica, or of its memory, would be passed; nothing changed. */
  APPLY_FULL,
  /** Validly signed, structurally bad: its incarnation ends here. */
  APPLY_MALFORMED,
  /** The delta before it in the frame was not applied. */
  APPLY_ORPHAN,
  /** Not to be applied: held, orphan, malformed, ended. */
  APPLY_SKIPPED,
} from "../../assembly/layout.ts";

export type ApplyOutcome = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface Applied {
  /** One {@link ApplyOutcome} per row of the scan. Borrowed: do not write. */
  readonly outcomes: Uint8Array;
  readonly changes: readonly Change[];
}

/**
 * One entry touched by an applied operation. Fields may be decoded when they are read, from the
 * bytes that were applied: read what is needed; spreading or cloning would not take them along.
 */
export interface Change {
  /** TYPE_* of assembly/layout. */
  readonly type: number;
  readonly collection: string;
  readonly key: string;
  /** Element of a set, else "". */
  readonly element: string;
  /** Whether the address holds a live value now; always true for events. */
  readonly live: boolean;
  /** Whether this replica's readable value changed (a losing write, say, does not change it). */
  readonly changed: boolean;
  /** Row of the scan that carried it. */
  readonly delta: number;
  readonly codec: number;
  /** Value of a register, map or event operation, copied; empty otherwise. */
  readonly payload: Uint8Array;
  readonly stamp: Stamp;
}

/** Who wrote and when; the total order of last-writer-wins is (hlc, author, epoch, nonce, seq, hash). */
export interface Stamp {
  /** 48-bit ms, 16-bit count. */
  readonly hlc: bigint;
  /** 64 lower-case hex digits. */
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
  /** First 8 bytes of the delta's hash. */
  readonly hash: bigint;
}

/** The head of one incarnation's chain. */
export interface Head {
  /** Row of this incarnation in this replica: its lane in the frontier vector. */
  readonly row: number;
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
  /** BLAKE3 of the head delta's 160 header bytes; 32 bytes. */
  readonly hash: Uint8Array;
  readonly hlc: bigint;
  /** The incarnation's public key, 32 bytes. */
  readonly key: Uint8Array;
  /** True when a structurally bad delta ended it. */
  readonly ended: boolean;
}

export interface RegisterValue {
  readonly codec: number;
  readonly value: Uint8Array;
  readonly stamp: Stamp;
}

export interface GaugeComponent {
  readonly author: string;
  /** Micro-units. */
  readonly value: bigint;
  readonly weight: bigint;
}

/** A node's copy of the shared state. */
export interface Replica {
  /**
   * Cuts `bytes` (deltas laid end to end) into deltas, checks format, limits, body hash and
   * chain, skips what is held. Changes nothing. A delta may chain to an earlier one of the same
   * bytes. `bytes` must stay unchanged until the frameApply of this scan.
   * @param stubs which deltas, by their place in the frame, ascending, are without their body: the
   *   first DELTA_PREFIX_BYTES alone. Such a one passes over what lies between the head and its own
   *   last seq, and changes no entry: sound where all that is passed over is dominated by deltas to
   *   come (docs/decisions/0017-compaction.md). What lies wholly in the gap scans as HELD from then
   *   on, but for another delta that ends where the head does; pending dots in it are covered. A
   *   record so marked is there without its credential, its body of RECORD_BODY_BYTES alone.
   */
  frameScan(bytes: Uint8Array, stubs?: readonly number[]): Scan;
  /**
   * Applies the rows whose status is VERIFY and whose verdict is 1, in order, each whole or not
   * at all; advances the frontier and marks the trees. `verdicts` has one byte per row: 1 =
   * signature good, 0 = bad or not asked. CONFLICT rows with verdict 1 end as FORK or DUPLICATE.
   * `bytes` are kept for the changes and must stay as they are.
   */
  frameApply(scan: Scan, bytes: Uint8Array, verdicts: Uint8Array): Applied;

  /** seq by row, live; the vector that repair compares with a peer's. Borrowed: do not write. */
  readonly frontier: VersionVector;
  head(author: string, epoch: bigint, nonce: bigint): Head | undefined;
  /** Row of the incarnation whose whole delta (or its header) this is; undefined when unknown. */
  rowOf(delta: Uint8Array): number | undefined;
  headAt(row: number): Head | undefined;
  /** The newest incarnation of an author, by (epoch, nonce). */
  latest(author: string): Head | undefined;
  readonly incarnations: number;

  /** BLAKE3(frontierRoot || stateRoot). May be the array of the last call: do not write. */
  root(): Uint8Array;
  frontierRoot(): Uint8Array;
  stateRoot(): Uint8Array;
  /** The frontier tree, for repair: rows are frontier rows. Borrowed: do not write. */
  readonly frontierTree: MerkleTree;

  register(collection: string, key: string): RegisterValue | undefined;
  mapGet(collection: string, key: string): RegisterValue | undefined;
  mapKeys(collection: string): Iterable<string>;
  mapSize(collection: string): number;
  /** Sums over every incarnation. */
  counter(collection: string, key: string): { readonly plus: bigint; readonly minus: bigint };
  /** This incarnation's running totals, zero when it never wrote here. */
  counterOwn(
    collection: string,
    key: string,
    incarnation: { readonly author: string; readonly epoch: bigint; readonly nonce: bigint },
  ): { readonly plus: bigint; readonly minus: bigint };
  setHas(collection: string, key: string, element: string): boolean;
  setElements(collection: string, key: string): Iterable<string>;
  setSize(collection: string, key: string): number;
  /** The live dots of an element, encoded as a remove's payload (DOT_BYTES each). */
  setDots(collection: string, key: string, element: string): Uint8Array;
  gauge(collection: string, key: string): readonly GaugeComponent[];

  /**
   * Makes a gap of a held delta; its memory returns with `reclaim`.
   * @returns false, nothing changed: no delta starts at `firstSeq`, or it is the head or the record.
   */
  forget(row: number, firstSeq: number): boolean;
  /**
   * Joins the gaps of a row that follow each other: one walk over its marks.
   * @returns how many marks went; as many more deltas fit below `deltasMax`.
   */
  reclaim(row: number): number;

  readonly stats: ReplicaStats;
  free(): void;
}

export interface ReplicaStats {
  readonly entries: number;
  readonly tombstones: number;
  readonly pendingDots: number;
  readonly stateBytes: number;
}
