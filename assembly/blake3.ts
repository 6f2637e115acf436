// BLAKE3 of any length, unkeyed. What lies in one piece is hashed where it lies (blake3At). Longer
// input is staged in pieces of STAGE_BYTES: every piece but the last goes to blake3Absorb, the last
// (1 byte to a whole piece; or the empty input) to blake3Finish, which leaves the hash at RESULT and
// readies the next input.
//
// A piece holds a power of two of chunks, so its chaining value is a subtree of BLAKE3's tree.
// FOLD holds one finished subtree per set bit of the count of pieces, largest first. Chunks and
// parents are compressed four at a time where at least two wait.
// Source: the BLAKE3 paper (2020), sections 2.1, 2.4 and 5.1.2.

import { CHUNK_END, CHUNK_START, IV, PARENT, ROOT } from "./blake3-words";
import { compressFour, loadBlocks, resetChain, storeChain, storeLane } from "./compress-four";
import { compressOne } from "./compress-one.gen";
import { CHUNK, CHUNKS, copyHash, FOLD, RESULT, STAGE, STAGE_BYTES, TAIL } from "./memory";

const CHUNK_BYTES: usize = 1024;
const BLOCK_BYTES: usize = 64;
const HALF_BYTES: usize = 32;
/** Sixteen blocks in four lanes take as long as 36 one by one: what has fewer is faster so. */
const LANES_BYTES_MIN: usize = 36 * BLOCK_BYTES;
const ZEROS = memory.data(32, 16);

let pieces: u32 = 0;
let folded: usize = 0; // subtrees on FOLD

/** Hashes `bytes` <= STAGE_BYTES at `input` to `out`; reads nothing else and moves nothing. */
export function blake3At(input: usize, bytes: usize, out: usize): void {
  hashPiece(input, bytes, 0, ROOT, out);
}

/** Takes in one whole piece that more input follows. */
export function blake3Absorb(): void {
  hashPiece(STAGE, STAGE_BYTES, pieces, 0, RESULT);
  copyHash(FOLD + (folded << 5), RESULT);
  folded++;
  pieces++;
  // More input follows, so no parent made here is the root.
  for (let count = pieces; (count & 1) == 0; count >>= 1) {
    folded--;
    hashParent(FOLD + ((folded - 1) << 5), 0, FOLD + ((folded - 1) << 5));
  }
}

/** Takes in the last `bytes` <= STAGE_BYTES; the hash is at RESULT. */
export function blake3Finish(bytes: usize): void {
  hashPiece(STAGE, bytes, pieces, folded == 0 ? ROOT : 0, RESULT);
  while (folded != 0) {
    folded--;
    copyHash(FOLD + ((folded + 1) << 5), RESULT);
    hashParent(FOLD + (folded << 5), folded == 0 ? ROOT : 0, RESULT);
  }
  pieces = 0;
}

