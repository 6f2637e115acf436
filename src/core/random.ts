/**
 * The core's only randomness: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators"), seeded by the shell and replayed exactly by the simulator.
 *
 * 1. Equal seeds and calls give equal streams on every machine.
 * 2. `state` is the live state that `kernels.selectPeers` advances in place: kernel draws and draws
 *    made here are one stream.
 * 3. Not for secrets: nonces and keys come from the injected crypto.
 */

import { assertInvariant } from "../errors.ts";
import type { RandomState } from "../kernels/kernels.ts";

/** One stream of random numbers. */
export class Random {
  /** Four u32, not all zero; live: whoever advances it advances this stream. */
  readonly state: RandomState;

  /** Continues from `state`, which is borrowed for the life of the stream, not copied. */
  constructor(state: RandomState) {
    assertInvariant(
      state.length === 4 && state.some((word) => word !== 0),
      "a random state is four u32, not all zero",
    );
    this.state = state;
  }

  /**
   * A stream of its own per seed. A bigint is taken modulo 2^64; bytes (any length, borrowed) are
   * folded eight at a time, little-endian, and closed with their length. The four words are two
   * outputs of splitmix64, low half first, as its authors advise for xoshiro.
   */
  static fromSeed(seed: bigint | Uint8Array): Random {
    let x = typeof seed === "bigint" ? BigInt.asUintN(64, seed) : foldSeed(seed);
    const state = new Uint32Array(4);
    for (let i = 0; i < 4; i += 2) {
      x = BigInt.asUintN(64, x + GOLDEN_GAMMA);
      const word = mix64(x);
      state[i] = Number(word & 0xffffffffn);
      state[i + 1] = Number(word >> 32n);
    }
    // splitmix64 is a bijection of distinct inputs, so at most one of the two words is zero.
    return new Random(state);
  }

  /** Uniform in [0, 2^32). */
  nextU32(): number {
    const state = this.state;
    const s0 = state[0] ?? 0;
    const s1 = state[1] ?? 0;
    const s2 = (state[2] ?? 0) ^ s0;
    const s3 = (state[3] ?? 0) ^ s1;
    state[0] = s0 ^ s3;
    state[1] = s1 ^ s2;
    state[2] = s2 ^ (s1 << 9);
    state[3] = rotateLeft(s3, 11);
    return Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
  }

  /**
   * Uniform integer in [0, n), n in [1, 2^32]. Draws again where the plain remainder would favour
   * small values, less than twice on average.
   */
  below(n: number): number {
    assertInvariant(
      Number.isInteger(n) && n >= 1 && n <= U32_COUNT,
      "below() takes an integer in [1, 2^32]",
    );
    const fair = U32_COUNT - (U32_COUNT % n);
    let draw = this.nextU32();
    while (draw >= fair) draw = this.nextU32();
    return draw % n;
  }

  /** Uniform multiple of 2^-53 in [0, 1); two draws. */
  float(): number {
    const high = this.nextU32() >>> 5;
    const low = this.nextU32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** Puts `items` into a uniformly random order, in place, and returns it (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    return this.shuffleHead(items, items.length);
  }

  /** Makes the first `count` of `items` a uniform sample in random order, in place; O(count). */
  shuffleHead<T>(items: T[], count: number): T[] {
    const end = Math.min(count, items.length - 1);
    for (let i = 0; i < end; i++) {
      const j = i + this.below(items.length - i);
      const held = items[i] as T;
      items[i] = items[j] as T;
      items[j] = held;
    }
    return items;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mix64(value: bigint): bigint {
  let z = value;
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

function foldSeed(bytes: Uint8Array): bigint {
  let folded = 0n;
  for (let start = 0; start < bytes.length; start += 8) {
    let chunk = 0n;
    for (let i = Math.min(start + 8, bytes.length) - 1; i >= start; i--) {
      chunk = (chunk << 8n) | BigInt(bytes[i] ?? 0);
    }
    folded = mix64(BigInt.asUintN(64, (folded ^ chunk) + GOLDEN_GAMMA));
  }
  return mix64(BigInt.asUintN(64, (folded ^ BigInt(bytes.length)) + GOLDEN_GAMMA));
}

const U32_COUNT = 0x100000000;
const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;
