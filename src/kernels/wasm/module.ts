/**
 * Loads the compiled kernel module: the only file of the kernels that touches the file system.
 *
 * The bytes are read and compiled once per process; each memory gets its own instance. A stale
 * or foreign build is refused here, before any pointer is trusted.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { instantiateSync } from "@assemblyscript/loader";
import { LAYOUT_VERSION } from "../../../assembly/layout.ts";
import { assertInvariant, MeshError } from "../../errors.ts";
import { type CompiledModule, type LinearMemory, webAssembly } from "./web-assembly.ts";

/** Functions of assembly/index.ts: u32 addresses, rows and counts, returned as i32. */
export interface CoreFunctions {
  allocate(bytes: number): number;
  release(block: number, bytes: number): void;
  arenaLiveBytes(): number;
  arenaTouchedBytes(): number;
  blake3Absorb(): void;
  blake3Finish(bytes: number): void;
  cellRead(cell: number): number;
  counterOwn(replica: number, counter: number, id: number): void;
  counterSum(counter: number): void;
  entryItems(entry: number): number;
  frameApply(replica: number, rows: number): number;
  frameChanges(): number;
  frameReserve(bytes: number): number;
  frameScan(replica: number, bytes: number): number;
  groupFirst(group: number): number;
  groupLive(group: number): number;
  groupNames(member: number): number;
  hashSeed(): void;
  identitiesHeld(): number;
  itemsRead(entry: number, first: number): number;
  lifeRead(life: number): void;
  replicaEntry(
    replica: number,
    type: number,
    collectionBytes: number,
    keyBytes: number,
    elementBytes: number,
  ): number;
  replicaForget(replica: number, row: number): number;
  replicaFree(replica: number): void;
  replicaFrontier(replica: number): number;
  replicaFrontierRoot(replica: number): number;
  replicaFrontierTree(replica: number): number;
  replicaGroup(replica: number, type: number, collectionBytes: number, keyBytes: number): number;
  replicaLife(replica: number): number;
  replicaLifeAt(replica: number, row: number): number;
  replicaLives(replica: number): number;
  replicaNewest(replica: number): number;
  replicaOpen(): number;
  replicaReclaim(replica: number, row: number): number;
  replicaRoot(replica: number): number;
  replicaStateRoot(replica: number): number;
  replicaStats(replica: number): void;
  selectPeers(count: number, k: number, out: number, table: number, tableBits: number): void;
  treeCreate(): number;
  treeSet(tree: number, row: number): number;
  treeSize(tree: number): number;
  treeDelete(tree: number): number;
  treeRoot(tree: number): void;
  treeRangeHashes(tree: number, nibbles: number): number;
  treeRangeDiff(tree: number, nibbles: number): number;
  treeRangeRows(tree: number, nibbles: number, skipped: number, count: number): number;
  treeFree(tree: number): void;
  vectorCompare(a: number, b: number): number;
  vectorCreate(): number;
  vectorFree(vector: number): void;
  vectorMerge(into: number, from: number): number;
  vectorReserve(vector: number, lanes: number): number;
}

/** Addresses and limits that the module states about itself. */
export interface CoreLayout {
  readonly arena: number;
  readonly result: number;
  readonly random: number;
  readonly stage: number;
  readonly stageBytes: number;
  /** Columns of the scanned rows. */
  readonly rowOffsets: number;
  readonly rowLengths: number;
  readonly rowStatuses: number;
  readonly rowReasons: number;
  readonly rowOutcomes: number;
  readonly rowVerdicts: number;
  readonly rowKeys: number;
  readonly rowHashes: number;
  /** The largest selection that needs no table. */
  readonly selectScanMax: number;
}

export interface CoreModule {
  readonly functions: CoreFunctions;
  readonly layout: CoreLayout;
}

/**
 * Instantiates the module over `memory`.
 * @throws MeshError MESH_INVARIANT when the build is missing or of another layout.
 */
export function instantiateCore(memory: LinearMemory): CoreModule {
  compiled ??= new webAssembly.Module(readBuild());
  // The loader's own export object wraps every function; the raw one is called instead.
  const { instance } = instantiateSync(compiled, { env: { memory } });
  const exports = instance.exports as Readonly<Record<string, unknown>>;
  const global = (name: string): number => {
    const value = (exports[name] as { readonly value: unknown } | undefined)?.value;
    return typeof value === "number" ? value : -1;
  };
  if (global("LAYOUT_VERSION") !== LAYOUT_VERSION) {
    throw new MeshError("MESH_INVARIANT", "build/core.wasm is stale; run `npm run asbuild`", {
      details: { expected: LAYOUT_VERSION, got: global("LAYOUT_VERSION") },
    });
  }
  const layout = {
    arena: global("ARENA"),
    rowOffsets: global("ROW_OFFSETS"),
    rowLengths: global("ROW_LENGTHS"),
    rowStatuses: global("ROW_STATUSES"),
    rowReasons: global("ROW_REASONS"),
    rowOutcomes: global("ROW_OUTCOMES"),
    rowVerdicts: global("ROW_VERDICTS"),
    rowKeys: global("ROW_KEYS"),
    rowHashes: global("ROW_HASHES"),
    result: global("RESULT"),
    random: global("RANDOM"),
    stage: global("STAGE"),
    stageBytes: global("STAGE_BYTES"),
    selectScanMax: global("SELECT_SCAN_MAX"),
  };
  assertInvariant(global("HEAP_BASE") <= layout.result, "static data runs into the first region");
  return { functions: exports as unknown as CoreFunctions, layout };
}

/** Whether this host runs the module: false where SIMD is missing. The build must exist. */
export function runsHere(): boolean {
  try {
    compiled ??= new webAssembly.Module(readBuild());
    return true;
  } catch (error) {
    if (error instanceof MeshError) throw error;
    return false;
  }
}

function readBuild(): Buffer<ArrayBuffer> {
  try {
    return readFileSync(fileURLToPath(import.meta.resolve("#core.wasm")));
  } catch (cause) {
    throw new MeshError("MESH_INVARIANT", "build/core.wasm is missing; run `npm run asbuild`", {
      cause,
    });
  }
}

let compiled: CompiledModule | undefined;
