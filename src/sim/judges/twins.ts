/**
 * What takes two runs to judge, of one seed: one with something wrong, its twin without.
 */
import type { SimResult, Violation } from "../result.ts";

/** C3: under constant loss the slowest writes take at most three times as long. */
const STALENESS_RATIO_MAX = 3;
/** R3: after the heal a node holds at most a fifth more than where there was nothing to heal. */
const MEMORY_RATIO_MAX = 1.2;

export function stalenessRatio(lossy: SimResult, whole: SimResult): number {
  return lossy.convergence.p99Ms / whole.convergence.p99Ms;
}

export function memoryRatio(healed: SimResult, whole: SimResult): number {
  return healed.heapBytesPerNode / whole.heapBytesPerNode;
}

/** C3. */
export function judgeStaleness(lossy: SimResult, whole: SimResult): Violation[] {
  const ratio = stalenessRatio(lossy, whole);
  if (ratio <= STALENESS_RATIO_MAX && lossy.convergence.samples > 0) return [];
  const [slow, fast] = [lossy.convergence.p99Ms, whole.convergence.p99Ms];
  return [overall("C3", lossy, `p99 ${slow} ms under loss, ${fast} ms without`)];
}

/** R3. */
export function judgeMemory(healed: SimResult, whole: SimResult): Violation[] {
  if (memoryRatio(healed, whole) <= MEMORY_RATIO_MAX) return [];
  const [much, little] = [healed.heapBytesPerNode, whole.heapBytesPerNode];
  return [overall("R3", healed, `${much} bytes a node after the heal, ${little} without a cut`)];
}

function overall(invariant: string, { virtualMs }: SimResult, detail: string): Violation {
  return { invariant, at: virtualMs, node: undefined, detail };
}
