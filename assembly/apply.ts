// frameApply: applies the verified rows of a scan, each whole or not at all.
//
// Every row is judged again against the replica as it is now, so rows whose ancestor failed, or that
// something else has overtaken, are refused without harm. Nothing a peer sends traps.

import { equalHash } from "./bytes";
import { deltaFits } from "./capacity";
import { applyCell, cellLive } from "./cells";
import { applyCounter, countersFall } from "./counters";
import { bodyBytesOf, countOf, firstSeqOf, hlcOf, isRecord } from "./delta-header";
import { touchEntry } from "./entry";
import { changes, frame } from "./frame";
import { addLife, advanceLife, findLife } from "./frontier";
import { passOver } from "./gaps";
import { applyGauge } from "./gauges";
import { hashHeader } from "./header-hash";
import { dropIdentity, holdIdentity } from "./identity";
import {
  APPLY_APPLIED,
  APPLY_BAD_SIGNATURE,
  APPLY_DUPLICATE,
  APPLY_FORK,
  APPLY_FULL,
  APPLY_MALFORMED,
  APPLY_ORPHAN,
  APPLY_SKIPPED,
  CHANGE_CHANGED,
  CHANGE_INDEX_SHIFT,
  CHANGE_LIVE,
  DELTA_AUTHOR_OFFSET,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_SET_ADD,
  OP_SET_REMOVE,
  SCAN_CONFLICT,
  SCAN_VERIFY,
} from "./layout";
import { endLife, idOf, isEnded, keyOfLife, seqOf } from "./life";
import { addMark, findMark, hasSignature, headMark, isInGap, isOtherHead, markHash } from "./marks";
import {
  CHANGE_BYTES,
  DIGEST,
  ROW_HASHES,
  ROW_KEYS,
  ROW_LENGTHS,
  ROW_OFFSETS,
  ROW_OUTCOMES,
  ROW_STATUSES,
  ROW_VERDICTS,
} from "./memory";
import { aimOperation, hashOfOperation, kindOf, operationAt, parseOperations } from "./operations";
import { coverPending, dropPending, findPending, pendingAt } from "./pending";
import { DELTAS, DELTAS_LIMIT, LIVES_LIMIT, PENDING, ROW_COUNT } from "./replica-record";
import { applyAdd, applyRemove, hasElement } from "./sets";
import { beginDelta, beginOperation, writtenSeq } from "./written";

let changeCount: u32 = 0;

/** Applies `rows` rows of the scanned frame by their verdicts; how many changes are listed. */
export function frameApply(replica: usize, rows: u32): u32 {
  changeCount = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const status: u32 = load<u8>(ROW_STATUSES + <usize>row);
    let outcome: u32 = APPLY_SKIPPED;
    if (status == SCAN_VERIFY || status == SCAN_CONFLICT) {
      const isGood = load<u8>(ROW_VERDICTS + <usize>row) == 1;
      outcome = isGood ? applyRow(replica, row, status) : APPLY_BAD_SIGNATURE;
    }
    store<u8>(ROW_OUTCOMES + <usize>row, <u8>outcome);
  }
  return changeCount;
}

function applyRow(replica: usize, row: u32, status: u32): u32 {
  const delta = deltaOf(row);
  const life = findLife(replica, delta + DELTA_AUTHOR_OFFSET);
  if (life != 0 && firstSeqOf(delta) <= seqOf(life)) return settle(row, delta, life);
  if (status == SCAN_CONFLICT) return APPLY_SKIPPED; // What it conflicted with failed.
  if (isRecord(delta)) return applyRecord(replica, row, delta);
  if (life == 0) return APPLY_ORPHAN;
  return isEnded(life) ? APPLY_SKIPPED : applyDelta(replica, row, delta, life);
}

/** A validly signed delta whose place is taken: the same one, its twin, or a fork. */
function settle(row: u32, delta: usize, life: usize): u32 {
  const firstSeq = firstSeqOf(delta);
  const isPassed = isInGap(life, firstSeq, firstSeq + countOf(delta) - 1);
  if (isPassed && !isOtherHead(life, delta)) return APPLY_SKIPPED;
  const mark = findMark(life, firstSeq);
  if (mark != 0 && hasSignature(mark, delta)) return APPLY_SKIPPED;
  // Verified under the key of a record in the frame that was never accepted: it proves nothing.
  const isOwnKey = equalHash(ROW_KEYS + ((<usize>row) << 5), keyOfLife(life));
  if (!isRecord(delta) && !isOwnKey) return APPLY_SKIPPED;
  const hash = hashOf(row, delta);
  return mark != 0 && equalHash(markHash(mark), hash) ? APPLY_DUPLICATE : APPLY_FORK;
}

