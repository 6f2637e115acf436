// One BLAKE3 compression with the 4x4 state as four rows: lane c of a row is column c, so one
// SIMD instruction works on four columns, and rotating rows 1 to 3 turns diagonals into columns.
//
// The message is kept as the rows that the steps take:
//   even: words 0 2 4 6     odd: words 1 3 5 7       (columns)
//   evenHigh: 8 10 12 14    oddHigh: 9 11 13 15      (diagonals)
// so that each round's permutation is seven shuffles of whole rows.
// Source: the BLAKE3 paper (2020), section 2.2.

import { IV } from "./blake3-words";
import { rotate7, rotate8, rotate12, rotate16 } from "./rotate";

/**
 * out = compression of the block `left || right` (32 bytes each, zero padded) under `chain`
 * (32 bytes). All is read before `out` is written.
 */
export function compressOne(
  chain: usize,
  left: usize,
  right: usize,
  counter: i32,
  blockBytes: i32,
  flags: i32,
  out: usize,
): void {
  let row0 = v128.load(chain);
  let row1 = v128.load(chain, 16);
  let row2 = v128.load(IV);
  let row3 = i32x4(0, 0, 0, 0);
  row3 = i32x4.replace_lane(row3, 0, counter);
  row3 = i32x4.replace_lane(row3, 2, blockBytes);
  row3 = i32x4.replace_lane(row3, 3, flags);

  const low = v128.load(left);
  const low2 = v128.load(left, 16);
  const high = v128.load(right);
  const high2 = v128.load(right, 16);
  let even = v128.shuffle<i32>(low, low2, 0, 2, 4, 6);
  let odd = v128.shuffle<i32>(low, low2, 1, 3, 5, 7);
  let evenHigh = v128.shuffle<i32>(high, high2, 0, 2, 4, 6);
  let oddHigh = v128.shuffle<i32>(high, high2, 1, 3, 5, 7);

  for (let round = 0; ; round++) {
    // Columns.
    row0 = i32x4.add(i32x4.add(row0, even), row1);
    row3 = rotate16(v128.xor(row3, row0));
    row2 = i32x4.add(row2, row3);
    row1 = rotate12(v128.xor(row1, row2));
    row0 = i32x4.add(i32x4.add(row0, odd), row1);
    row3 = rotate8(v128.xor(row3, row0));
    row2 = i32x4.add(row2, row3);
    row1 = rotate7(v128.xor(row1, row2));
    // Diagonals.
    row1 = v128.shuffle<i32>(row1, row1, 1, 2, 3, 0);
    row2 = v128.shuffle<i32>(row2, row2, 2, 3, 0, 1);
    row3 = v128.shuffle<i32>(row3, row3, 3, 0, 1, 2);
    row0 = i32x4.add(i32x4.add(row0, evenHigh), row1);
    row3 = rotate16(v128.xor(row3, row0));
    row2 = i32x4.add(row2, row3);
    row1 = rotate12(v128.xor(row1, row2));
    row0 = i32x4.add(i32x4.add(row0, oddHigh), row1);
    row3 = rotate8(v128.xor(row3, row0));
    row2 = i32x4.add(row2, row3);
    row1 = rotate7(v128.xor(row1, row2));
    row1 = v128.shuffle<i32>(row1, row1, 3, 0, 1, 2);
    row2 = v128.shuffle<i32>(row2, row2, 2, 3, 0, 1);
    row3 = v128.shuffle<i32>(row3, row3, 1, 2, 3, 0);
    if (round == 6) break;
    // Words 2 3 7 4, 6 10 0 13, 1 12 9 15 and 11 5 14 8 come next.
    const nextEven = v128.shuffle<i32>(even, odd, 1, 5, 7, 2);
    const sixTenZero = v128.shuffle<i32>(even, evenHigh, 3, 5, 0, 0);
    const nextOdd = v128.shuffle<i32>(sixTenZero, oddHigh, 0, 1, 2, 6);
    const twelveNineFifteen = v128.shuffle<i32>(evenHigh, oddHigh, 2, 2, 4, 7);
    const nextEvenHigh = v128.shuffle<i32>(twelveNineFifteen, odd, 4, 1, 2, 3);
    const elevenFourteenEight = v128.shuffle<i32>(oddHigh, evenHigh, 1, 1, 7, 4);
    oddHigh = v128.shuffle<i32>(elevenFourteenEight, odd, 0, 6, 2, 3);
    even = nextEven;
    odd = nextOdd;
    evenHigh = nextEvenHigh;
  }
  v128.store(out, v128.xor(row0, row2));
  v128.store(out, v128.xor(row1, row3), 16);
}
