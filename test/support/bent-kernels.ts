/** Kernels that lie in one place, so that a judge of runs has something to find. */
import { createKernels } from "../../src/kernels/index.ts";
import type { Kernels, Replica } from "../../src/kernels/kernels.ts";

/** Kernels whose replicas with the numbers that `which` takes, in the order they are opened, are bent. */
export function bentKernels(
  which: number | ((index: number) => boolean),
  bend: (replica: Replica) => Partial<Replica>,
): Kernels {
  const kernels = createKernels();
  let opened = 0;
  return {
    ...kernels,
    openReplica: (options) => {
      const replica = kernels.openReplica(options);
      const index = opened++;
      if (typeof which === "number" ? index !== which : !which(index)) return replica;
      const bends = bend(replica);
      return new Proxy(replica, {
        get(target, name) {
          const value: unknown = Reflect.get(bends, name) ?? Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
}