function applyRecord(replica: usize, row: u32, delta: usize): u32 {
  if (load<u32>(replica, ROW_COUNT) >= load<u32>(replica, LIVES_LIMIT)) return APPLY_FULL;
  if (load<u32>(replica, DELTAS) >= load<u32>(replica, DELTAS_LIMIT)) return APPLY_FULL;
  const identity = holdIdentity(delta, hashOf(row, delta));
  if (identity == 0) return APPLY_FULL;
  const life = addLife(replica, identity);
  if (life == 0) {
    dropIdentity(identity);
    return APPLY_FULL;
  }
  advanceLife(replica, life, delta, 0);
  return APPLY_APPLIED;
}

function applyDelta(replica: usize, row: u32, delta: usize, life: usize): u32 {
  const firstSeq = firstSeqOf(delta);
  const length: usize = load<u32>(ROW_LENGTHS + ((<usize>row) << 2));
  const isStub = length == <usize>DELTA_PREFIX_BYTES && bodyBytesOf(delta) != 0;
  const isNext = firstSeq == seqOf(life) + 1;
  if (!isNext && !isStub) return APPLY_ORPHAN;
  if (isNext && !equalHash(delta + DELTA_PREV_HASH_OFFSET, markHash(headMark(life)))) {
    return APPLY_ORPHAN;
  }
  if (isStub)
    return passOver(replica, life, delta, hashOf(row, delta)) ? APPLY_APPLIED : APPLY_FULL;
  const count = countOf(delta);
  const end = delta + length;
  if (
    !parseOperations(delta + DELTA_PREFIX_BYTES, end, count) ||
    countersFall(replica, life, count)
  ) {
    endLife(life);
    dropPending(replica, idOf(life));
    return APPLY_MALFORMED;
  }
  const hash = hashOf(row, delta);
  const seq = firstSeq + (count - 1);
  beginDelta(life, hlcOf(delta), load<u64>(hash), seq);
  if (!deltaFits(replica, count)) return APPLY_FULL;
  touchEntries(replica, count);
  for (let index: u32 = 0; index < count; index++) {
    beginOperation(firstSeq + index);
    applyOperation(replica, row, delta, index, life);
  }
  addMark(life, firstSeq, delta, hash);
  advanceLife(replica, life, delta, seq);
  return APPLY_APPLIED;
}

/** Has the entries of all operations on their way from memory before the first of them is needed. */
function touchEntries(replica: usize, count: u32): void {
  let read: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    read ^= touchEntry(replica, hashOfOperation(index));
  }
  // What nobody uses the compiler does not read.
  store<u32>(DIGEST, read);
}

/** Applies one operation, lists its change, and uses up the pending dots of its seq. */
function applyOperation(replica: usize, row: u32, delta: usize, index: u32, life: usize): void {
  const operation = operationAt(index);
  aimOperation(index);
  const isPending = load<u32>(replica, PENDING) != 0;
  const group: usize = isPending ? findPending(replica, idOf(life)) : 0;
  const waiting: usize = group == 0 ? 0 : pendingAt(replica, group, writtenSeq);
  const effect = merge(replica, operation, waiting);
  const at = changes + <usize>changeCount * CHANGE_BYTES;
  store<u32>(at, <u32>(operation - frame));
  store<u32>(at, <u32>(delta - frame), 4);
  store<u32>(at, row | effect | (index << CHANGE_INDEX_SHIFT), 8);
  changeCount++;
  if (waiting != 0) coverPending(replica, group, waiting);
}

/** Merges one operation; CHANGE_LIVE and CHANGE_CHANGED as they apply. */
function merge(replica: usize, operation: usize, waiting: usize): u32 {
  switch (kindOf(operation)) {
    case OP_EVENT:
      return CHANGE_LIVE | CHANGE_CHANGED;
    case OP_COUNTER:
      return effectOf(true, applyCounter(replica, operation));
    case OP_GAUGE:
      return effectOf(true, applyGauge(replica, operation));
    case OP_SET_ADD: {
      const was = hasElement(replica);
      const live = applyAdd(replica, waiting);
      return effectOf(live, live != was);
    }
    case OP_SET_REMOVE: {
      const was = hasElement(replica);
      const live = applyRemove(replica, operation);
      return effectOf(live, live != was);
    }
    default: {
      const changed = applyCell(replica, operation);
      return effectOf(cellLive, changed);
    }
  }
}

function effectOf(live: bool, changed: bool): u32 {
  return (live ? CHANGE_LIVE : 0) | (changed ? CHANGE_CHANGED : 0);
}

function deltaOf(row: u32): usize {
  return frame + <usize>load<u32>(ROW_OFFSETS + ((<usize>row) << 2));
}

/** The delta hash of a row; the scan has those of rows to be verified already. */
function hashOf(row: u32, delta: usize): usize {
  const hash = ROW_HASHES + ((<usize>row) << 5);
  if (load<u8>(ROW_STATUSES + <usize>row) != SCAN_VERIFY) hashHeader(delta, hash);
  return hash;
}
