// A keyed hash of short byte strings, for the tables only: never sent, never hashed into state.
//
// Multilinear: the sum of key[i] x word[i] modulo 2^64, high half (Lemire and Kaser, "Strongly
// universal string hashing is fast", 2014). Two strings that differ collide with probability 2^-32
// whatever they are, as long as whoever chose them does not know the keys: BLAKE3 of the host's
// key and a counter. Iteration never follows the tables, so the key changes no output.

import { blake3At } from "./blake3";
import { DIGEST, HASH_KEYS, HASH_KEYS_COUNT, STAGE } from "./memory";

const KEY_BYTES: usize = 32;

/** Draws the keys from the 32 bytes staged; before any table holds anything. */
export function hashSeed(): void {
  const out = HASH_KEYS;
  for (let drawn: u32 = 0; drawn < HASH_KEYS_COUNT; drawn += 4) {
    store<u32>(STAGE + KEY_BYTES, drawn);
    blake3At(STAGE, KEY_BYTES + 4, DIGEST);
    const to = out + ((<usize>drawn) << 3);
    v128.store(to, v128.load(DIGEST));
    v128.store(to, v128.load(DIGEST, 16), 16);
  }
}

/** Hash of `bytes` <= 2,384 at `at`, and of three numbers beside them. */
export function hashBytes(at: usize, bytes: usize, a: u32, b: u32, c: u32): u32 {
  let sum =
    load<u64>(HASH_KEYS) +
    load<u64>(HASH_KEYS, 8) * <u64>a +
    load<u64>(HASH_KEYS, 16) * <u64>b +
    load<u64>(HASH_KEYS, 24) * <u64>c;
  let key = HASH_KEYS + 32;
  const end = at + bytes;
  let from = at;
  for (; from + 4 <= end; from += 4) {
    sum += load<u64>(key) * <u64>load<u32>(from);
    key += 8;
  }
  if (from < end) {
    let word: u32 = 0;
    // The last bytes, zero-extended: by a word that ends with them where there is one.
    if (bytes >= 4) word = load<u32>(end - 4) >> ((<u32>(from + 4 - end)) << 3);
    else for (let last = end; last > from; last--) word = (word << 8) | <u32>load<u8>(last - 1);
    sum += load<u64>(key) * <u64>word;
  }
  return <u32>(sum >> 32);
}
