// What is remembered of every applied delta of a life: first seq, signature, hash, 104 bytes. So a
// delta seen again is known as held without its body being read, and another one at its place is
// known as a fork. The record is mark 0 and lies in the identity, which replicas share.
//
//   mark  first seq u64, bit 63 set for a gap | signature 64 | delta hash 32
//
// Marks follow each other without a hole. A gap is a mark without a delta: it stands for everything
// from its first seq to the next mark, and its hash is that of the last delta in it, to which the
// next one chains. What lies wholly in a gap counts as held: dominated, it proves and changes nothing.

import { allocate, release, roundedBytes } from "./arena";
import { copyBytes, equalBytes, equalHash } from "./bytes";
import { countOf, firstSeqOf } from "./delta-header";
import { hashHeader } from "./header-hash";
import { IDENTITY_MARK } from "./identity";
import { DELTA_HEADER_BYTES, SIGNATURE_BYTES } from "./layout";
import { identityOf, LIFE_MARK_CAPACITY, LIFE_MARK_COUNT, LIFE_MARKS, seqOf } from "./life";
import { copyHash, DIGEST } from "./memory";

const MARK_SIGNATURE: usize = 8;
const MARK_HASH: usize = 72;
const MARK_BYTES: usize = 104;
const GAP: u64 = 1 << 63;

/** The mark of the delta that starts at `firstSeq`; 0 when none does. */
export function findMark(life: usize, firstSeq: u64): usize {
  if (firstSeq == 0) return identityOf(life) + IDENTITY_MARK;
  if (firstSeq > seqOf(life)) return 0; // what is new, mostly
  const mark = markAt(life, marksTo(life, firstSeq) - 1);
  return load<u64>(mark) == firstSeq ? mark : 0; // A gap's word has another bit.
}

/** Whether every seq from `firstSeq` to `lastSeq` lies in one gap. */
export function isInGap(life: usize, firstSeq: u64, lastSeq: u64): bool {
  if (firstSeq == 0 || firstSeq > seqOf(life)) return false;
  const next = marksTo(life, firstSeq);
  if (!isGap(markAt(life, next - 1))) return false;
  if (next == load<u32>(life, LIFE_MARK_COUNT)) return lastSeq <= seqOf(life);
  return lastSeq < startOf(markAt(life, next));
}

/** How many marks start at `firstSeq` or below; at least one does where the life reaches it. */
function marksTo(life: usize, firstSeq: u64): u32 {
  let low: u32 = 0;
  let high = load<u32>(life, LIFE_MARK_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(markAt(life, middle)) <= firstSeq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function markAt(life: usize, index: u32): usize {
  return <usize>load<u32>(life, LIFE_MARKS) + <usize>index * MARK_BYTES;
}

function startOf(mark: usize): u64 {
  return load<u64>(mark) & ~GAP;
}

function isGap(mark: usize): bool {
  return (load<u64>(mark) & GAP) != 0;
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

/** Whether the newest mark is a gap, which another gap may lengthen. */
export function endsInGap(life: usize): bool {
  const count = load<u32>(life, LIFE_MARK_COUNT);
  return count != 0 && isGap(markAt(life, count - 1));
}

/**
 * Whether a delta that lies in a gap ends where the head does and is not the one that the gap ends
 * with: a fork.
 */
export function isOtherHead(life: usize, delta: usize): bool {
  if (firstSeqOf(delta) + (countOf(delta) - 1) != seqOf(life)) return false;
  hashHeader(delta, DIGEST);
  return !equalHash(markHash(headMark(life)), DIGEST);
}

/** Makes a gap the head, up to the delta whose hash is at `hash`; room must be reserved for it. */
export function addGap(life: usize, hash: usize): void {
  if (!endsInGap(life)) {
    const count = load<u32>(life, LIFE_MARK_COUNT);
    const mark = markAt(life, count);
    memory.fill(mark, 0, MARK_BYTES);
    store<u64>(mark, (seqOf(life) + 1) | GAP);
    store<u32>(life, count + 1, LIFE_MARK_COUNT);
  }
  copyHash(markHash(headMark(life)), hash);
}

/** Makes a gap of the delta that starts at `firstSeq`; false when none does, or it is the head. */
export function forgetMark(life: usize, firstSeq: u64): bool {
  if (firstSeq == 0) return false;
  const mark = findMark(life, firstSeq);
  if (mark == 0 || mark == headMark(life)) return false;
  store<u64>(mark, firstSeq | GAP);
  return true;
}

/** Makes one gap of gaps that follow each other, and returns the room; how many marks went. */
export function joinGaps(life: usize): u32 {
  const count = load<u32>(life, LIFE_MARK_COUNT);
  let kept: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const mark = markAt(life, index);
    if (kept != 0 && isGap(mark) && isGap(markAt(life, kept - 1))) {
      copyHash(markHash(markAt(life, kept - 1)), markHash(mark));
      continue;
    }
    if (kept != index) memory.copy(markAt(life, kept), mark, MARK_BYTES);
    kept++;
  }
  store<u32>(life, kept, LIFE_MARK_COUNT);
  shrinkMarks(life);
  return count - kept;
}

/** Where memory for the smaller array is out, the larger one stays. */
function shrinkMarks(life: usize): void {
  const count = load<u32>(life, LIFE_MARK_COUNT);
  const capacity = load<u32>(life, LIFE_MARK_CAPACITY);
  if (count << 1 >= capacity) return;
  const bytes = roundedBytes(<usize>(count + (count >> 1) + 1) * MARK_BYTES);
  if (<u32>(bytes / MARK_BYTES) >= capacity) return;
  const shrunk = allocate(bytes);
  if (shrunk == 0) return;
  const marks: usize = load<u32>(life, LIFE_MARKS);
  memory.copy(shrunk, marks, <usize>count * MARK_BYTES);
  release(marks, <usize>capacity * MARK_BYTES);
  store<u32>(life, <u32>shrunk, LIFE_MARKS);
  store<u32>(life, <u32>(bytes / MARK_BYTES), LIFE_MARK_CAPACITY);
}

export function freeMarks(life: usize): void {
  const capacity = load<u32>(life, LIFE_MARK_CAPACITY);
  if (capacity != 0) release(load<u32>(life, LIFE_MARKS), <usize>capacity * MARK_BYTES);
}
