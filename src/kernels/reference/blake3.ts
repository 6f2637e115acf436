/**
 * BLAKE3, unkeyed, written for reading: the definition that the Wasm kernels are tested against.
 *
 * Input is cut into chunks of 1,024 bytes, a chunk into blocks of 64 that are chained; chunks are
 * the leaves of a binary tree whose left subtrees are whole powers of two. The last compression
 * carries the ROOT flag. Source: the BLAKE3 paper (2020), section 2.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";

/** BLAKE3 of any length; 32 bytes, copied. */
export function blake3(bytes: Uint8Array): Uint8Array {
  return toBytes(hashSubtree(bytes, 0, ROOT));
}

/** BLAKE3's parent node, not a root: the compression of left || right, 32 bytes each. */
export function blake3Parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(left);
  block.set(right, HASH_BYTES);
  return toBytes(compress(IV, block, { counter: 0, flags: PARENT }));
}

/** The chaining value, 8 words, of the input's subtree that starts at chunk `index`. */
function hashSubtree(bytes: Uint8Array, index: number, rootFlag: number): Uint32Array {
  if (bytes.length <= CHUNK_BYTES) return hashChunk(bytes, index, rootFlag);
  // The left side takes the most chunks that are a power of two and leave some to the right.
  const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
  const leftChunks = 2 ** (31 - Math.clz32(chunks - 1));
  const cut = leftChunks * CHUNK_BYTES;
  const left = hashSubtree(bytes.subarray(0, cut), index, 0);
  const right = hashSubtree(bytes.subarray(cut), index + leftChunks, 0);
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(toBytes(left));
  block.set(toBytes(right), HASH_BYTES);
  return compress(IV, block, { counter: 0, flags: PARENT | rootFlag });
}

function hashChunk(bytes: Uint8Array, index: number, rootFlag: number): Uint32Array {
  let chain: Uint32Array = IV;
  let start = CHUNK_START;
  let at = 0;
  for (; bytes.length - at > BLOCK_BYTES; at += BLOCK_BYTES) {
    chain = compress(chain, bytes.subarray(at, at + BLOCK_BYTES), { counter: index, flags: start });
    start = 0;
  }
  const flags = start | CHUNK_END | rootFlag;
  return compress(chain, bytes.subarray(at), { counter: index, flags });
}

/** One compression of a block of 0 to 64 bytes; the new chaining value. */
function compress(
  chain: Uint32Array,
  block: Uint8Array,
  { counter, flags }: { readonly counter: number; readonly flags: number },
): Uint32Array {
  const state = new Uint32Array(16);
  state.set(chain);
  state.set(IV.subarray(0, 4), 8);
  state[12] = counter;
  state[13] = counter / 2 ** 32;
  state[14] = block.length;
  state[15] = flags;
  let message = toWords(block);
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) message = message.map((_, place) => message[PERMUTATION[place] ?? 0] ?? 0);
    for (let mix = 0; mix < 8; mix++) {
      mixColumn(state, mix, message[2 * mix] ?? 0, message[2 * mix + 1] ?? 0);
    }
  }
  return state.subarray(0, 8).map((word, index) => word ^ (state[index + 8] ?? 0));
}

/** Mixes two message words into column 0 to 3, or diagonal 4 to 7, of the 4 x 4 state. */
function mixColumn(state: Uint32Array, mix: number, x: number, y: number): void {
  const shift = mix < 4 ? 0 : 1; // a diagonal moves one column further in each row
  const a = mix % 4;
  const b = 4 + ((mix + shift) % 4);
  const c = 8 + ((mix + 2 * shift) % 4);
  const d = 12 + ((mix + 3 * shift) % 4);
  let [va, vb, vc, vd] = [state[a] ?? 0, state[b] ?? 0, state[c] ?? 0, state[d] ?? 0];
  va = (va + vb + x) | 0;
  vd = rotateRight(vd ^ va, 16);
  vc = (vc + vd) | 0;
  vb = rotateRight(vb ^ vc, 12);
  va = (va + vb + y) | 0;
  vd = rotateRight(vd ^ va, 8);
  vc = (vc + vd) | 0;
  vb = rotateRight(vb ^ vc, 7);
  state[a] = va;
  state[b] = vb;
  state[c] = vc;
  state[d] = vd;
}

function rotateRight(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Little-endian words of a block, padded with zeros to 16 words. */
function toWords(block: Uint8Array): Uint32Array {
  const words = new Uint32Array(16);
  block.forEach((byte, index) => {
    words[index >>> 2] = (words[index >>> 2] ?? 0) | (byte << (8 * (index & 3)));
  });
  return words;
}

function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  words.forEach((word, index) => {
    for (let part = 0; part < 4; part++) bytes[index * 4 + part] = word >>> (8 * part);
  });
  return bytes;
}

const CHUNK_BYTES = 1024;
const BLOCK_BYTES = 64;
const ROUNDS = 7;
const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const IV = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
