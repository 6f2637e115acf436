/** The mesh's root: what two nodes that agree have in common. */
import type { CoreState } from "../core-state.ts";
import { concat } from "../wire/concat.ts";

/**
 * The replica's root (frontier and state), and the authors that are expunged when there are some:
 * BLAKE3(root || BLAKE3(their sorted ids)). 32 bytes.
 */
export function meshRoot(core: CoreState): Uint8Array {
  const root = core.replica.root();
  if (core.proofs.size === 0) return root;
  return core.deps.kernels.blake3(concat([root, core.proofs.digest]));
}
