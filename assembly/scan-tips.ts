// What rows of one scan add to what the replica knows: the heads that later rows chain to, and the
// places they take. A delta may chain to an earlier row of the same frame that is to be verified:
// such rows make a tip, which shadows the stored head until the end of the scan.
//
//   tip  id u32, key u32, hash u32 (addresses) | pad | seq u64 | hlc u64
//
// Both tables are open-addressed and stamped with the scan's number, so that none need be cleared.

import { equalBytes } from "./bytes";
import { ID_BYTES } from "./identity";
import { hashBytes } from "./keyed-hash";
import { SCAN_SLOTS, SEQ_SLOTS, TIP_BYTES, TIP_SLOTS, TIPS } from "./memory";

const TIP_ID: usize = 0;
export const TIP_KEY: usize = 4;
export const TIP_HASH: usize = 8;
export const TIP_SEQ: usize = 16;
export const TIP_HLC: usize = 24;
const MASK: u32 = SCAN_SLOTS - 1;

let stamp: u32 = 0;
let count: u32 = 0;
let recent: usize = 0;

/** Forgets the tips of the last scan. */
export function clearTips(): void {
  count = 0;
  recent = 0;
  stamp++;
  if (stamp != 0) return;
  // Stamps have come round: old ones must not be taken for new ones.
  memory.fill(TIP_SLOTS, 0, (<usize>SCAN_SLOTS) << 3);
  memory.fill(SEQ_SLOTS, 0, (<usize>SCAN_SLOTS) << 3);
  stamp = 1;
}

/** The tip of the incarnation at `id`; 0 when there is none. */
export function findTip(id: usize): usize {
  if (count == 0) return 0;
  if (equalBytes(load<u32>(recent, TIP_ID), id, ID_BYTES)) return recent;
  const slot = tipSlot(id);
  if (load<u32>(slot) != stamp) return 0;
  recent = load<u32>(slot, 4);
  return recent;
}

/** A tip for the incarnation at `id`, which has none; its fields but the id are the caller's. */
export function addTip(id: usize): usize {
  const tip = TIPS + <usize>count * TIP_BYTES;
  const slot = tipSlot(id);
  store<u32>(slot, stamp);
  store<u32>(slot, <u32>tip, 4);
  store<u32>(tip, <u32>id, TIP_ID);
  count++;
  recent = tip;
  return tip;
}

/** Remembers that `delta` takes the place `seq` of a tip. */
export function takePlace(tip: usize, seq: u64, delta: usize): void {
  let index = placeIndex(tip, seq);
  while (load<u32>(slotOf(SEQ_SLOTS, index)) == stamp) index = (index + 1) & MASK;
  const slot = slotOf(SEQ_SLOTS, index);
  store<u32>(slot, stamp);
  store<u32>(slot, <u32>delta, 4);
}

/** First candidate for who took a place: a slot to walk on from with nextTaker. */
export function placeIndex(tip: usize, seq: u64): u32 {
  return hashBytes(0, 0, <u32>tip, <u32>seq, <u32>(seq >> 32)) & MASK;
}

/** The delta in a slot of the places; 0 ends the search. */
export function placeTaker(index: u32): usize {
  const slot = slotOf(SEQ_SLOTS, index & MASK);
  return load<u32>(slot) == stamp ? <usize>load<u32>(slot, 4) : 0;
}

function tipSlot(id: usize): usize {
  let index = hashBytes(id, ID_BYTES, 0, 0, 0) & MASK;
  while (true) {
    const slot = slotOf(TIP_SLOTS, index);
    if (load<u32>(slot) != stamp) return slot;
    if (equalBytes(load<u32>(load<u32>(slot, 4), TIP_ID), id, ID_BYTES)) return slot;
    index = (index + 1) & MASK;
  }
}

function slotOf(slots: usize, index: u32): usize {
  return slots + ((<usize>index) << 3);
}
