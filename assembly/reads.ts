// What the host asks of a replica. Arguments lie at STAGE (names laid end to end; or author 32,
// epoch u64, nonce u64), answers at RESULT or, paged, at STAGE: layout.ts has the offsets.

import { copyBytes } from "./bytes";
import { hasValue, valueBytes } from "./cells";
import { COUNTER_MINUS, COUNTER_PLUS } from "./counters";
import {
  ADDRESS_HEAD_BYTES,
  addressOf,
  aim,
  CELL_HASH,
  CELL_HLC,
  CELL_LIFE,
  CELL_SEQ,
  ENTRY_CODEC,
  ENTRY_CONTENT,
  ENTRY_NEXT,
  elementBytes,
  entryType,
  findEntry,
} from "./entry";
import { findAuthor, findLife, lifeOfRow, newestLife } from "./frontier";
import { GAUGE_VALUE } from "./gauges";
import { findGroup, GROUP_FIRST, GROUP_LIVE } from "./group";
import { ID_BYTES } from "./identity";
import { findItem, itemAt, itemCount } from "./items";
import {
  CELL_BYTES_OFFSET,
  CELL_CODEC_OFFSET,
  CELL_HASH_OFFSET,
  CELL_HLC_OFFSET,
  CELL_ID_OFFSET,
  CELL_SEQ_OFFSET,
  CELL_VALUE_OFFSET,
  DOT_BYTES,
  GAUGE_ROW_BYTES,
  HEAD_ENDED_OFFSET,
  HEAD_HASH_OFFSET,
  HEAD_HLC_OFFSET,
  HEAD_ID_OFFSET,
  HEAD_KEY_OFFSET,
  HEAD_ROW_OFFSET,
  HEAD_SEQ_OFFSET,
  NODE_ID_BYTES,
  STATS_BYTES_OFFSET,
  STATS_ENTRIES_OFFSET,
  STATS_PENDING_OFFSET,
  STATS_TOMBSTONES_OFFSET,
  TYPE_MAP,
  TYPE_SET,
} from "./layout";
import { idOf, isEnded, keyOfLife, LIFE_HLC, LIFE_ROW, seqOf } from "./life";
import { headMark, markHash } from "./marks";
import { copyHash, RESULT, STAGE, STAGE_BYTES } from "./memory";
import { ENTRIES, PENDING, ROW_COUNT, STATE_BYTES, TOMBSTONES } from "./replica-record";

/** The entry of `type` with the staged names; 0 when there is none. */
export function replicaEntry(
  replica: usize,
  type: u32,
  collection: u32,
  key: u32,
  element: u32,
): usize {
  aim(type, STAGE, collection, key, element);
  return findEntry(replica);
}

/** The map or set with the staged names; 0 when there is none. */
export function replicaGroup(replica: usize, type: u32, collection: u32, key: u32): usize {
  aim(type, STAGE, collection, key, 0);
  return findGroup(replica);
}

/** Members of a group that have a value. */
export function groupLive(group: usize): u32 {
  return load<u32>(group, GROUP_LIVE);
}

export function groupFirst(group: usize): usize {
  return load<u32>(group, GROUP_FIRST);
}

/**
 * Stages names of live members from `member` on (a map's keys, a set's elements), each behind its
 * length in bytes as u16; a zero u32 ends the page. RESULT: the member that is next, 0 at the end.
 */
export function groupNames(member: usize): u32 {
  let at = STAGE;
  let count: u32 = 0;
  let next = member;
  for (; next != 0; next = load<u32>(next, ENTRY_NEXT)) {
    const isMap = entryType(next) == TYPE_MAP;
    if (isMap && !hasValue(next)) continue;
    const address = addressOf(next);
    const collection = <usize>load<u16>(address, 1);
    const key = <usize>load<u16>(address, 3);
    const skipped = isMap ? collection : collection + key;
    const bytes = isMap ? key : <usize>elementBytes(next);
    if (at + 2 + bytes > STAGE + STAGE_BYTES) break;
    store<u16>(at, <u16>bytes);
    copyBytes(at + 2, address + ADDRESS_HEAD_BYTES + skipped, bytes);
    at += 2 + bytes;
    count++;
  }
  store<u32>(RESULT, <u32>next);
  return count;
}

