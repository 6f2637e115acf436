// What is remembered of every applied delta of a life: first seq, signature, hash, 104 bytes. So a
// delta seen again is known as held without its body being read, and another one at its place is
// known as a fork. The record is mark 0 and lies in the identity, which replicas share.
//
//   mark  first seq u64 | signature 64 | delta hash 32

import { allocate, release, roundedBytes } from "./arena";
import { copyBytes, equalBytes } from "./bytes";
import { IDENTITY_MARK } from "./identity";
import { DELTA_HEADER_BYTES, SIGNATURE_BYTES } from "./layout";
import { identityOf, LIFE_MARK_CAPACITY, LIFE_MARK_COUNT, LIFE_MARKS, seqOf } from "./life";
import { copyHash } from "./memory";

const MARK_SIGNATURE: usize = 8;
const MARK_HASH: usize = 72;
const MARK_BYTES: usize = 104;

/** The mark of the delta that starts at `firstSeq`; 0 when none does. */
export function findMark(life: usize, firstSeq: u64): usize {
  if (firstSeq == 0) return identityOf(life) + IDENTITY_MARK;
  if (firstSeq > seqOf(life)) return 0; // what is new, mostly
  const marks: usize = load<u32>(life, LIFE_MARKS);
  let low: u32 = 0;
  let high = load<u32>(life, LIFE_MARK_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    const mark = marks + <usize>middle * MARK_BYTES;
    const found = load<u64>(mark);
    if (found == firstSeq) return mark;
    if (found < firstSeq) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** The newest mark: the head of the chain. */
export function headMark(life: usize): usize {
  const count = load<u32>(life, LIFE_MARK_COUNT);
  if (count == 0) return identityOf(life) + IDENTITY_MARK;
  return <usize>load<u32>(life, LIFE_MARKS) + <usize>(count - 1) * MARK_BYTES;
}

export function markHash(mark: usize): usize {
  return mark + MARK_HASH;
}

/** Whether the delta carries the mark's signature. */
export function hasSignature(mark: usize, delta: usize): bool {
  return equalBytes(mark + MARK_SIGNATURE, delta + DELTA_HEADER_BYTES, SIGNATURE_BYTES);
}

/** Makes room for one more mark; false when memory is out. */
export function reserveMark(life: usize): bool {
  const count = load<u32>(life, LIFE_MARK_COUNT);
  const capacity = load<u32>(life, LIFE_MARK_CAPACITY);
  if (count < capacity) return true;
  const bytes = roundedBytes(<usize>(count + (count >> 1) + 1) * MARK_BYTES);
  const grown = allocate(bytes);
  if (grown == 0) return false;
  if (capacity != 0) {
    const marks: usize = load<u32>(life, LIFE_MARKS);
    memory.copy(grown, marks, <usize>count * MARK_BYTES);
    release(marks, <usize>capacity * MARK_BYTES);
  }
  store<u32>(life, <u32>grown, LIFE_MARKS);
  store<u32>(life, <u32>(bytes / MARK_BYTES), LIFE_MARK_CAPACITY);
  return true;
}

/** Remembers the delta, whose hash is at `hash`, as the head; room must have been reserved. */
export function addMark(life: usize, firstSeq: u64, delta: usize, hash: usize): void {
  const count = load<u32>(life, LIFE_MARK_COUNT);
  const mark = <usize>load<u32>(life, LIFE_MARKS) + <usize>count * MARK_BYTES;
  store<u64>(mark, firstSeq);
  copyBytes(mark + MARK_SIGNATURE, delta + DELTA_HEADER_BYTES, SIGNATURE_BYTES);
  copyHash(mark + MARK_HASH, hash);
  store<u32>(life, count + 1, LIFE_MARK_COUNT);
}

export function freeMarks(life: usize): void {
  const capacity = load<u32>(life, LIFE_MARK_CAPACITY);
  if (capacity != 0) release(load<u32>(life, LIFE_MARKS), <usize>capacity * MARK_BYTES);
}
