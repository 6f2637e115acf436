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
  state.set(IV_TOP, 8);
  state[12] = counter;
  state[13] = counter / 2 ** 32;
  state[14] = block.length;
  state[15] = flags;
  const message = toWords(block);
  for (let place = 0; place < SCHEDULE.length; place += 16) {
    // Columns, then diagonals, of the 4 x 4 state.
    mix(state, message, place, 0, 4, 8, 12);
    mix(state, message, place + 2, 1, 5, 9, 13);
    mix(state, message, place + 4, 2, 6, 10, 14);
    mix(state, message, place + 6, 3, 7, 11, 15);
    mix(state, message, place + 8, 0, 5, 10, 15);
    mix(state, message, place + 10, 1, 6, 11, 12);
    mix(state, message, place + 12, 2, 7, 8, 13);
    mix(state, message, place + 14, 3, 4, 9, 14);
  }
  const next = new Uint32Array(8);
  for (let word = 0; word < 8; word++) next[word] = wordAt(state, word) ^ wordAt(state, word + 8);
  return next;
}

/** BLAKE3's G: mixes the message words at `place` of the schedule into four words of the state. */
function mix(
  state: Uint32Array,
  message: Uint32Array,
  place: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  let va = (wordAt(state, a) + wordAt(state, b) + wordAt(message, SCHEDULE[place] ?? 0)) | 0;
  let vd = rotateRight(wordAt(state, d) ^ va, 16);
  let vc = (wordAt(state, c) + vd) | 0;
  let vb = rotateRight(wordAt(state, b) ^ vc, 12);
  va = (va + vb + wordAt(message, SCHEDULE[place + 1] ?? 0)) | 0;
  vd = rotateRight(vd ^ va, 8);
  vc = (vc + vd) | 0;
  vb = rotateRight(vb ^ vc, 7);
  state[a] = va;
  state[b] = vb;
  state[c] = vc;
  state[d] = vd;
}

/** A word as i32, so that sums stay in integer arithmetic. */
function wordAt(words: Uint32Array, index: number): number {
  return (words[index] ?? 0) | 0;
}

function rotateRight(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Little-endian words of a block, padded with zeros to 16 words. */
function toWords(block: Uint8Array): Uint32Array {
  const words = new Uint32Array(16);
  for (let index = 0; index < block.length; index++) {
    words[index >>> 2] = wordAt(words, index >>> 2) | ((block[index] ?? 0) << (8 * (index & 3)));
  }
  return words;
}

function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = wordAt(words, index >>> 2) >>> (8 * (index & 3));
  }
  return bytes;
}

/** Message words in the order in which the seven rounds take them: each permutes the one before. */
function schedule(): Uint8Array {
  const order = new Uint8Array(ROUNDS * 16);
  for (let place = 0; place < order.length; place++) {
    const before = place - 16 - (place % 16) + (PERMUTATION[place % 16] ?? 0);
    order[place] = place < 16 ? place : (order[before] ?? 0);
  }
  return order;
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
const IV_TOP = IV.subarray(0, 4);
const SCHEDULE = schedule();
