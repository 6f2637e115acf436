// Whether a delta fits, before anything of it is applied: first the replica's limits, then memory.
//
// Limits: an upper bound, as the reference counts it. Operations of one delta that share an address
// count as if they did not, and values that shrink give nothing back.
// Memory: tables grow first, which changes no state. Where the arena has more room than the delta
// could ever take, that is all; near the end every block it may need is taken once and given back,
// so that applying it cannot run out half-way.

import { arenaRoom, endRehearsal, rehearse, roundedBytes, setRehearsed } from "./arena";
import { hasValue, valueBytes, WRITTEN_BYTES } from "./cells";
import { COUNTER_ITEM_BYTES } from "./counters";
import {
  ADDRESS_HEAD_BYTES,
  aimBytes,
  aimType,
  entryBytes,
  findEntry,
  leavesToCome,
} from "./entry";
import { GAUGE_ITEM_BYTES } from "./gauges";
import { findGroup, groupBytes } from "./group";
import { tableReserve } from "./hash-table";
import { findItem, itemGrowth, itemsPeak } from "./items";
import {
  DOT_BYTES,
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "./layout";
import { AUTHOR_PENDING, authorOf } from "./life";
import { reserveMark } from "./marks";
import { INNER_BYTES, LEAF_BYTES } from "./merkle-node";
import {
  aimOperation,
  contentBytes,
  kindOf,
  namesBytesOf,
  operationAt,
  payloadBytesOf,
  removes,
} from "./operations";
import { PENDING_DOT_BYTES, PENDING_GROUP_BYTES } from "./pending";
import {
  BYTES_LIMIT,
  DELTAS,
  DELTAS_LIMIT,
  ENTRIES,
  ENTRIES_LIMIT,
  ENTRY_TABLE,
  GROUPS,
  PENDING,
  PENDING_DOTS,
  PENDING_GROUPS,
  PENDING_LIMIT,
  PENDING_SEQS,
  STATE_BYTES,
} from "./replica-record";
import { awaitedDots } from "./sets";
import { flushState } from "./state-leaves";
import { writtenLife } from "./written";

/** Most bytes an operation adds beyond its own names and payload. */
const OVERHEAD_BYTES: u32 = <u32>ADDRESS_HEAD_BYTES + WRITTEN_BYTES;
/** Heads of an entry and a group, an item, a value's rounding, a leaf and its inner node, rounded. */
const OPERATION_ROOM: u64 = 768;
/** A growing block of items, per item of the largest one. */
const ITEM_ROOM: u64 = 80;
const DOT_ROOM: u64 = 160;
const LEAF_ROOM: u64 = 128;

/** Whether limits and memory leave room for the parsed delta. */
export function deltaFits(replica: usize, count: u32): bool {
  if (load<u32>(replica, DELTAS) >= load<u32>(replica, DELTAS_LIMIT)) return false;
  const awaited = removes == 0 ? 0 : countAwaited(replica, count);
  if (!pendingFits(replica, awaited) || !entriesFit(replica, count)) return false;
  return reserve(replica, count, awaited);
}

function countAwaited(replica: usize, count: u32): u32 {
  let awaited: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const operation = operationAt(index);
    if (kindOf(operation) == OP_SET_REMOVE) awaited += awaitedDots(replica, operation);
  }
  return awaited;
}

function pendingFits(replica: usize, awaited: u32): bool {
  if (awaited == 0) return true;
  const share = load<u32>(authorOf(writtenLife), AUTHOR_PENDING) + awaited;
  return share <= load<u32>(replica, PENDING_LIMIT);
}

function entriesFit(replica: usize, count: u32): bool {
  const entriesFree = <i64>load<u32>(replica, ENTRIES_LIMIT) - <i64>load<u32>(replica, ENTRIES);
  const bytesFree = <i64>load<u32>(replica, BYTES_LIMIT) - <i64>load<u32>(replica, STATE_BYTES);
  const most = <i64>contentBytes + <i64>count * OVERHEAD_BYTES;
  // Nearly always so; only near a limit is it worth looking every entry up.
  if (<i64>count <= entriesFree && most <= bytesFree) return true;
  let entries: i64 = 0;
  let bytes: i64 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const operation = operationAt(index);
    const kind = kindOf(operation);
    if (kind == OP_SET_REMOVE || kind == OP_EVENT) continue;
    aimOperation(index);
    const entry = findEntry(replica);
    bytes += <i64>growth(entry, operation);
    if (entry != 0) continue;
    entries++;
    bytes += <i64>(ADDRESS_HEAD_BYTES + <usize>namesBytesOf(operation));
  }
  // What does not grow is welcome even when a lowered limit is passed already.
  return (entries == 0 || entries <= entriesFree) && (bytes == 0 || bytes <= bytesFree);
}

