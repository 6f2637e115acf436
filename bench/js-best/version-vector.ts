/**
 * Version vectors as fast as JavaScript goes: safe integers in a Float64Array, flat loops without a
 * branch that depends on the data. The rival of the SIMD kernels; hashes of results must agree.
 */
import {
  VV_AHEAD,
  VV_BEHIND,
  VV_CONCURRENT,
  VV_EQUAL,
  type VvRelation,
} from "../../src/kernels/kernels.ts";

export function bestCompare(a: Float64Array, b: Float64Array): VvRelation {
  let above = 0;
  let below = 0;
  for (let lane = 0; lane < a.length; lane++) {
    const difference = (a[lane] as number) - (b[lane] as number);
    if (difference > 0) above = 1;
    else if (difference < 0) below = 1;
  }
  if (above === 0) return below === 0 ? VV_EQUAL : VV_BEHIND;
  return below === 0 ? VV_AHEAD : VV_CONCURRENT;
}

/** @returns how many lanes rose. */
export function bestMerge(into: Float64Array, from: Float64Array): number {
  let rose = 0;
  for (let lane = 0; lane < into.length; lane++) {
    const theirs = from[lane] as number;
    if (theirs > (into[lane] as number)) {
      into[lane] = theirs;
      rose++;
    }
  }
  return rose;
}
