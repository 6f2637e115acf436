// Open-addressed tables of u32 pointers, linear probing, at most three quarters full.
//
//   handle  slots u32 | capacity u32 (a power of two, or 0) | count u32
//   slot    hash u32 | pointer u32 (0 = empty)
//
// The caller compares what pointers lead to, walking with tableFirst and tableNext until a slot's
// pointer is 0. Removing shifts later slots back, so there are no tombstones. Zeroed bytes are an
// empty table, which holds no memory.

import { allocate, release } from "./arena";

const CAPACITY: usize = 4;
const COUNT: usize = 8;
const SLOT_BYTES: usize = 8;
const CAPACITY_MIN: u32 = 4;

/** Where a table without slots ends every search. */
const NOWHERE = memory.data(8, 8);

/** Makes room for `more` pointers; false when memory is out (unchanged). */
export function tableReserve(table: usize, more: u32): bool {
  const needed = load<u32>(table, COUNT) + more;
  const capacity = load<u32>(table, CAPACITY);
  if (needed <= capacity - (capacity >> 2)) return true;
  let grown = capacity == 0 ? CAPACITY_MIN : capacity << 1;
  while (needed > grown - (grown >> 2)) grown <<= 1;
  return rehash(table, grown);
}

/** The first slot that may hold `hash`. */
export function tableFirst(table: usize, hash: u32): usize {
  const capacity = load<u32>(table, CAPACITY);
  if (capacity == 0) return NOWHERE;
  return <usize>load<u32>(table) + ((<usize>(hash & (capacity - 1))) << 3);
}

export function tableNext(table: usize, slot: usize): usize {
  const next = slot + SLOT_BYTES;
  const slots: usize = load<u32>(table);
  return next == slots + ((<usize>load<u32>(table, CAPACITY)) << 3) ? slots : next;
}

export function slotHash(slot: usize): u32 {
  return load<u32>(slot);
}

export function slotPointer(slot: usize): usize {
  return load<u32>(slot, 4);
}

/** Adds a pointer that is not there yet; room must have been reserved. */
export function tableAdd(table: usize, hash: u32, pointer: usize): void {
  let slot = tableFirst(table, hash);
  while (slotPointer(slot) != 0) slot = tableNext(table, slot);
  store<u32>(slot, hash);
  store<u32>(slot, <u32>pointer, 4);
  store<u32>(table, load<u32>(table, COUNT) + 1, COUNT);
}

/** Removes a pointer that is there. */
export function tableRemove(table: usize, hash: u32, pointer: usize): void {
  const slots: usize = load<u32>(table);
  const mask = load<u32>(table, CAPACITY) - 1;
  let hole = hash & mask;
  while (load<u32>(slots + ((<usize>hole) << 3), 4) != <u32>pointer) hole = (hole + 1) & mask;
  for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
    const slot = slots + ((<usize>at) << 3);
    if (slotPointer(slot) == 0) break;
    // A pointer may move back to the hole unless its home lies between the two.
    if (((at - slotHash(slot)) & mask) < ((at - hole) & mask)) continue;
    store<u64>(slots + ((<usize>hole) << 3), load<u64>(slot));
    hole = at;
  }
  store<u64>(slots + ((<usize>hole) << 3), 0);
  store<u32>(table, load<u32>(table, COUNT) - 1, COUNT);
}

export function tableCount(table: usize): u32 {
  return load<u32>(table, COUNT);
}

export function tableCapacity(table: usize): u32 {
  return load<u32>(table, CAPACITY);
}

/** Pointer in place `index` of all slots, 0 when empty; for freeing everything. */
export function tableAt(table: usize, index: u32): usize {
  return load<u32>(<usize>load<u32>(table) + ((<usize>index) << 3), 4);
}

/** Returns the slots; the table is empty then. */
export function tableFree(table: usize): void {
  const capacity = load<u32>(table, CAPACITY);
  if (capacity != 0) release(load<u32>(table), (<usize>capacity) << 3);
  store<u32>(table, 0);
  store<u32>(table, 0, CAPACITY);
  store<u32>(table, 0, COUNT);
}

function rehash(table: usize, grown: u32): bool {
  const bytes = (<usize>grown) << 3;
  const fresh = allocate(bytes);
  if (fresh == 0) return false;
  memory.fill(fresh, 0, bytes);
  const old: usize = load<u32>(table);
  const capacity = load<u32>(table, CAPACITY);
  store<u32>(table, <u32>fresh);
  store<u32>(table, grown, CAPACITY);
  for (let at: usize = old; at < old + ((<usize>capacity) << 3); at += SLOT_BYTES) {
    if (slotPointer(at) == 0) continue;
    let slot = tableFirst(table, slotHash(at));
    while (slotPointer(slot) != 0) slot = tableNext(table, slot);
    store<u64>(slot, load<u64>(at));
  }
  if (capacity != 0) release(old, (<usize>capacity) << 3);
  return true;
}
