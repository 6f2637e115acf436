/**
 * xoshiro128** and an unbiased bounded draw, shared definition of both implementations.
 *
 * Sources: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2018); Lemire,
 * "Fast random integer generation in an interval" (2019).
 */
import type { RandomState } from "../kernels.ts";

/** The next u32; advances `state`. */
export function nextU32(state: RandomState): number {
  let s0 = state[0] ?? 0;
  let s1 = state[1] ?? 0;
  let s2 = state[2] ?? 0;
  let s3 = state[3] ?? 0;
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
  const shifted = s1 << 9;
  s2 ^= s0;
  s3 ^= s1;
  s1 ^= s2;
  s0 ^= s3;
  s2 ^= shifted;
  s3 = rotateLeft(s3, 11);
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
  return result;
}

/**
 * Uniform on [0, bound), 1 <= bound < 2^32: the high word of random x bound. Products whose low
 * word is below 2^32 mod bound would come up once too often, so those are drawn again.
 */
export function drawBelow(bound: number, state: RandomState): number {
  const unfair = 2 ** 32 % bound;
  for (;;) {
    const random = nextU32(state);
    if (Math.imul(random, bound) >>> 0 >= unfair) return highWord(random, bound);
  }
}

/** floor(a x b / 2^32) of two u32, by halves of `a` so that every product is exact. */
function highWord(a: number, b: number): number {
  const low = Math.floor(((a & 0xffff) * b) / 65536);
  return Math.floor(((a >>> 16) * b + low) / 65536);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
