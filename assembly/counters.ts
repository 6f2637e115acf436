// Counters. Each incarnation publishes its running totals (P, N); reading sums them.
//
// Totals never fall within an incarnation and its deltas come in order, so the merge by maximum is
// to keep the last; replays, restarts and joined branches never count twice.

import { equalBytes } from "./bytes";
import { addEntry, findEntry, markEntry } from "./entry";
import { findItem, insertItem } from "./items";
import { OP_COLLECTION_BYTES_OFFSET, OP_COUNTER, OP_HEAD_BYTES } from "./layout";
import { COUNTER_SLOTS, COUNTERS } from "./memory";
import {
  aimOperation,
  hashOfOperation,
  kindOf,
  namesBytesOf,
  operationAt,
  payloadOf,
} from "./operations";
import { addTo, STATE_BYTES } from "./replica-record";
import { writtenLife } from "./written";

export const COUNTER_PLUS: usize = 8;
export const COUNTER_MINUS: usize = 16;
/** author, epoch, nonce, P, N. */
export const COUNTER_ITEM_BYTES: u32 = 64;

let stamp: u32 = 0;

/** Whether a counter operation of the parsed delta publishes less than its life did before it. */
export function countersFall(replica: usize, life: usize, count: u32): bool {
  let stamped = false;
  for (let index: u32 = 0; index < count; index++) {
    const operation = operationAt(index);
    if (kindOf(operation) != OP_COUNTER) continue;
    if (!stamped) nextStamp();
    stamped = true;
    const payload = payloadOf(operation);
    const earlier = exchange(index, operation);
    if (earlier != 0) {
      if (isBelow(payload, payloadOf(earlier))) return true;
      continue;
    }
    aimOperation(index);
    const counter = findEntry(replica);
    const item: usize = counter == 0 ? 0 : findItem(counter, life);
    if (item != 0 && isBelow(payload, item + COUNTER_PLUS)) return true;
  }
  return false;
}

/** Applies running totals, known not to fall, at the address aimed at; whether they changed. */
export function applyCounter(replica: usize, operation: usize): bool {
  let counter = findEntry(replica);
  if (counter == 0) counter = addEntry(replica);
  let item = findItem(counter, writtenLife);
  if (item == 0) {
    item = insertItem(counter, writtenLife);
    store<u64>(item, 0, COUNTER_PLUS);
    store<u64>(item, 0, COUNTER_MINUS);
    addTo(replica, STATE_BYTES, COUNTER_ITEM_BYTES);
  }
  const payload = payloadOf(operation);
  const plus = load<u64>(payload);
  const minus = load<u64>(payload, 8);
  const same = load<u64>(item, COUNTER_PLUS) == plus && load<u64>(item, COUNTER_MINUS) == minus;
  store<u64>(item, plus, COUNTER_PLUS);
  store<u64>(item, minus, COUNTER_MINUS);
  markEntry(replica, counter);
  return !same;
}

function isBelow(totals: usize, before: usize): bool {
  return load<u64>(totals) < load<u64>(before) || load<u64>(totals, 8) < load<u64>(before, 8);
}

/** Remembers the operation as the last on its counter; the one before it, 0 when there is none. */
function exchange(index: u32, operation: usize): usize {
  let place = hashOfOperation(index) & (COUNTER_SLOTS - 1);
  while (true) {
    const slot = COUNTERS + ((<usize>place) << 3);
    if (load<u32>(slot) != stamp) {
      store<u32>(slot, stamp);
      store<u32>(slot, <u32>operation, 4);
      return 0;
    }
    const earlier: usize = load<u32>(slot, 4);
    if (isSameAddress(earlier, operation)) {
      store<u32>(slot, <u32>operation, 4);
      return earlier;
    }
    place = (place + 1) & (COUNTER_SLOTS - 1);
  }
}

function isSameAddress(a: usize, b: usize): bool {
  const names = namesBytesOf(a);
  // Collection and key bytes, side by side.
  if (load<u32>(a, OP_COLLECTION_BYTES_OFFSET) != load<u32>(b, OP_COLLECTION_BYTES_OFFSET)) {
    return false;
  }
  return equalBytes(a + OP_HEAD_BYTES, b + OP_HEAD_BYTES, names);
}

function nextStamp(): void {
  stamp++;
  if (stamp != 0) return;
  memory.fill(COUNTERS, 0, (<usize>COUNTER_SLOTS) << 3);
  stamp = 1;
}
