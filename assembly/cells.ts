// Registers and maps of registers, last writer wins by (hlc, author, epoch, nonce, seq, hash).
//
// The higher stamp wins whatever the order of arrival. A deleted map key keeps its stamp as a
// tombstone, in memory but not in stateRoot, so that an older set cannot bring it back.

import { allocateReserved, release, roundedBytes } from "./arena";
import { copyBytes } from "./bytes";
import {
  addEntry,
  aimType,
  CELL_HASH,
  CELL_HLC,
  CELL_LIFE,
  CELL_SEQ,
  ENTRY_CODEC,
  ENTRY_CONTENT,
  ENTRY_SIZE,
  findEntry,
  markEntry,
} from "./entry";
import { addLive, joinGroup } from "./group";
import { OP_MAP_DELETE, TYPE_MAP } from "./layout";
import { compareLives } from "./life";
import { codecOf, kindOf, payloadBytesOf, payloadOf } from "./operations";
import { addTo, STATE_BYTES, TOMBSTONES } from "./replica-record";
import { writtenHash, writtenHlc, writtenLife, writtenSeq } from "./written";

/** Size of a cell without a value. */
const DELETED: u32 = 0xffffffff;
/** hlc, author, epoch, nonce, seq, hash, codec; the value follows. */
export const WRITTEN_BYTES: u32 = 73;

/** Whether the cell has a value. */
export function hasValue(cell: usize): bool {
  return load<u32>(cell, ENTRY_SIZE) != DELETED;
}

export function valueBytes(cell: usize): u32 {
  return hasValue(cell) ? load<u32>(cell, ENTRY_SIZE) : 0;
}

/** Whether the cell applied last has a value now. */
export let cellLive: bool = false;

/** Applies a register set, map set or map delete at the address aimed at; whether it changed. */
export function applyCell(replica: usize, operation: usize): bool {
  let cell = findEntry(replica);
  const isNew = cell == 0;
  if (!isNew && !isNewer(cell)) {
    cellLive = hasValue(cell);
    return false;
  }
  const wasLive = !isNew && hasValue(cell);
  const before = isNew ? 0 : valueBytes(cell);
  if (isNew) {
    cell = addEntry(replica);
    if (aimType == TYPE_MAP) joinGroup(replica, cell);
    addTo(replica, STATE_BYTES, WRITTEN_BYTES);
  }
  store<u8>(cell, <u8>codecOf(operation), ENTRY_CODEC);
  store<u32>(cell, <u32>writtenLife, CELL_LIFE);
  store<u64>(cell, writtenHlc, CELL_HLC);
  store<u64>(cell, writtenSeq, CELL_SEQ);
  store<u64>(cell, writtenHash, CELL_HASH);
  cellLive = kindOf(operation) != OP_MAP_DELETE;
  const bytes = cellLive ? payloadBytesOf(operation) : 0;
  replaceValue(cell, before, payloadOf(operation), bytes);
  store<u32>(cell, cellLive ? bytes : DELETED, ENTRY_SIZE);
  addTo(replica, STATE_BYTES, <i32>(bytes - before));
  if (isNew ? !cellLive : wasLive != cellLive) addTo(replica, TOMBSTONES, cellLive ? -1 : 1);
  if (wasLive != cellLive) addLive(cell, cellLive ? 1 : -1);
  const changed = wasLive || cellLive;
  if (changed) markEntry(replica, cell);
  return changed;
}

/** Returns the value's block. */
export function freeValue(cell: usize): void {
  if (valueBytes(cell) != 0) release(load<u32>(cell, ENTRY_CONTENT), <usize>valueBytes(cell));
}

/** Puts a value in place of one of `before` bytes; 0: none. One of the same class keeps the block. */
function replaceValue(cell: usize, before: u32, payload: usize, bytes: u32): void {
  if (roundedBytes(before) != roundedBytes(bytes)) {
    if (before != 0) release(load<u32>(cell, ENTRY_CONTENT), before);
    if (bytes != 0) store<u32>(cell, <u32>allocateReserved(bytes), ENTRY_CONTENT);
  }
  copyBytes(load<u32>(cell, ENTRY_CONTENT), payload, bytes);
}

/** Whether what is being written is above what the cell holds. */
function isNewer(cell: usize): bool {
  const hlc = load<u64>(cell, CELL_HLC);
  if (writtenHlc != hlc) return writtenHlc > hlc;
  const order = compareLives(writtenLife, load<u32>(cell, CELL_LIFE));
  if (order != 0) return order > 0;
  const seq = load<u64>(cell, CELL_SEQ);
  if (writtenSeq != seq) return writtenSeq > seq;
  return writtenHash > load<u64>(cell, CELL_HASH);
}
