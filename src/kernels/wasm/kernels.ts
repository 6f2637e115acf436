/**
 * `Kernels` over the SIMD Wasm module; build/core.wasm must exist (`npm run asbuild`).
 *
 * By default every caller of a process shares one module and one memory, so that thousands of
 * replicas fit; a size makes a private memory. A shared memory is never returned, only its blocks.
 */
import type { Kernels } from "../kernels.ts";
import { CoreMemory, type MemoryOptions } from "./memory.ts";
import { WasmMerkleTree } from "./merkle-tree.ts";
import { blake3, selectPeers } from "./primitives.ts";
import { WasmReplica } from "./replica.ts";
import { WasmVersionVector } from "./version-vector.ts";

/**
 * The compiled kernels. Without `memoryBytes`, those of the process: whoever asks first gives the
 * hash key.
 * @throws MeshError MESH_INVARIANT when the build is missing or stale, MESH_STATE_FULL when the
 *   host cannot reserve the memory.
 */
export function createWasmKernels(options: MemoryOptions = {}): Kernels {
  if (options.memoryBytes !== undefined) return overMemory(new CoreMemory(options));
  shared ??= overMemory(new CoreMemory(options));
  return shared;
}

/** The kernels over a memory of the caller's. */
export function overMemory(memory: CoreMemory): Kernels {
  const hash = (bytes: Uint8Array): Uint8Array => blake3(memory, bytes);
  return Object.freeze<Kernels>({
    implementation: "wasm",
    blake3: hash,
    createVersionVector: () => new WasmVersionVector(memory),
    vvCompare: (a, b) => WasmVersionVector.compare(memory, a, b),
    vvMerge: (into, from) => WasmVersionVector.merge(memory, into, from),
    createMerkleTree: () => new WasmMerkleTree(memory),
    selectPeers: (count, k, random, into) => selectPeers(memory, count, k, random, into),
    openReplica: (replica) => new WasmReplica(memory, hash, replica),
    memoryUse: () => ({
      reservedBytes: memory.u8.length,
      touchedBytes: memory.layout.arena + memory.functions.arenaTouchedBytes(),
    }),
  });
}

let shared: Kernels | undefined;
