/**
 * A stand-in for the kernel's peer selection, where a test needs one without the Wasm module:
 * Floyd's sampling without replacement, k draws whatever the count.
 */

import { Random } from "../../src/core/random.ts";
import type { Primitives } from "../../src/kernels/kernels.ts";

/** Draws as {@link Primitives.selectPeers} does. */
export const selectPeers: Primitives["selectPeers"] = (count, k, state, into) => {
  const random = new Random(state);
  const drawn = Math.min(k, count, into.length);
  for (let i = 0; i < drawn; i++) {
    const top = count - drawn + i;
    const index = random.below(top + 1);
    into[i] = into.subarray(0, i).includes(index) ? top : index;
  }
  return drawn;
};