/** Leaves a cell's fields at RESULT; 0 when it has no value. */
export function cellRead(cell: usize): u32 {
  if (!hasValue(cell)) return 0;
  store<u32>(RESULT, load<u32>(cell, ENTRY_CONTENT), CELL_VALUE_OFFSET);
  store<u32>(RESULT, valueBytes(cell), CELL_BYTES_OFFSET);
  store<u32>(RESULT, load<u8>(cell, ENTRY_CODEC), CELL_CODEC_OFFSET);
  store<u64>(RESULT, load<u64>(cell, CELL_HLC), CELL_HLC_OFFSET);
  store<u64>(RESULT, load<u64>(cell, CELL_SEQ), CELL_SEQ_OFFSET);
  store<u64>(RESULT, load<u64>(cell, CELL_HASH), CELL_HASH_OFFSET);
  copyBytes(RESULT + CELL_ID_OFFSET, idOf(load<u32>(cell, CELL_LIFE)), ID_BYTES);
  return 1;
}

/** Leaves the sums over every incarnation at RESULT: P low and high u64, N low and high. */
export function counterSum(counter: usize): void {
  memory.fill(RESULT, 0, 32);
  for (let index: u32 = 0; index < itemCount(counter); index++) {
    addWide(RESULT, load<u64>(itemAt(counter, index), COUNTER_PLUS));
    addWide(RESULT + 16, load<u64>(itemAt(counter, index), COUNTER_MINUS));
  }
}

/** Leaves the totals of the staged incarnation at RESULT: P u64, N u64. */
export function counterOwn(replica: usize, counter: usize, id: usize): void {
  const life = findLife(replica, id);
  const item: usize = life == 0 ? 0 : findItem(counter, life);
  store<u64>(RESULT, item == 0 ? 0 : load<u64>(item, COUNTER_PLUS));
  store<u64>(RESULT, item == 0 ? 0 : load<u64>(item, COUNTER_MINUS), 8);
}

export function entryItems(entry: usize): u32 {
  return itemCount(entry);
}

/** Stages a gauge's values, or a set element's dots, from item `first` on; how many. */
export function itemsRead(entry: usize, first: u32): u32 {
  const isSet = entryType(entry) == TYPE_SET;
  const bytes: usize = isSet ? DOT_BYTES : GAUGE_ROW_BYTES;
  const page = <u32>(STAGE_BYTES / bytes);
  const left = itemCount(entry) - first;
  const count = left < page ? left : page;
  for (let index: u32 = 0; index < count; index++) {
    const item = itemAt(entry, first + index);
    const at = STAGE + <usize>index * bytes;
    const id: usize = isSet ? ID_BYTES : NODE_ID_BYTES;
    copyBytes(at, idOf(load<u32>(item)), id);
    // Behind a dot's life seq and hash, behind a gauge's seq value and weight.
    copyBytes(at + id, item + (isSet ? 8 : GAUGE_VALUE), 16);
  }
  return count;
}

/** The life with the staged id; 0 when unknown. */
export function replicaLife(replica: usize): usize {
  return findLife(replica, STAGE);
}

/** The newest life of the staged author; 0 when unknown. */
export function replicaNewest(replica: usize): usize {
  const author = findAuthor(replica, STAGE);
  return author == 0 ? 0 : newestLife(author);
}

export function replicaLives(replica: usize): u32 {
  return load<u32>(replica, ROW_COUNT);
}

/** The life in a row below replicaLives. */
export function replicaLifeAt(replica: usize, row: u32): usize {
  return lifeOfRow(replica, row);
}

/** Leaves a life's head at RESULT. */
export function lifeRead(life: usize): void {
  store<u32>(RESULT, load<u32>(life, LIFE_ROW), HEAD_ROW_OFFSET);
  store<u32>(RESULT, isEnded(life) ? 1 : 0, HEAD_ENDED_OFFSET);
  store<u64>(RESULT, seqOf(life), HEAD_SEQ_OFFSET);
  store<u64>(RESULT, load<u64>(life, LIFE_HLC), HEAD_HLC_OFFSET);
  copyBytes(RESULT + HEAD_ID_OFFSET, idOf(life), ID_BYTES);
  copyHash(RESULT + HEAD_HASH_OFFSET, markHash(headMark(life)));
  copyHash(RESULT + HEAD_KEY_OFFSET, keyOfLife(life));
}

/** Leaves the replica's counts at RESULT. */
export function replicaStats(replica: usize): void {
  store<u32>(RESULT, load<u32>(replica, ENTRIES), STATS_ENTRIES_OFFSET);
  store<u32>(RESULT, load<u32>(replica, TOMBSTONES), STATS_TOMBSTONES_OFFSET);
  store<u32>(RESULT, load<u32>(replica, PENDING), STATS_PENDING_OFFSET);
  store<u32>(RESULT, load<u32>(replica, STATE_BYTES), STATS_BYTES_OFFSET);
}

/** Adds to a sum of 128 bits, low half first. */
function addWide(sum: usize, addend: u64): void {
  const low = load<u64>(sum) + addend;
  store<u64>(sum, low);
  if (low < addend) store<u64>(sum, load<u64>(sum, 8) + 1, 8);
}
