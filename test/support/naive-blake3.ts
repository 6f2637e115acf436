/**
 * Test support: BLAKE3, unkeyed, 32 bytes out, written from the paper for reading, not for speed.
 * An oracle independent of src/kernels: it shares no line with it. No assertions inside.
 */

/** BLAKE3 of any length. */
export function naiveBlake3(bytes: Uint8Array): Uint8Array {
  return wordsToBytes(finish(subtree(bytes, 0), ROOT).subarray(0, 8));
}

/** BLAKE3's parent node of two 32-byte chaining values, not the root: flags PARENT only. */
export function naiveParent(left: Uint8Array, right: Uint8Array): Uint8Array {
  return wordsToBytes(finish(parentNode(left, right), 0).subarray(0, 8));
}

interface Node {
  readonly chaining: Uint32Array;
  readonly block: Uint32Array;
  readonly counter: number;
  readonly blockBytes: number;
  readonly flags: number;
}

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const CHUNK_BYTES = 1024;
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
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** The last compression of a subtree, not done yet: its flags may still gain ROOT. */
function subtree(bytes: Uint8Array, firstChunk: number): Node {
  if (bytes.length <= CHUNK_BYTES) return chunk(bytes, firstChunk);
  const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
  const leftChunks = 2 ** Math.floor(Math.log2(chunks - 1));
  const split = leftChunks * CHUNK_BYTES;
  const left = finish(subtree(bytes.subarray(0, split), firstChunk), 0).subarray(0, 8);
  const right = finish(subtree(bytes.subarray(split), firstChunk + leftChunks), 0).subarray(0, 8);
  return parentNode(wordsToBytes(left), wordsToBytes(right));
}

function chunk(bytes: Uint8Array, counter: number): Node {
  const blocks = Math.max(1, Math.ceil(bytes.length / 64));
  let chaining: Uint32Array = IV;
  for (let i = 0; ; i++) {
    const part = bytes.subarray(i * 64, i * 64 + 64);
    const isLast = i === blocks - 1;
    const flags = (i === 0 ? CHUNK_START : 0) | (isLast ? CHUNK_END : 0);
    const node = { chaining, block: toWords(part), counter, blockBytes: part.length, flags };
    if (isLast) return node;
    chaining = finish(node, 0).slice(0, 8);
  }
}

function parentNode(left: Uint8Array, right: Uint8Array): Node {
  const block = new Uint8Array(64);
  block.set(left, 0);
  block.set(right, 32);
  return { chaining: IV, block: toWords(block), counter: 0, blockBytes: 64, flags: PARENT };
}

function finish(node: Node, extraFlags: number): Uint32Array {
  const v = new Uint32Array(16);
  v.set(node.chaining, 0);
  v.set(IV.subarray(0, 4), 8);
  v[12] = node.counter;
  v[13] = Math.floor(node.counter / 2 ** 32);
  v[14] = node.blockBytes;
  v[15] = node.flags | extraFlags;
  let m = node.block;
  for (let round = 0; round < 7; round++) {
    for (let i = 0; i < 4; i++) mix(v, [i, 4 + i, 8 + i, 12 + i], m[2 * i]!, m[2 * i + 1]!);
    for (let i = 0; i < 4; i++) {
      const column = [i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4)];
      mix(v, column, m[8 + 2 * i]!, m[9 + 2 * i]!);
    }
    m = Uint32Array.from(PERMUTATION, (from) => m[from]!);
  }
  for (let i = 0; i < 8; i++) v[i]! ^= v[i + 8]!;
  return v;
}

function mix(v: Uint32Array, [a, b, c, d]: number[], x: number, y: number): void {
  v[a!] = v[a!]! + v[b!]! + x;
  v[d!] = rotated(v[d!]! ^ v[a!]!, 16);
  v[c!] = v[c!]! + v[d!]!;
  v[b!] = rotated(v[b!]! ^ v[c!]!, 12);
  v[a!] = v[a!]! + v[b!]! + y;
  v[d!] = rotated(v[d!]! ^ v[a!]!, 8);
  v[c!] = v[c!]! + v[d!]!;
  v[b!] = rotated(v[b!]! ^ v[c!]!, 7);
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function toWords(bytes: Uint8Array): Uint32Array {
  const padded = new Uint8Array(64);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Uint32Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true));
}

function wordsToBytes(words: Uint32Array): Uint8Array {
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let i = 0; i < 8; i++) view.setUint32(4 * i, words[i]!, true);
  return out;
}
