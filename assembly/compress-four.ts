// Four BLAKE3 compressions at once: lane l of every v128 belongs to block l.
//
//   MESSAGE row w:  | block 0 word w | block 1 word w | block 2 word w | block 3 word w |
//   CHAIN   row w:  | lane 0  word w | lane 1  word w | lane 2  word w | lane 3  word w |
//
// loadBlocks turns four blocks of 64 bytes, each given as two halves of 32, into MESSAGE rows;
// compressFour replaces the CHAIN rows; storeChain turns those back into four hashes.
// Source: the BLAKE3 paper (2020), sections 2.2 and 5.3.

import { IV } from "./blake3-words";
import { CHAIN, MESSAGE } from "./memory";
import { rotate7, rotate8, rotate12, rotate16 } from "./rotate";

// Byte offset of the MESSAGE row that each of the 16 places of a round takes.
const SCHEDULE = memory.data<u8>([
  0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 32, 96, 48, 160, 112, 0,
  64, 208, 16, 176, 192, 80, 144, 224, 240, 128, 48, 64, 160, 192, 208, 32, 112, 224, 96, 80, 144,
  0, 176, 240, 128, 16, 160, 112, 192, 144, 224, 48, 208, 240, 64, 0, 176, 32, 80, 128, 16, 96, 192,
  208, 144, 176, 240, 160, 224, 128, 112, 32, 80, 48, 0, 16, 96, 64, 144, 224, 176, 80, 128, 192,
  240, 16, 208, 48, 0, 160, 32, 96, 64, 112, 176, 240, 80, 0, 16, 144, 128, 96, 224, 160, 32, 192,
  48, 64, 112, 208,
]);
const SCHEDULE_BYTES: usize = 112;

/** Sets every lane of CHAIN to the IV. */
export function resetChain(): void {
  for (let word: usize = 0; word < 8; word++) {
    v128.store(CHAIN + (word << 4), i32x4.splat(load<i32>(IV + (word << 2))));
  }
}

/** Loads block l from its left half `l_l` and right half `r_l`. */
export function loadBlocks(
  l0: usize,
  r0: usize,
  l1: usize,
  r1: usize,
  l2: usize,
  r2: usize,
  l3: usize,
  r3: usize,
): void {
  transpose(MESSAGE, l0, l1, l2, l3);
  transpose(MESSAGE + 64, l0 + 16, l1 + 16, l2 + 16, l3 + 16);
  transpose(MESSAGE + 128, r0, r1, r2, r3);
  transpose(MESSAGE + 192, r0 + 16, r1 + 16, r2 + 16, r3 + 16);
}

/** Stores lane l of CHAIN, 32 bytes, at `out_l`. */
export function storeChain(out0: usize, out1: usize, out2: usize, out3: usize): void {
  untranspose(CHAIN, out0, out1, out2, out3);
  untranspose(CHAIN + 64, out0 + 16, out1 + 16, out2 + 16, out3 + 16);
}

/** Stores one lane of CHAIN. */
export function storeLane(lane: usize, out: usize): void {
  for (let word: usize = 0; word < 8; word++) {
    store<u32>(out + (word << 2), load<u32>(CHAIN + (word << 4) + (lane << 2)));
  }
}

/**
 * Compresses the four MESSAGE blocks of 64 bytes into CHAIN. `counter` has one block counter per
 * lane (below 2^32: no input here is longer than 2^42 bytes). One round stands unrolled, long as
 * that is: a helper could not hand back four of the sixteen rows without a trip through memory.
 */
