// The arena: every block that outlives a call (vector lanes, tree nodes, long selections).
//
// 1. Sizes are rounded up to a class: multiples of 16 up to 128 bytes, powers of two above.
// 2. A freed block goes to the free list of its class and is reused first; the list's link lies in
//    the block's first four bytes. Churn of one shape therefore never raises the high-water mark.
// 3. Fresh blocks are cut from the cursor upwards, so untouched memory is never committed.
// 4. When the cursor is at the end, a larger free block is split. Blocks are never joined again.
// 5. Exhaustion returns 0 and changes nothing.

import { ARENA, FREE_LISTS } from "./memory";

const SMALL_BYTES: usize = 128;
const CLASS_MAX: usize = 32; // 2 GiB

let cursor: usize = ARENA;
let live: usize = 0;

/** A block of at least `bytes` (1 to 2^31), 16-byte aligned, contents unspecified; 0 when full. */
export function allocate(bytes: usize): usize {
  const wanted = classOf(bytes);
  const size = classBytes(wanted);
  let block = take(wanted);
  if (block == 0) {
    if (size <= ((<usize>memory.size()) << 16) - cursor) {
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

/** Returns a block; `bytes` must be what it was asked for. */
export function release(block: usize, bytes: usize): void {
  const ofClass = classOf(bytes);
  live -= classBytes(ofClass);
  give(block, ofClass);
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
  return 33 - <usize>clz<u32>(<u32>bytes - 1);
}

function classBytes(ofClass: usize): usize {
  return ofClass <= SMALL_BYTES >> 4 ? ofClass << 4 : (<usize>1) << (ofClass - 1);
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
      const part = rest <= SMALL_BYTES ? rest >> 4 : 32 - <usize>clz<u32>(<u32>rest);
      give(at, part);
      at += classBytes(part);
      rest -= classBytes(part);
    }
    return block;
  }
  return 0;
}
