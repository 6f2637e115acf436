/** Kernels with a planted defect: replicas that answer otherwise than they should. */
import { createKernels } from "../../src/kernels/index.ts";
import type { Kernels, Replica } from "../../src/kernels/kernels.ts";

/**
 * Kernels whose replicas are bent; `index` counts them in the order in which they are opened. What
 * `bend` gives takes the place of the replica's own.
 */
export function bentKernels(
  bend: (replica: Replica, index: number) => Partial<Replica>,
  whole: Kernels = createKernels(),
): Kernels {
  let opened = 0;
  return {
    ...whole,
    openReplica: (options) => {
      const replica = whole.openReplica(options);
      const bends = bend(replica, opened++);
      return new Proxy(replica, {
        get(target, name) {
          const value: unknown = Reflect.get(bends, name) ?? Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
}
