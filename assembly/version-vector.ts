// Version vectors: u64 lanes, two to a v128, data 16-byte aligned.
//
// The host keeps the handle (address, capacity, lanes in use) and reads or writes single lanes
// through its own view; only whole-vector work comes here. Capacity is even and every lane above
// the lanes in use is zero, so a pair may be read past the last lane.
// Values stay below 2^53 (they are safe integers in the host), so the signed lane compare, the
// only 64-bit one that SIMD has, orders them rightly.

import { allocate, release } from "./arena";

/** Moves the lanes to a block of `capacity` lanes, the new ones zero; 0 when full (unchanged). */
export function vectorGrow(data: usize, capacityOld: usize, capacity: usize): usize {
  const grown = allocate(capacity << 3);
  if (grown == 0) return 0;
  const used = capacityOld << 3;
  if (used != 0) {
    memory.copy(grown, data, used);
    release(data, used);
  }
  memory.fill(grown + used, 0, (capacity << 3) - used);
  return grown;
}

export function vectorRelease(data: usize, capacity: usize): void {
  release(data, capacity << 3);
}

/** Bit 0: a has a lane above b's. Bit 1: b has a lane above a's. Missing lanes count as zero. */
export function vectorCompare(a: usize, lanesA: usize, b: usize, lanesB: usize): i32 {
  const bytesA = pairBytes(lanesA);
  const bytesB = pairBytes(lanesB);
  const both = bytesA < bytesB ? bytesA : bytesB;
  let aAbove = i64x2.splat(0);
  let bAbove = i64x2.splat(0);
  const unrolled = both & ~63;
  let at: usize = 0;
  for (; at < unrolled; at += 64) {
    const a0 = v128.load(a + at);
    const b0 = v128.load(b + at);
    const a1 = v128.load(a + at, 16);
    const b1 = v128.load(b + at, 16);
    const a2 = v128.load(a + at, 32);
    const b2 = v128.load(b + at, 32);
    const a3 = v128.load(a + at, 48);
    const b3 = v128.load(b + at, 48);
    aAbove = v128.or(aAbove, v128.or(i64x2.gt_s(a0, b0), i64x2.gt_s(a1, b1)));
    bAbove = v128.or(bAbove, v128.or(i64x2.gt_s(b0, a0), i64x2.gt_s(b1, a1)));
    aAbove = v128.or(aAbove, v128.or(i64x2.gt_s(a2, b2), i64x2.gt_s(a3, b3)));
    bAbove = v128.or(bAbove, v128.or(i64x2.gt_s(b2, a2), i64x2.gt_s(b3, a3)));
  }
  for (; at < both; at += 16) {
    const a0 = v128.load(a + at);
    const b0 = v128.load(b + at);
    aAbove = v128.or(aAbove, i64x2.gt_s(a0, b0));
    bAbove = v128.or(bAbove, i64x2.gt_s(b0, a0));
  }
  // One of these is empty: lanes that the shorter vector lacks.
  aAbove = v128.or(aAbove, anyBits(a + both, bytesA - both));
  bAbove = v128.or(bAbove, anyBits(b + both, bytesB - both));
  return i32(v128.any_true(aAbove)) | (i32(v128.any_true(bAbove)) << 1);
}

/** into[i] = max(into[i], from[i]) for `lanes` lanes, which `into` must hold; lanes that rose. */
export function vectorMerge(into: usize, from: usize, lanes: usize): i32 {
  const bytes = pairBytes(lanes);
  let rose = i64x2.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const own = v128.load(into + at);
    const theirs = v128.load(from + at);
    const above = i64x2.gt_s(theirs, own);
    v128.store(into + at, v128.bitselect(theirs, own, above));
    rose = i64x2.sub(rose, above); // a true lane is -1
  }
  return i32(i64x2.extract_lane(rose, 0) + i64x2.extract_lane(rose, 1));
}

function pairBytes(lanes: usize): usize {
  return ((lanes + 1) & ~1) << 3;
}

function anyBits(data: usize, bytes: usize): v128 {
  let bits = i64x2.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) bits = v128.or(bits, v128.load(data + at));
  return bits;
}
