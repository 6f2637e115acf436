// Gauges. The last value of each author by (epoch, nonce, seq), with a weight. Readers fold the
// values; an author's older incarnation arriving late changes nothing.

import { addEntry, findEntry, markEntry } from "./entry";
import { findItem, insertItem } from "./items";
import { compareLives } from "./life";
import { payloadOf } from "./operations";
import { addTo, STATE_BYTES } from "./replica-record";
import { writtenLife, writtenSeq } from "./written";

const GAUGE_SEQ: usize = 8;
export const GAUGE_VALUE: usize = 16;
const GAUGE_WEIGHT: usize = 24;
/** author, epoch, nonce, seq, value, weight. */
export const GAUGE_ITEM_BYTES: u32 = 72;

/** Applies a gauge value at the address aimed at; whether what is read of its author changed. */
export function applyGauge(replica: usize, operation: usize): bool {
  let gauge = findEntry(replica);
  if (gauge == 0) gauge = addEntry(replica);
  let item = findItem(gauge, writtenLife);
  const isNew = item == 0;
  if (isNew) {
    item = insertItem(gauge, writtenLife);
    addTo(replica, STATE_BYTES, GAUGE_ITEM_BYTES);
  } else if (!isNewer(item)) {
    return false;
  }
  const payload = payloadOf(operation);
  const value = load<u64>(payload);
  const weight = load<u64>(payload, 8);
  const same = load<u64>(item, GAUGE_VALUE) == value && load<u64>(item, GAUGE_WEIGHT) == weight;
  store<u32>(item, <u32>writtenLife);
  store<u64>(item, writtenSeq, GAUGE_SEQ);
  store<u64>(item, value, GAUGE_VALUE);
  store<u64>(item, weight, GAUGE_WEIGHT);
  markEntry(replica, gauge);
  return isNew || !same;
}

function isNewer(item: usize): bool {
  const life: usize = load<u32>(item);
  if (life == writtenLife) return load<u64>(item, GAUGE_SEQ) < writtenSeq;
  return compareLives(life, writtenLife) < 0;
}