/** Content bytes that an operation adds; the address of a new entry not counted. */
function growth(entry: usize, operation: usize): u32 {
  const kind = kindOf(operation);
  switch (kind) {
    case OP_COUNTER:
      return hasItem(entry) ? 0 : COUNTER_ITEM_BYTES;
    case OP_GAUGE:
      return hasItem(entry) ? 0 : GAUGE_ITEM_BYTES;
    case OP_SET_ADD:
      return hasItem(entry) ? 0 : <u32>DOT_BYTES;
    default: {
      const bytes = payloadBytesOf(operation);
      if (entry == 0) return WRITTEN_BYTES + bytes;
      if (kind == OP_MAP_DELETE || bytes <= valueBytes(entry)) return 0;
      return bytes - valueBytes(entry);
    }
  }
}

function hasItem(entry: usize): bool {
  return entry != 0 && findItem(entry, writtenLife) != 0;
}

function reserve(replica: usize, count: u32, awaited: u32): bool {
  if (!reserveMark(writtenLife)) return false;
  if (!tableReserve(replica + ENTRY_TABLE, count)) return false;
  if (!tableReserve(replica + GROUPS, count)) return false;
  if (awaited != 0) {
    if (!tableReserve(replica + PENDING_DOTS, awaited)) return false;
    if (!tableReserve(replica + PENDING_SEQS, awaited)) return false;
    if (!tableReserve(replica + PENDING_GROUPS, awaited)) return false;
  }
  const each = OPERATION_ROOM + ITEM_ROOM * <u64>itemsPeak;
  const most = <u64>contentBytes * 3 + <u64>count * each + <u64>awaited * DOT_ROOM;
  const isRoomy = most + LEAF_ROOM * <u64>leavesToCome <= <u64>arenaRoom();
  setRehearsed(!isRoomy);
  return isRoomy || rehearseDelta(replica, count, awaited);
}

/** Whether every block that the delta may need can be had at once, leaves of its entries included. */
function rehearseDelta(replica: usize, count: u32, awaited: u32): bool {
  // Leaves that are still to come would take the same blocks.
  let fits = flushState(replica);
  for (let index: u32 = 0; fits && index < count; index++) {
    const operation = operationAt(index);
    const kind = kindOf(operation);
    if (kind == OP_SET_REMOVE || kind == OP_EVENT) continue;
    aimOperation(index);
    fits = rehearseOperation(replica, operation);
  }
  for (let dot: u32 = 0; fits && dot < awaited; dot++) {
    fits = rehearse(PENDING_DOT_BYTES) && rehearse(PENDING_GROUP_BYTES);
  }
  endRehearsal();
  return fits;
}

function rehearseOperation(replica: usize, operation: usize): bool {
  const entry = findEntry(replica);
  if (entry == 0) {
    if (!rehearse(entryBytes(aimType, aimBytes()))) return false;
    if (!rehearse(LEAF_BYTES) || !rehearse(INNER_BYTES)) return false;
    const isGrouped = aimType == TYPE_MAP || aimType == TYPE_SET;
    if (isGrouped && findGroup(replica) == 0 && !rehearse(groupBytes())) return false;
  }
  if (aimType == TYPE_MAP || aimType == TYPE_REGISTER) {
    const bytes = payloadBytesOf(operation);
    // A value of the same class takes the block of the one before it.
    const before = entry == 0 ? 0 : valueBytes(entry);
    const isSame = before != 0 && roundedBytes(before) == roundedBytes(bytes);
    if (bytes != 0 && !isSame && !rehearse(bytes)) return false;
    // A tombstone has no leaf.
    if (entry == 0 || hasValue(entry)) return true;
    return rehearse(LEAF_BYTES) && rehearse(INNER_BYTES);
  }
  if (entry == 0) return rehearse(aimType == TYPE_GAUGE ? 32 : 24);
  const grown = itemGrowth(entry);
  return grown == 0 || rehearse(roundedBytes(grown));
}
