/**
 * `Primitives` in plain JavaScript: the readable definition, and what serves where SIMD is missing.
 */
import type { Primitives } from "../kernels.ts";
import { blake3 } from "./blake3.ts";
import { ReferenceMerkleTree } from "./merkle-tree.ts";
import { selectPeers } from "./select-peers.ts";
import { ReferenceVersionVector, vvCompare, vvMerge } from "./version-vector.ts";

/** The reference kernels; stateless, so every call returns an equal set. */
export function createReferencePrimitives(): Primitives {
  return Object.freeze<Primitives>({
    implementation: "reference",
    blake3,
    createVersionVector: () => new ReferenceVersionVector(),
    vvCompare,
    vvMerge,
    createMerkleTree: () => new ReferenceMerkleTree(),
    selectPeers,
  });
}
