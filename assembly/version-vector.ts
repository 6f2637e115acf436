// Version vectors: u64 lanes, two to a v128, data 16-byte aligned.
//
//   handle  data u32 | capacity u32 (lanes) | lanes u32 (in use)
//
// A handle may lie in a larger record (a replica's frontier does); zeroed bytes are an empty vector,
// which holds no memory. The host reads and writes single lanes through its own view; growing and
// whole-vector work comes here. Capacity is even and every lane above the lanes in use is zero, so a
// pair may be read past the last lane.
// Values stay below 2^53 (they are safe integers in the host), so the signed lane compare, the
// only 64-bit one that SIMD has, orders them rightly, and the sign of a difference tells which of
// two is above.

import { allocate, release } from "./arena";
import {
  VECTOR_CAPACITY_OFFSET,
  VECTOR_DATA_OFFSET,
  VECTOR_LANES_OFFSET,
  VV_LANES_MAX,
} from "./layout";

const HANDLE_BYTES: usize = 16;
const CAPACITY_MIN: u32 = 8;
const VECTOR_FULL = -1;

/** A handle of an empty vector; 0 when full. */
export function vectorCreate(): usize {
  const vector = allocate(HANDLE_BYTES);
  if (vector != 0) v128.store(vector, i64x2.splat(0));
  return vector;
}

/** Makes room for `lanes` <= VV_LANES_MAX lanes, the new ones zero; false when full (unchanged). */
export function vectorReserve(vector: usize, lanes: u32): bool {
  const capacityOld = load<u32>(vector, VECTOR_CAPACITY_OFFSET);
  if (lanes <= capacityOld) return true;
  let capacity = capacityOld == 0 ? CAPACITY_MIN : capacityOld << 1;
  while (capacity < lanes) capacity <<= 1;
  if (capacity > <u32>VV_LANES_MAX) capacity = VV_LANES_MAX;
  const grown = allocate((<usize>capacity) << 3);
  if (grown == 0) return false;
  const used = (<usize>capacityOld) << 3;
  if (used != 0) {
    const data: usize = load<u32>(vector, VECTOR_DATA_OFFSET);
    memory.copy(grown, data, used);
    release(data, used);
  }
  memory.fill(grown + used, 0, ((<usize>capacity) << 3) - used);
  store<u32>(vector, <u32>grown, VECTOR_DATA_OFFSET);
  store<u32>(vector, capacity, VECTOR_CAPACITY_OFFSET);
  return true;
}

/** Sets a lane below the capacity. */
export function vectorSet(vector: usize, lane: u32, value: u64): void {
  store<u64>(dataOf(vector) + ((<usize>lane) << 3), value);
  if (lane >= lanesOf(vector)) store<u32>(vector, lane + 1, VECTOR_LANES_OFFSET);
}

/** Returns the lanes; the vector is empty then. */
export function vectorClear(vector: usize): void {
  const capacity = load<u32>(vector, VECTOR_CAPACITY_OFFSET);
  if (capacity != 0) release(dataOf(vector), (<usize>capacity) << 3);
  store<u32>(vector, 0, VECTOR_DATA_OFFSET);
  store<u32>(vector, 0, VECTOR_CAPACITY_OFFSET);
  store<u32>(vector, 0, VECTOR_LANES_OFFSET);
}

export function vectorFree(vector: usize): void {
  vectorClear(vector);
  release(vector, HANDLE_BYTES);
}

