/**
 * Floyd's sampling without replacement: k draws, each index subset equally likely.
 *
 * For bound = count - k + 1 to count: draw below bound; if that index is taken, take bound - 1,
 * which no earlier draw could reach. Source: Bentley and Floyd, CACM 30:9 (1987).
 */
import { selectionCount } from "../arguments.ts";
import type { RandomState } from "../kernels.ts";
import { drawBelow } from "./random.ts";

/** Writes min(k, count, into.length) distinct indices of [0, count); returns how many. */
export function selectPeers(
  count: number,
  k: number,
  random: RandomState,
  into: Uint32Array,
): number {
  const drawn = selectionCount(count, k, random, into);
  const taken = new Set<number>();
  for (let place = 0; place < drawn; place++) {
    const bound = count - drawn + place + 1;
    const draw = drawBelow(bound, random);
    const index = taken.has(draw) ? bound - 1 : draw;
    taken.add(index);
    into[place] = index;
  }
  return drawn;
}
