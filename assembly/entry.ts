// Entries of the shared state, by address, and the list of those whose leaf is out of date.
//
//   every entry  hash u32 | leaf u32 | dirty next u32, previous u32 | element bytes u16 | type u8 |
//                codec u8 (cells) or spare | content u32, size u32
//   cells, set elements  ... | group u32 | next u32, previous u32 (group.ts)
//   cells                ... | life u32 | pad | hlc u64 | seq u64 | delta hash u64
//   then the address as it is hashed: type u8 | collection bytes u16 | key bytes u16 | names
//
// Content: a cell's value and its bytes; a counter's, element's or gauge's items and their count
// (items.ts). The leaf is the entry's Merkle leaf, 0 while it has none.

import { allocateReserved, release } from "./arena";
import { copyBytes, equalBytes } from "./bytes";
import { slotHash, slotPointer, tableAdd, tableFirst, tableNext, tableRemove } from "./hash-table";
import { hashBytes } from "./keyed-hash";
import { TYPE_COUNTER, TYPE_GAUGE, TYPE_SET } from "./layout";
import { keyOf } from "./merkle-node";
import { treeRemove } from "./merkle-tree";
import {
  addTo,
  DIRTY_FIRST,
  ENTRIES,
  ENTRY_TABLE,
  STATE_BYTES,
  STATE_TREE,
} from "./replica-record";

const HASH: usize = 0;
export const ENTRY_LEAF: usize = 4;
const DIRTY_NEXT: usize = 8;
const DIRTY_PREVIOUS: usize = 12;
const ELEMENT_BYTES: usize = 16;
const TYPE: usize = 18;
export const ENTRY_CODEC: usize = 19;
export const ENTRY_CONTENT: usize = 20;
export const ENTRY_SIZE: usize = 24;
const ITEMS_ADDRESS: usize = 28;
export const ENTRY_GROUP: usize = 28;
export const ENTRY_NEXT: usize = 32;
export const ENTRY_PREVIOUS: usize = 36;
const SET_ADDRESS: usize = 40;
export const CELL_LIFE: usize = 40;
export const CELL_HLC: usize = 48;
export const CELL_SEQ: usize = 56;
export const CELL_HASH: usize = 64;
const CELL_ADDRESS: usize = 72;
/** type u8, collection bytes u16, key bytes u16. */
export const ADDRESS_HEAD_BYTES: usize = 5;

/** The address in question: set by aim, used by find and add. */
export let aimType: u32 = 0;
export let aimNames: usize = 0;
export let aimCollection: u32 = 0;
export let aimKey: u32 = 0;
let aimElement: u32 = 0;
let aimHash: u32 = 0;

/** Entries of all replicas whose leaf is still to be made: memory promised to their trees. */
export let leavesToCome: u32 = 0;

/** Turns to the address with these names, laid end to end at `names`. */
export function aim(type: u32, names: usize, collection: u32, key: u32, element: u32): void {
  aimAgain(
    type,
    names,
    collection,
    key,
    element,
    addressHash(type, names, collection, key, element),
  );
}

/** The same with a hash that is known. */
export function aimAgain(
  type: u32,
  names: usize,
  collection: u32,
  key: u32,
  element: u32,
  hash: u32,
): void {
  aimType = type;
  aimNames = names;
  aimCollection = collection;
  aimKey = key;
  aimElement = element;
  aimHash = hash;
}

export function addressHash(type: u32, names: usize, collection: u32, key: u32, element: u32): u32 {
  const bytes = <usize>collection + <usize>key + <usize>element;
  return hashBytes(names, bytes, type, collection | (key << 16), element);
}

/** Bytes of the three names. */
export function aimBytes(): u32 {
  return aimCollection + aimKey + aimElement;
}

/** The entry at the address; 0 when there is none. */
export function findEntry(replica: usize): usize {
  const table = replica + ENTRY_TABLE;
  let slot = tableFirst(table, aimHash);
  for (; slotPointer(slot) != 0; slot = tableNext(table, slot)) {
    if (slotHash(slot) == aimHash && isAimed(slotPointer(slot))) return slotPointer(slot);
  }
  return 0;
}

/**
 * Reads where findEntry would look first for this hash: the start and the end of the shortest entry.
 * No read waits for that of another hash, so where many are to be found, their waits for memory overlap.
 */
export function touchEntry(replica: usize, hash: u32): u32 {
  const entry = slotPointer(tableFirst(replica + ENTRY_TABLE, hash));
  return load<u32>(entry, HASH) ^ load<u32>(entry, ITEMS_ADDRESS + ADDRESS_HEAD_BYTES - 1);
}

/** Bytes of a new entry at the address. */
export function entryBytes(type: u32, names: u32): usize {
  return addressOffset(type) + ADDRESS_HEAD_BYTES + <usize>names;
}

