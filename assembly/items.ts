// Sorted items of an entry, at most one a life (counters, sets) or an author (gauges):
//
//   counter  life u32 | pad | P u64 | N u64                     24 bytes
//   set      life u32 | pad | seq u64 | delta hash u64 (a dot)  24 bytes
//   gauge    life u32 | pad | seq u64 | value i64 | weight u64  32 bytes
//
// They lie in one block that doubles when full and halves when three quarters are empty; its
// capacity is a power of two that the entry's spare byte holds.

import { allocate, allocateReserved, isRehearsed, release } from "./arena";
import { compareHash } from "./bytes";
import { ENTRY_CODEC, ENTRY_CONTENT, ENTRY_SIZE, entryType } from "./entry";
import { TYPE_GAUGE } from "./layout";
import { authorOf, compareLives, idOf } from "./life";

const SMALL_BYTES: usize = 24;
const GAUGE_BYTES: usize = 32;

/** The most items that any entry of this memory ever had: what one insertion can cost. */
export let itemsPeak: u32 = 1;

export function itemBytes(entry: usize): usize {
  return entryType(entry) == TYPE_GAUGE ? GAUGE_BYTES : SMALL_BYTES;
}

export function itemCount(entry: usize): u32 {
  return load<u32>(entry, ENTRY_SIZE);
}

export function itemAt(entry: usize, index: u32): usize {
  return <usize>load<u32>(entry, ENTRY_CONTENT) + <usize>index * itemBytes(entry);
}

/** How many items lie below the life: its place. */
function itemsBelow(entry: usize, life: usize): u32 {
  const gauge = entryType(entry) == TYPE_GAUGE;
  let low: u32 = 0;
  let high = itemCount(entry);
  while (low < high) {
    const middle = (low + high) >> 1;
    const other: usize = load<u32>(itemAt(entry, middle));
    const order = gauge ? compareAuthors(other, life) : compareLives(other, life);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The item of the life; 0 when it has none. */
export function findItem(entry: usize, life: usize): usize {
  const index = itemsBelow(entry, life);
  if (index == itemCount(entry)) return 0;
  const item = itemAt(entry, index);
  const other: usize = load<u32>(item);
  if (other == life) return item;
  return entryType(entry) == TYPE_GAUGE && authorOf(other) == authorOf(life) ? item : 0;
}

/** Bytes of the block that one more item needs; 0 when the present one has room. */
export function itemGrowth(entry: usize): usize {
  const count = itemCount(entry);
  if (count == 0) return itemBytes(entry);
  return count == capacityOf(entry) ? ((<usize>count) << 1) * itemBytes(entry) : 0;
}

/** Makes place for an item of `life`; the rest of it is the caller's. Room must be reserved. */
export function insertItem(entry: usize, life: usize): usize {
  const count = itemCount(entry);
  const size = itemBytes(entry);
  if (count == 0) setBlock(entry, allocateReserved(size), 0);
  else if (count == capacityOf(entry))
    moveItems(entry, allocateReserved(((<usize>count) << 1) * size), 1);
  const index = itemsBelow(entry, life);
  const item = itemAt(entry, index);
  if (index < count) memory.copy(item + size, item, <usize>(count - index) * size);
  store<u32>(item, <u32>life);
  store<u32>(entry, count + 1, ENTRY_SIZE);
  if (count + 1 > itemsPeak) itemsPeak = count + 1;
  return item;
}

/** Removes an item; with the last one the block goes. */
export function removeItem(entry: usize, item: usize): void {
  const count = itemCount(entry) - 1;
  const size = itemBytes(entry);
  const end = itemAt(entry, count);
  if (item != end) memory.copy(item, item + size, end - item);
  store<u32>(entry, count, ENTRY_SIZE);
  if (count == 0) freeItems(entry);
  else if (count << 2 == capacityOf(entry) && !isRehearsed()) {
    // Taking a block first would be a danger where blocks are counted out.
    const block = allocate((<usize>capacityOf(entry) >> 1) * size);
    if (block != 0) moveItems(entry, block, -1);
  }
}

/** Returns the block of an entry that has one. */
export function freeItems(entry: usize): void {
  release(load<u32>(entry, ENTRY_CONTENT), <usize>capacityOf(entry) * itemBytes(entry));
}

function capacityOf(entry: usize): u32 {
  return 1 << (<u32>load<u8>(entry, ENTRY_CODEC));
}

function setBlock(entry: usize, block: usize, log: u32): void {
  store<u32>(entry, <u32>block, ENTRY_CONTENT);
  store<u8>(entry, <u8>log, ENTRY_CODEC);
}

/** Moves the items to a block of twice (1) or half (-1) the capacity. */
function moveItems(entry: usize, block: usize, step: i32): void {
  const log = <u32>load<u8>(entry, ENTRY_CODEC);
  memory.copy(block, load<u32>(entry, ENTRY_CONTENT), <usize>itemCount(entry) * itemBytes(entry));
  freeItems(entry);
  setBlock(entry, block, log + step);
}

function compareAuthors(a: usize, b: usize): i32 {
  return authorOf(a) == authorOf(b) ? 0 : compareHash(idOf(a), idOf(b));
}
