// The arena: every block that outlives a call (lanes, nodes, entries, values, tables).
//
// 1. Sizes are rounded up to a class: multiples of 16 up to 128 bytes, above that four steps to a
//    doubling, so that at most a fifth of a block is padding.
// 2. A freed block goes to the free list of its class and is reused first; the list's link lies in
//    the block's first four bytes. Churn of one shape therefore never raises the high-water mark.
// 3. Fresh blocks are cut from the cursor upwards, so untouched memory is never committed.
// 4. When the cursor is at the end, a larger free block is split. Blocks are never joined again.
// 5. Exhaustion returns 0 and changes nothing.

import { ARENA, FREE_LISTS } from "./memory";

const SMALL_BYTES: usize = 128;
const SMALL_CLASSES: usize = 8;
const CLASS_MAX: usize = 104; // 2 GiB

let cursor: usize = ARENA;
let live: usize = 0;
let rehearsed: usize = 0;
let countedOut: bool = false;

/** A block of at least `bytes` (1 to 2^31), 16-byte aligned, contents unspecified; 0 when full. */
export function allocate(bytes: usize): usize {
  const wanted = classOf(bytes);
  const size = classBytes(wanted);
  let block = take(wanted);
  if (block == 0) {
    if (size <= arenaRoom()) {
      block = cursor;
      cursor += size;
    } else {
      block = split(wanted, size);
      if (block == 0) return 0;
    }
  }
  live += size;
  return block;
}

/** Returns a block; `bytes` must be what it was asked for, or lie in the same class. */
export function release(block: usize, bytes: usize): void {
  const ofClass = classOf(bytes);
  live -= classBytes(ofClass);
  give(block, ofClass);
}

/** A block for which room has been made; running out is a defect, so it traps. */
export function allocateReserved(bytes: usize): usize {
  const block = allocate(bytes);
  if (block == 0) unreachable();
  return block;
}

/**
 * Takes a block that is only to be had again later, and links it; false when there is none. After
 * endRehearsal every block so taken lies on its free list: allocations of the same sizes succeed.
 */
export function rehearse(bytes: usize): bool {
  const block = allocate(bytes);
  if (block == 0) return false;
  store<u32>(block, <u32>rehearsed);
  store<u32>(block, <u32>bytes, 4);
  rehearsed = block;
  return true;
}

/** Gives back what was rehearsed. */
export function endRehearsal(): void {
  while (rehearsed != 0) {
    const block = rehearsed;
    rehearsed = load<u32>(block);
    release(block, load<u32>(block, 4));
  }
}

/** Says whether the blocks of the running delta are counted out, one by one. */
export function setRehearsed(on: bool): void {
  countedOut = on;
}

export function isRehearsed(): bool {
  return countedOut;
}

/** Bytes of a block that was asked for with `bytes`. */
export function roundedBytes(bytes: usize): usize {
  return classBytes(classOf(bytes));
}

/** Bytes above the cursor: what allocations of any sizes can count on together. */
export function arenaRoom(): usize {
  return ((<usize>memory.size()) << 16) - cursor;
}

/** Bytes of the blocks in use, rounding included. */
export function arenaLiveBytes(): usize {
  return live;
}

/** Bytes ever cut from the arena: an upper bound of what it has committed. */
export function arenaTouchedBytes(): usize {
  return cursor - ARENA;
}

function classOf(bytes: usize): usize {
  if (bytes <= SMALL_BYTES) return (bytes + 15) >> 4;
  const last = <u32>bytes - 1;
  const log = 31 - clz<u32>(last);
  return <usize>(SMALL_CLASSES + 1 + ((log - 7) << 2) + ((last >> (log - 2)) & 3));
}

function classBytes(ofClass: usize): usize {
  if (ofClass <= SMALL_CLASSES) return ofClass << 4;
  const above = ofClass - SMALL_CLASSES - 1;
  return (5 + (above & 3)) << ((above >> 2) + 5);
}

function take(ofClass: usize): usize {
  const list = FREE_LISTS + (ofClass << 2);
  const block: usize = load<u32>(list);
  if (block != 0) store<u32>(list, load<u32>(block));
  return block;
}

function give(block: usize, ofClass: usize): void {
  const list = FREE_LISTS + (ofClass << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

function split(wanted: usize, size: usize): usize {
  for (let larger = wanted + 1; larger <= CLASS_MAX; larger++) {
    const block = take(larger);
    if (block == 0) continue;
    let rest = classBytes(larger) - size;
    let at = block + size;
    while (rest != 0) {
      // The largest class that the rest can fill.
      let part = classOf(rest);
      if (classBytes(part) > rest) part--;
      give(at, part);
      at += classBytes(part);
      rest -= classBytes(part);
    }
    return block;
  }
  return 0;
}