/** A new entry at the address, without content; room must have been reserved. */
export function addEntry(replica: usize): usize {
  const names = aimBytes();
  const entry = allocateReserved(entryBytes(aimType, names));
  const address = entry + addressOffset(aimType);
  memory.fill(entry, 0, addressOffset(aimType));
  store<u32>(entry, aimHash, HASH);
  store<u16>(entry, <u16>aimElement, ELEMENT_BYTES);
  store<u8>(entry, <u8>aimType, TYPE);
  store<u8>(address, <u8>aimType);
  store<u16>(address, <u16>aimCollection, 1);
  store<u16>(address, <u16>aimKey, 3);
  copyBytes(address + ADDRESS_HEAD_BYTES, aimNames, names);
  tableAdd(replica + ENTRY_TABLE, aimHash, entry);
  addTo(replica, ENTRIES, 1);
  addTo(replica, STATE_BYTES, <i32>(ADDRESS_HEAD_BYTES + <usize>names));
  return entry;
}

/** Takes an entry out of table, tree and list, and returns its memory; its content is gone. */
export function dropEntry(replica: usize, entry: usize): void {
  const leaf: usize = load<u32>(entry, ENTRY_LEAF);
  unmarkEntry(entry);
  if (leaf != 0) treeRemove(replica + STATE_TREE, keyOf(leaf));
  tableRemove(replica + ENTRY_TABLE, load<u32>(entry, HASH), entry);
  addTo(replica, ENTRIES, -1);
  addTo(replica, STATE_BYTES, -(<i32>addressBytes(entry)));
  freeEntry(entry);
}

/** Returns the entry's own block. */
export function freeEntry(entry: usize): void {
  release(entry, addressOffset(entryType(entry)) + addressBytes(entry));
}

export function entryType(entry: usize): u32 {
  return load<u8>(entry, TYPE);
}

/** The address as it is hashed. */
export function addressOf(entry: usize): usize {
  return entry + addressOffset(entryType(entry));
}

export function addressBytes(entry: usize): usize {
  const address = addressOf(entry);
  const names = <u32>load<u16>(address, 1) + <u32>load<u16>(address, 3);
  return ADDRESS_HEAD_BYTES + <usize>(names + elementBytes(entry));
}

export function elementBytes(entry: usize): u32 {
  return load<u16>(entry, ELEMENT_BYTES);
}

/** Marks an entry whose content has changed. */
export function markEntry(replica: usize, entry: usize): void {
  if (load<u32>(entry, DIRTY_NEXT) != 0) return;
  if (load<u32>(entry, ENTRY_LEAF) == 0) leavesToCome++;
  const end = dirtyEnd(replica);
  const last: usize = load<u32>(end, DIRTY_PREVIOUS);
  store<u32>(entry, <u32>end, DIRTY_NEXT);
  store<u32>(entry, <u32>last, DIRTY_PREVIOUS);
  store<u32>(last, <u32>entry, DIRTY_NEXT);
  store<u32>(end, <u32>entry, DIRTY_PREVIOUS);
}

/** Takes an entry off the list, before its leaf changes hands. */
export function unmarkEntry(entry: usize): void {
  const next: usize = load<u32>(entry, DIRTY_NEXT);
  if (next == 0) return;
  if (load<u32>(entry, ENTRY_LEAF) == 0) leavesToCome--;
  const previous: usize = load<u32>(entry, DIRTY_PREVIOUS);
  store<u32>(next, <u32>previous, DIRTY_PREVIOUS);
  store<u32>(previous, <u32>next, DIRTY_NEXT);
  store<u32>(entry, 0, DIRTY_NEXT);
}

/** The first entry whose leaf is out of date; 0 when there is none. */
export function firstMarked(replica: usize): usize {
  const first: usize = load<u32>(replica, DIRTY_FIRST);
  return first == dirtyEnd(replica) ? 0 : first;
}

/** Makes the list of a new replica: it ends in its own head, which looks like an entry. */
export function openMarked(replica: usize): void {
  const end = dirtyEnd(replica);
  store<u32>(end, <u32>end, DIRTY_NEXT);
  store<u32>(end, <u32>end, DIRTY_PREVIOUS);
}

function dirtyEnd(replica: usize): usize {
  return replica + DIRTY_FIRST - DIRTY_NEXT;
}

function isAimed(entry: usize): bool {
  if (entryType(entry) != aimType || elementBytes(entry) != aimElement) return false;
  const address = addressOf(entry);
  if (<u32>load<u16>(address, 1) != aimCollection) return false;
  if (<u32>load<u16>(address, 3) != aimKey) return false;
  return equalBytes(address + ADDRESS_HEAD_BYTES, aimNames, aimBytes());
}

function addressOffset(type: u32): usize {
  if (type == TYPE_SET) return SET_ADDRESS;
  return type == TYPE_COUNTER || type == TYPE_GAUGE ? ITEMS_ADDRESS : CELL_ADDRESS;
}
