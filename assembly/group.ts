// What is enumerated together: the keys of a map, the elements of a set. Members are linked in the
// order in which they came; a deleted map key stays in its place as a tombstone.
//
//   group  hash u32 | first u32, last u32 | live u32 | collection bytes u16 | key bytes u16 | type u8 |
//          names

import { allocateReserved, release } from "./arena";
import { copyBytes, equalBytes } from "./bytes";
import {
  addressHash,
  aimCollection,
  aimKey,
  aimNames,
  aimType,
  ENTRY_GROUP,
  ENTRY_NEXT,
  ENTRY_PREVIOUS,
} from "./entry";
import { slotHash, slotPointer, tableAdd, tableFirst, tableNext, tableRemove } from "./hash-table";
import { TYPE_SET } from "./layout";
import { GROUPS } from "./replica-record";

const HASH: usize = 0;
export const GROUP_FIRST: usize = 4;
const LAST: usize = 8;
/** Members with a value. */
export const GROUP_LIVE: usize = 12;
const COLLECTION_BYTES: usize = 16;
const KEY_BYTES: usize = 18;
const GROUP_TYPE: usize = 20;
const NAMES: usize = 21;

/** The group of the address aimed at: by collection for maps, collection and key for sets. */
export function findGroup(replica: usize): usize {
  const table = replica + GROUPS;
  const hash = aimedHash();
  let slot = tableFirst(table, hash);
  for (; slotPointer(slot) != 0; slot = tableNext(table, slot)) {
    if (slotHash(slot) == hash && isAimed(slotPointer(slot))) return slotPointer(slot);
  }
  return 0;
}

/** Bytes of a new group for the address. */
export function groupBytes(): usize {
  return NAMES + <usize>(aimCollection + keyBytes());
}

/** Puts a new entry at the end of its group, made when absent; room must have been reserved. */
export function joinGroup(replica: usize, entry: usize): void {
  let group = findGroup(replica);
  if (group == 0) group = addGroup(replica);
  const last: usize = load<u32>(group, LAST);
  store<u32>(entry, <u32>group, ENTRY_GROUP);
  store<u32>(entry, <u32>last, ENTRY_PREVIOUS);
  if (last == 0) store<u32>(group, <u32>entry, GROUP_FIRST);
  else store<u32>(last, <u32>entry, ENTRY_NEXT);
  store<u32>(group, <u32>entry, LAST);
}

/** Takes an entry out of its group; a group without members goes. */
export function leaveGroup(replica: usize, entry: usize): void {
  const group: usize = load<u32>(entry, ENTRY_GROUP);
  const next: usize = load<u32>(entry, ENTRY_NEXT);
  const previous: usize = load<u32>(entry, ENTRY_PREVIOUS);
  if (previous == 0) store<u32>(group, <u32>next, GROUP_FIRST);
  else store<u32>(previous, <u32>next, ENTRY_NEXT);
  if (next == 0) store<u32>(group, <u32>previous, LAST);
  else store<u32>(next, <u32>previous, ENTRY_PREVIOUS);
  if (load<u32>(group, GROUP_FIRST) != 0) return;
  tableRemove(replica + GROUPS, load<u32>(group, HASH), group);
  freeGroup(group);
}

/** Counts members with a value in or out. */
export function addLive(entry: usize, change: i32): void {
  const group: usize = load<u32>(entry, ENTRY_GROUP);
  if (group != 0) store<u32>(group, load<u32>(group, GROUP_LIVE) + change, GROUP_LIVE);
}

/** Returns the group's block. */
export function freeGroup(group: usize): void {
  const names = <u32>load<u16>(group, COLLECTION_BYTES) + <u32>load<u16>(group, KEY_BYTES);
  release(group, NAMES + <usize>names);
}

function addGroup(replica: usize): usize {
  const group = allocateReserved(groupBytes());
  memory.fill(group, 0, NAMES);
  store<u32>(group, aimedHash(), HASH);
  store<u16>(group, <u16>aimCollection, COLLECTION_BYTES);
  store<u16>(group, <u16>keyBytes(), KEY_BYTES);
  store<u8>(group, <u8>aimType, GROUP_TYPE);
  copyBytes(group + NAMES, aimNames, aimCollection + keyBytes());
  tableAdd(replica + GROUPS, load<u32>(group, HASH), group);
  return group;
}

/** Bytes of the key as far as it names the group: a map's groups have none. */
function keyBytes(): u32 {
  return aimType == TYPE_SET ? aimKey : 0;
}

function aimedHash(): u32 {
  return addressHash(aimType, aimNames, aimCollection, keyBytes(), 0);
}

function isAimed(group: usize): bool {
  if (<u32>load<u8>(group, GROUP_TYPE) != aimType) return false;
  if (<u32>load<u16>(group, COLLECTION_BYTES) != aimCollection) return false;
  if (<u32>load<u16>(group, KEY_BYTES) != keyBytes()) return false;
  return equalBytes(group + NAMES, aimNames, aimCollection + keyBytes());
}