/** Hashes the subtree of piece `piece`; `rootFlag` is ROOT for a whole input. */
function hashPiece(input: usize, bytes: usize, piece: u32, rootFlag: i32, out: usize): void {
  const first = <usize>piece * (STAGE_BYTES / CHUNK_BYTES);
  if (bytes <= CHUNK_BYTES) {
    hashChunk(input, bytes, first, rootFlag, out);
    return;
  }
  const count = (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
  let done: usize = 0;
  // Three chunks go to four lanes as well: an idle lane's hash is overwritten or unread.
  for (; bytes >= done * CHUNK_BYTES + LANES_BYTES_MIN; done += 4) {
    const at = done * CHUNK_BYTES;
    hashChunks(input + at, bytes - at, first + done, CHUNKS + (done << 5));
  }
  for (; done < count; done++) {
    const at = done * CHUNK_BYTES;
    const rest = bytes - at;
    const chunkBytes = rest < CHUNK_BYTES ? rest : CHUNK_BYTES;
    hashChunk(input + at, chunkBytes, first + done, 0, CHUNKS + (done << 5));
  }
  foldChunks(count, rootFlag, out);
}

/** Joins the hashes at CHUNKS pairwise, level by level, an odd one moving up as it is. */
function foldChunks(hashes: usize, rootFlag: i32, out: usize): void {
  let count = hashes;
  while (count > 2) {
    const pairs = count >> 1;
    let pair: usize = 0;
    for (; pair + 1 < pairs; pair += 4) hashFourParents(pair);
    if (pair < pairs) hashParent(CHUNKS + (pair << 6), 0, CHUNKS + (pair << 5));
    if (count & 1) copyHash(CHUNKS + (pairs << 5), CHUNKS + ((count - 1) << 5));
    count = pairs + (count & 1);
  }
  hashParent(CHUNKS, rootFlag, out);
}

function hashFourParents(pair: usize): void {
  const at = CHUNKS + (pair << 6);
  const out = CHUNKS + (pair << 5);
  resetChain();
  loadBlocks(at, at + 32, at + 64, at + 96, at + 128, at + 160, at + 192, at + 224);
  compressFour(i32x4.splat(0), PARENT);
  storeChain(out, out + 32, out + 64, out + 96);
}

/**
 * Hashes the first four chunks of `bytes` > 2,048, or the three that there are, to `out`. One that is
 * not whole goes along as far as the flags of all lanes are its own: to its last block.
 */
function hashChunks(input: usize, bytes: usize, first: usize, out: usize): void {
  const counter = i32x4.add(i32x4.splat(<i32>first), i32x4(0, 1, 2, 3));
  const whole = bytes / CHUNK_BYTES;
  const partial = whole < 4 ? bytes - whole * CHUNK_BYTES : 0;
  const partialEnd = partial == 0 ? CHUNK_BYTES : (partial - 1) & ~(BLOCK_BYTES - 1);
  resetChain();
  for (let at: usize = 0; at < CHUNK_BYTES; at += BLOCK_BYTES) {
    if (at == partialEnd) storeLane(whole, CHUNK);
    // A lane without a block of its own repeats another's: nothing past the input is read.
    const lanes = whole + <usize>(at < partialEnd && partial != 0);
    const b0 = input + at;
    const b1 = lanes < 2 ? b0 : b0 + CHUNK_BYTES;
    const b2 = lanes < 3 ? b1 : b1 + CHUNK_BYTES;
    const b3 = lanes < 4 ? b2 : b2 + CHUNK_BYTES;
    loadBlocks(b0, b0 + 32, b1, b1 + 32, b2, b2 + 32, b3, b3 + 32);
    compressFour(counter, chunkFlags(at, at + BLOCK_BYTES == CHUNK_BYTES));
  }
  storeChain(out, out + 32, out + 64, out + 96);
  if (partial == 0) return;
  const chunk = input + whole * CHUNK_BYTES;
  finishChunk(chunk, partialEnd, partial, first + whole, 0, out + (whole << 5));
}

/** Hashes one chunk of `bytes` <= 1,024 to `out`; a partly filled last block is padded aside. */
function hashChunk(input: usize, bytes: usize, index: usize, rootFlag: i32, out: usize): void {
  copyHash(CHUNK, IV);
  let at: usize = 0;
  for (; at + BLOCK_BYTES < bytes; at += BLOCK_BYTES) {
    const block = input + at;
    compressOne(CHUNK, block, block + 32, <i32>index, 64, chunkFlags(at, false), CHUNK);
  }
  finishChunk(input, at, bytes, index, rootFlag, out);
}

/** Hashes the last block of a chunk, from `at` on, behind the chaining value at CHUNK. */
function finishChunk(
  input: usize,
  at: usize,
  bytes: usize,
  index: usize,
  rootFlag: i32,
  out: usize,
): void {
  const flags = chunkFlags(at, true) | rootFlag;
  const rest = bytes - at;
  let left = input + at;
  let right = left + HALF_BYTES;
  if (rest < BLOCK_BYTES) {
    // Halves that are whole stay where they are; so a header's last half costs no copy.
    if (rest <= HALF_BYTES) right = ZEROS;
    else right = padHalf(right, rest - HALF_BYTES);
    if (rest < HALF_BYTES) left = padHalf(left, rest);
  }
  compressOne(CHUNK, left, right, <i32>index, <i32>rest, flags, out);
}

/** A copy of `bytes` < 32 bytes, padded with zeros. */
function padHalf(half: usize, bytes: usize): usize {
  v128.store(TAIL, i64x2.splat(0));
  v128.store(TAIL, i64x2.splat(0), 16);
  // Whole words: they are read as words at once, and a load waits for stores of its parts.
  let at: usize = 0;
  for (; at + 4 <= bytes; at += 4) store<u32>(TAIL + at, load<u32>(half + at));
  if (at == bytes) return TAIL;
  let word: u32 = 0;
  for (let last = bytes; last > at; last--) word = (word << 8) | <u32>load<u8>(half + last - 1);
  store<u32>(TAIL + at, word);
  return TAIL;
}

function chunkFlags(at: usize, last: bool): i32 {
  return (at == 0 ? CHUNK_START : 0) | (last ? CHUNK_END : 0);
}

function hashParent(children: usize, rootFlag: i32, out: usize): void {
  compressOne(IV, children, children + 32, 0, 64, PARENT | rootFlag, out);
}
