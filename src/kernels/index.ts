/** The kernels a node uses: Wasm where it runs, the reference otherwise or when asked for. */
import type { Kernels, Primitives } from "./kernels.ts";
import { createReferencePrimitives } from "./reference/primitives.ts";
import { openReplica } from "./replica/replica.ts";
import { createWasmPrimitives } from "./wasm/primitives.ts";

export interface KernelsOptions {
  /** Default "wasm". */
  readonly implementation?: "wasm" | "reference";
}

/** @throws MeshError MESH_INVARIANT when the Wasm module is missing or of another layout. */
export function createKernels(options: KernelsOptions = {}): Kernels {
  const primitives =
    options.implementation === "reference" ? createReferencePrimitives() : createWasmPrimitives();
  return withReplicas(primitives);
}

function withReplicas(primitives: Primitives): Kernels {
  return {
    implementation: primitives.implementation,
    blake3: (bytes) => primitives.blake3(bytes),
    createVersionVector: () => primitives.createVersionVector(),
    vvCompare: (a, b) => primitives.vvCompare(a, b),
    vvMerge: (into, from) => primitives.vvMerge(into, from),
    createMerkleTree: () => primitives.createMerkleTree(),
    selectPeers: (count, k, random, into) => primitives.selectPeers(count, k, random, into),
    openReplica: (replica) => openReplica(primitives, replica),
  };
}