/** Bit 0: a has a lane above b's. Bit 1: b has a lane above a's. Missing lanes count as zero. */
export function vectorCompare(vectorA: usize, vectorB: usize): i32 {
  const a = dataOf(vectorA);
  const b = dataOf(vectorB);
  const bytesA = pairBytes(lanesOf(vectorA));
  const bytesB = pairBytes(lanesOf(vectorB));
  const both = bytesA < bytesB ? bytesA : bytesB;
  const differences = anyDifferences(a, b, both);
  let aAbove = anyBits(a + both, bytesA - both);
  let bAbove = anyBits(b + both, bytesB - both);
  if (!anySigns(differences)) {
    // No lane of b is above a's: where they differ at all, a is.
    aAbove = v128.or(aAbove, differences);
  } else {
    bAbove = differences;
    if (anySigns(anyDifferences(b, a, both))) aAbove = i64x2.splat(1);
  }
  return i32(v128.any_true(aAbove)) | (i32(v128.any_true(bAbove)) << 1);
}

/** The differences a - b of all lanes, or-ed: one has its sign set where any lane of a is below. */
function anyDifferences(a: usize, b: usize, bytes: usize): v128 {
  let some = i64x2.splat(0);
  let more = i64x2.splat(0);
  const unrolled = bytes & ~63;
  let at: usize = 0;
  for (; at < unrolled; at += 64) {
    const d0 = i64x2.sub(v128.load(a + at), v128.load(b + at));
    const d1 = i64x2.sub(v128.load(a + at, 16), v128.load(b + at, 16));
    const d2 = i64x2.sub(v128.load(a + at, 32), v128.load(b + at, 32));
    const d3 = i64x2.sub(v128.load(a + at, 48), v128.load(b + at, 48));
    some = v128.or(some, v128.or(d0, d1));
    more = v128.or(more, v128.or(d2, d3));
  }
  for (; at < bytes; at += 16) {
    some = v128.or(some, i64x2.sub(v128.load(a + at), v128.load(b + at)));
  }
  return v128.or(some, more);
}

function anySigns(lanes: v128): bool {
  return i64x2.bitmask(lanes) != 0;
}

/** into[i] = max(into[i], from[i]) for all lanes; how many rose, VECTOR_FULL when memory is out. */
export function vectorMerge(vectorInto: usize, vectorFrom: usize): i32 {
  const lanes = lanesOf(vectorFrom);
  if (!vectorReserve(vectorInto, lanes)) return VECTOR_FULL;
  if (lanes > lanesOf(vectorInto)) store<u32>(vectorInto, lanes, VECTOR_LANES_OFFSET);
  const into = dataOf(vectorInto);
  const from = dataOf(vectorFrom);
  const bytes = pairBytes(lanes);
  let rose = i64x2.splat(0);
  const unrolled = bytes & ~31;
  let at: usize = 0;
  for (; at < unrolled; at += 32) {
    const own0 = v128.load(into + at);
    const own1 = v128.load(into + at, 16);
    const theirs0 = v128.load(from + at);
    const theirs1 = v128.load(from + at, 16);
    const above0 = i64x2.gt_s(theirs0, own0);
    const above1 = i64x2.gt_s(theirs1, own1);
    v128.store(into + at, v128.bitselect(theirs0, own0, above0));
    v128.store(into + at, v128.bitselect(theirs1, own1, above1), 16);
    rose = i64x2.sub(rose, i64x2.add(above0, above1)); // a true lane is -1
  }
  for (; at < bytes; at += 16) {
    const own = v128.load(into + at);
    const theirs = v128.load(from + at);
    const above = i64x2.gt_s(theirs, own);
    v128.store(into + at, v128.bitselect(theirs, own, above));
    rose = i64x2.sub(rose, above);
  }
  return i32(i64x2.extract_lane(rose, 0) + i64x2.extract_lane(rose, 1));
}

function dataOf(vector: usize): usize {
  return load<u32>(vector, VECTOR_DATA_OFFSET);
}

function lanesOf(vector: usize): u32 {
  return load<u32>(vector, VECTOR_LANES_OFFSET);
}

function pairBytes(lanes: u32): usize {
  return (<usize>((lanes + 1) & ~1)) << 3;
}

function anyBits(data: usize, bytes: usize): v128 {
  let bits = i64x2.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) bits = v128.or(bits, v128.load(data + at));
  return bits;
}
