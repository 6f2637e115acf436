/**
 * Room for the replicas of all nodes: every one of them holds every write. A run of few and short
 * lives takes the memory that all runs of a process share, a longer one memories of its own.
 */
import { createKernels } from "../kernels/index.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { SimOptions } from "./options.ts";

/**
 * What a replica takes for a write, its delta and entry, and for an author. Of 300 replicas with 9,900
 * deltas of 530 lives each delta took 361 bytes, all in all.
 */
const WRITE_BYTES = 400;
const AUTHOR_BYTES = 1_024;
/** Half of the memory that a process shares: a sweep's runs come one after another. */
const SHARED_BYTES_MAX = 2 ** 29;
/** The largest memory there is: 2 GiB less a page. */
const MEMORY_BYTES_LARGE = 2 ** 31 - 65_536;
/** Of these a process takes so many. */
const MEMORIES_MAX = 4;

/** @param writes in the whole run. @returns at least one. */
export function memoriesFor(options: SimOptions, writes: number): [Kernels, ...Kernels[]] {
  const implementation = options.kernels ?? "wasm";
  const { nodes } = options;
  const bytes = nodes * (writes * WRITE_BYTES + Math.min(writes, nodes) * AUTHOR_BYTES);
  const first = createKernels({
    implementation,
    ...(bytes > SHARED_BYTES_MAX ? { memoryBytes: MEMORY_BYTES_LARGE } : {}),
  });
  const count = Math.min(MEMORIES_MAX, Math.ceil(bytes / MEMORY_BYTES_LARGE));
  const others = Array.from({ length: count - 1 }, () =>
    createKernels({ implementation, memoryBytes: MEMORY_BYTES_LARGE }),
  );
  return [first, ...others];
}
