/**
 * `Primitives` over the SIMD Wasm module; build/core.wasm must exist (`npm run asbuild`).
 *
 * By default every caller of a process shares one module and one memory, so that thousands of
 * replicas fit; a size makes a private memory. A shared memory is never returned, only its blocks.
 */

import { selectionCount } from "../arguments.ts";
import type { Primitives, RandomState } from "../kernels.ts";
import { CoreMemory, memoryFull } from "./memory.ts";
import { WasmMerkleTree } from "./merkle-tree.ts";
import { WasmVersionVector } from "./version-vector.ts";

export interface WasmOptions {
  /** Size of a private memory, 128 KiB to 2 GiB. Absent: the process's shared one of 1 GiB. */
  readonly memoryBytes?: number;
}

/**
 * The compiled kernels.
 * @throws MeshError MESH_INVARIANT when the build is missing or stale, MESH_STATE_FULL when the
 *   host cannot reserve the memory.
 */
export function createWasmPrimitives(options: WasmOptions = {}): Primitives {
  if (options.memoryBytes !== undefined) return overMemory(new CoreMemory(options.memoryBytes));
  shared ??= overMemory(new CoreMemory());
  return shared;
}

function overMemory(memory: CoreMemory): Primitives {
  return Object.freeze<Primitives>({
    implementation: "wasm",
    blake3: (bytes) => blake3(memory, bytes),
    createVersionVector: () => new WasmVersionVector(memory),
    vvCompare: (a, b) => WasmVersionVector.compare(memory, a, b),
    vvMerge: (into, from) => WasmVersionVector.merge(memory, into, from),
    createMerkleTree: () => new WasmMerkleTree(memory),
    selectPeers: (count, k, random, into) => selectPeers(memory, count, k, random, into),
  });
}

function blake3(memory: CoreMemory, bytes: Uint8Array): Uint8Array {
  const { stageBytes } = memory.layout;
  let at = 0;
  for (; bytes.length - at > stageBytes; at += stageBytes) {
    memory.stage(bytes.subarray(at, at + stageBytes), 0);
    memory.functions.blake3Absorb();
  }
  memory.stage(at === 0 ? bytes : bytes.subarray(at), 0);
  memory.functions.blake3Finish(bytes.length - at);
  return memory.resultHash();
}

function selectPeers(
  memory: CoreMemory,
  count: number,
  k: number,
  random: RandomState,
  into: Uint32Array,
): number {
  const drawn = selectionCount(count, k, random, into);
  if (drawn === 0) return 0;
  const { layout } = memory;
  if (drawn <= layout.selectScanMax) {
    drawTo(memory, { count, drawn, random, into }, { out: layout.stage, table: 0, tableBits: 0 });
    return drawn;
  }
  // Output, then a table of 2 to 4 rows per draw.
  const tableBits = 33 - Math.clz32(drawn - 1);
  const bytes = drawn * 4 + 4 * 2 ** tableBits;
  const out = bytes > 2 ** 30 ? 0 : memory.functions.allocate(bytes);
  if (out === 0) throw memoryFull(memory, `a selection of ${drawn}`);
  drawTo(memory, { count, drawn, random, into }, { out, table: out + drawn * 4, tableBits });
  memory.functions.release(out, bytes);
  return drawn;
}

interface Draw {
  readonly count: number;
  readonly drawn: number;
  readonly random: RandomState;
  readonly into: Uint32Array;
}

interface Place {
  readonly out: number;
  readonly table: number;
  readonly tableBits: number;
}

function drawTo(memory: CoreMemory, { count, drawn, random, into }: Draw, place: Place): void {
  const { u32, layout, functions } = memory;
  const state = layout.random >>> 2;
  for (let word = 0; word < 4; word++) u32[state + word] = random[word] ?? 0;
  functions.selectPeers(count, drawn, place.out, place.table, place.tableBits);
  for (let word = 0; word < 4; word++) random[word] = u32[state + word] ?? 0;
  const first = place.out >>> 2;
  for (let index = 0; index < drawn; index++) into[index] = u32[first + index] ?? 0;
}

let shared: Primitives | undefined;