export function compressFour(counter: v128, flags: i32): void {
  let s0 = v128.load(CHAIN);
  let s1 = v128.load(CHAIN, 16);
  let s2 = v128.load(CHAIN, 32);
  let s3 = v128.load(CHAIN, 48);
  let s4 = v128.load(CHAIN, 64);
  let s5 = v128.load(CHAIN, 80);
  let s6 = v128.load(CHAIN, 96);
  let s7 = v128.load(CHAIN, 112);
  let s8 = i32x4.splat(0x6a09e667);
  let s9 = i32x4.splat(0xbb67ae85);
  let s10 = i32x4.splat(0x3c6ef372);
  let s11 = i32x4.splat(0xa54ff53a);
  let s12 = counter;
  let s13 = i32x4.splat(0);
  let s14 = i32x4.splat(64);
  let s15 = i32x4.splat(flags);
  const end = SCHEDULE + SCHEDULE_BYTES;
  for (let round = SCHEDULE; round < end; round += 16) {
    // Columns.
    s0 = i32x4.add(i32x4.add(s0, s4), word(round, 0));
    s1 = i32x4.add(i32x4.add(s1, s5), word(round, 2));
    s2 = i32x4.add(i32x4.add(s2, s6), word(round, 4));
    s3 = i32x4.add(i32x4.add(s3, s7), word(round, 6));
    s12 = rotate16(v128.xor(s12, s0));
    s13 = rotate16(v128.xor(s13, s1));
    s14 = rotate16(v128.xor(s14, s2));
    s15 = rotate16(v128.xor(s15, s3));
    s8 = i32x4.add(s8, s12);
    s9 = i32x4.add(s9, s13);
    s10 = i32x4.add(s10, s14);
    s11 = i32x4.add(s11, s15);
    s4 = rotate12(v128.xor(s4, s8));
    s5 = rotate12(v128.xor(s5, s9));
    s6 = rotate12(v128.xor(s6, s10));
    s7 = rotate12(v128.xor(s7, s11));
    s0 = i32x4.add(i32x4.add(s0, s4), word(round, 1));
    s1 = i32x4.add(i32x4.add(s1, s5), word(round, 3));
    s2 = i32x4.add(i32x4.add(s2, s6), word(round, 5));
    s3 = i32x4.add(i32x4.add(s3, s7), word(round, 7));
    s12 = rotate8(v128.xor(s12, s0));
    s13 = rotate8(v128.xor(s13, s1));
    s14 = rotate8(v128.xor(s14, s2));
    s15 = rotate8(v128.xor(s15, s3));
    s8 = i32x4.add(s8, s12);
    s9 = i32x4.add(s9, s13);
    s10 = i32x4.add(s10, s14);
    s11 = i32x4.add(s11, s15);
    s4 = rotate7(v128.xor(s4, s8));
    s5 = rotate7(v128.xor(s5, s9));
    s6 = rotate7(v128.xor(s6, s10));
    s7 = rotate7(v128.xor(s7, s11));
    // Diagonals.
    s0 = i32x4.add(i32x4.add(s0, s5), word(round, 8));
    s1 = i32x4.add(i32x4.add(s1, s6), word(round, 10));
    s2 = i32x4.add(i32x4.add(s2, s7), word(round, 12));
    s3 = i32x4.add(i32x4.add(s3, s4), word(round, 14));
    s15 = rotate16(v128.xor(s15, s0));
    s12 = rotate16(v128.xor(s12, s1));
    s13 = rotate16(v128.xor(s13, s2));
    s14 = rotate16(v128.xor(s14, s3));
    s10 = i32x4.add(s10, s15);
    s11 = i32x4.add(s11, s12);
    s8 = i32x4.add(s8, s13);
    s9 = i32x4.add(s9, s14);
    s5 = rotate12(v128.xor(s5, s10));
    s6 = rotate12(v128.xor(s6, s11));
    s7 = rotate12(v128.xor(s7, s8));
    s4 = rotate12(v128.xor(s4, s9));
    s0 = i32x4.add(i32x4.add(s0, s5), word(round, 9));
    s1 = i32x4.add(i32x4.add(s1, s6), word(round, 11));
    s2 = i32x4.add(i32x4.add(s2, s7), word(round, 13));
    s3 = i32x4.add(i32x4.add(s3, s4), word(round, 15));
    s15 = rotate8(v128.xor(s15, s0));
    s12 = rotate8(v128.xor(s12, s1));
    s13 = rotate8(v128.xor(s13, s2));
    s14 = rotate8(v128.xor(s14, s3));
    s10 = i32x4.add(s10, s15);
    s11 = i32x4.add(s11, s12);
    s8 = i32x4.add(s8, s13);
    s9 = i32x4.add(s9, s14);
    s5 = rotate7(v128.xor(s5, s10));
    s6 = rotate7(v128.xor(s6, s11));
    s7 = rotate7(v128.xor(s7, s8));
    s4 = rotate7(v128.xor(s4, s9));
  }
  v128.store(CHAIN, v128.xor(s0, s8));
  v128.store(CHAIN, v128.xor(s1, s9), 16);
  v128.store(CHAIN, v128.xor(s2, s10), 32);
  v128.store(CHAIN, v128.xor(s3, s11), 48);
  v128.store(CHAIN, v128.xor(s4, s12), 64);
  v128.store(CHAIN, v128.xor(s5, s13), 80);
  v128.store(CHAIN, v128.xor(s6, s14), 96);
  v128.store(CHAIN, v128.xor(s7, s15), 112);
}

function word(round: usize, place: usize): v128 {
  return v128.load(<usize>load<u8>(round + place), MESSAGE);
}

function transpose(out: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const a = v128.load(p0);
  const b = v128.load(p1);
  const c = v128.load(p2);
  const d = v128.load(p3);
  storeTransposed(a, b, c, d, out, out + 16, out + 32, out + 48);
}

function untranspose(rows: usize, out0: usize, out1: usize, out2: usize, out3: usize): void {
  const a = v128.load(rows);
  const b = v128.load(rows, 16);
  const c = v128.load(rows, 32);
  const d = v128.load(rows, 48);
  storeTransposed(a, b, c, d, out0, out1, out2, out3);
}

function storeTransposed(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
): void {
  const ab01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out0, v128.shuffle<i64>(ab01, cd01, 0, 2));
  v128.store(out1, v128.shuffle<i64>(ab01, cd01, 1, 3));
  v128.store(out2, v128.shuffle<i64>(ab23, cd23, 0, 2));
  v128.store(out3, v128.shuffle<i64>(ab23, cd23, 1, 3));
}
