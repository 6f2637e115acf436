/** `Kernels` in plain JavaScript: the readable definition, and what serves where SIMD is missing. */
import type { Kernels, Primitives } from "../kernels.ts";
import { createReferencePrimitives } from "./primitives.ts";
import { openReplica } from "./replica/replica.ts";

/** The reference kernels; over other primitives on request, for tests. */
export function createReferenceKernels(
  primitives: Primitives = createReferencePrimitives(),
): Kernels {
  return Object.freeze<Kernels>({
    ...primitives,
    openReplica: (options) => openReplica(primitives, options),
  });
}
