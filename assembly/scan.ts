// frameScan: cuts the frame into deltas and says of each what is to be done with it.
//
// 1. Nothing of the replica changes; nothing a peer sends traps.
// 2. A held delta is known by place and signature alone: its body is neither read nor hashed.
// 3. A delta may chain to an earlier row of the same frame that is to be verified (scan-tips.ts).
// 4. A stub, a delta without its body, passes over what lies between the head and its own last seq;
//    the host marks its row before the scan (docs/decisions/0017-compaction.md). A cut record, so
//    marked, has its body and not its credential (docs/decisions/0018-past-lives.md).

import { blake3At } from "./blake3";
import { equalBytes, equalHash } from "./bytes";
import {
  bodyBytesOf,
  countOf,
  cutFault,
  firstSeqOf,
  headerFault,
  hlcOf,
  isRecord,
  recordContradicts,
} from "./delta-header";
import { frame } from "./frame";
import { findLife } from "./frontier";
import { hashHeader } from "./header-hash";
import { ID_BYTES } from "./identity";
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_HASH_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  REASON_BODY_BYTES,
  REASON_BODY_HASH,
  REASON_HLC,
  REASON_NONE,
  REASON_RECORD,
  RECORD_BODY_BYTES,
  RECORD_CERT_HASH_OFFSET,
  RECORD_KEY_OFFSET,
  SCAN_CONFLICT,
  SCAN_ENDED,
  SCAN_HELD,
  SCAN_MALFORMED,
  SCAN_ORPHAN,
  SCAN_ROWS_MAX,
  SCAN_VERIFY,
  SIGNATURE_BYTES,
} from "./layout";
import { isEnded, keyOfLife, LIFE_HLC, seqOf } from "./life";
import { findMark, hasSignature, headMark, isInGap, isOtherHead, markHash } from "./marks";
import {
  copyHash,
  DIGEST,
  ROW_HASHES,
  ROW_KEYS,
  ROW_LENGTHS,
  ROW_OFFSETS,
  ROW_REASONS,
  ROW_STATUSES,
  ROW_VERDICTS,
} from "./memory";
import {
  addTip,
  clearTips,
  findTip,
  placeIndex,
  placeTaker,
  TIP_HASH,
  TIP_HLC,
  TIP_KEY,
  TIP_SEQ,
  takePlace,
} from "./scan-tips";

/** Set in the count of rows when the bytes could not be cut to their end... */
const INCOMPLETE: u32 = 0x10000;
/** ...and when some row may be applied. */
const APPLICABLE: u32 = 0x20000;
const PREFIX_BYTES: usize = DELTA_PREFIX_BYTES;
const ROW_LIMIT: u32 = SCAN_ROWS_MAX;
/** Where the host has marked a row as a stub, verdicts not being there yet. */
const MARKED_STUB: u32 = 2;

/** Scans `bytes` of the frame: the count of rows, INCOMPLETE and APPLICABLE. */
export function frameScan(replica: usize, bytes: usize): u32 {
  clearTips();
  let at: usize = 0;
  let row: u32 = 0;
  let flags: u32 = 0;
  while (bytes - at >= PREFIX_BYTES && row < ROW_LIMIT) {
    const delta = frame + at;
    const fault = cutFault(delta);
    if (fault != REASON_NONE) {
      setRow(row, at, bytes - at);
      setStatus(row, malformed(row, fault));
      return (row + 1) | flags | INCOMPLETE;
    }
    const isStub = load<u8>(ROW_VERDICTS + <usize>row) == MARKED_STUB;
    const length = PREFIX_BYTES + <usize>(isStub ? cutBodyBytes(delta) : bodyBytesOf(delta));
    if (length > bytes - at) break;
    setRow(row, at, length);
    const status = scanRow(replica, row, delta, isStub);
    setStatus(row, status);
    if (status == SCAN_VERIFY || status == SCAN_CONFLICT) flags = APPLICABLE;
    at += length;
    row++;
  }
  return row | flags | (at == bytes ? 0 : INCOMPLETE);
}

function setRow(row: u32, offset: usize, length: usize): void {
  store<u32>(ROW_OFFSETS + ((<usize>row) << 2), <u32>offset);
  store<u32>(ROW_LENGTHS + ((<usize>row) << 2), <u32>length);
  store<u8>(ROW_REASONS + <usize>row, 0);
  clearHash(ROW_KEYS + ((<usize>row) << 5));
  clearHash(ROW_HASHES + ((<usize>row) << 5));
}

function setStatus(row: u32, status: u32): void {
  store<u8>(ROW_STATUSES + <usize>row, <u8>status);
}

function scanRow(replica: usize, row: u32, delta: usize, isStub: bool): u32 {
  const fault = headerFault(replica, delta);
  if (fault != REASON_NONE) return malformed(row, fault);
  if (isStub && bodyBytesOf(delta) <= cutBodyBytes(delta)) return malformed(row, REASON_BODY_BYTES);
  const id = delta + DELTA_AUTHOR_OFFSET;
  const life = findLife(replica, id);
  const tip = findTip(id);
  if (isHeld(life, tip, delta)) return SCAN_HELD;
  if (life != 0 && isEnded(life)) return SCAN_ENDED;
  const isBodiless = isStub && !isRecord(delta);
  if (!isBodiless && !isBodyWhole(delta, isStub)) return malformed(row, REASON_BODY_HASH);
  return isRecord(delta)
    ? scanRecord(row, delta, life, tip)
    : scanOperations(row, delta, life, tip, isStub);
}

/** Bytes of the body that are left of a cut delta: a record's own, without its credential. */
function cutBodyBytes(delta: usize): u32 {
  return isRecord(delta) ? RECORD_BODY_BYTES : 0;
}

/** Whether the body is what the header names; a record's credential is named by its body. */
function isBodyWhole(delta: usize, isCut: bool): bool {
  const body = delta + DELTA_PREFIX_BYTES;
  const bodyBytes: u32 = isCut ? RECORD_BODY_BYTES : bodyBytesOf(delta);
  const hashed: u32 = isRecord(delta) ? RECORD_BODY_BYTES : bodyBytes;
  blake3At(body, hashed, DIGEST);
  if (!equalHash(delta + DELTA_BODY_HASH_OFFSET, DIGEST)) return false;
  if (hashed == bodyBytes) return true;
  blake3At(body + hashed, bodyBytes - hashed, DIGEST);
  return equalHash(body + RECORD_CERT_HASH_OFFSET, DIGEST);
}

function scanRecord(row: u32, delta: usize, life: usize, tip: usize): u32 {
  if (recordContradicts(delta)) return malformed(row, REASON_RECORD);
  const id = delta + DELTA_AUTHOR_OFFSET;
  setKey(row, id);
  if (tip != 0 || life != 0) return SCAN_CONFLICT;
  const fresh = addTip(id);
  store<u32>(fresh, <u32>(delta + DELTA_PREFIX_BYTES + RECORD_KEY_OFFSET), TIP_KEY);
  moveTip(fresh, row, delta, 0);
  return SCAN_VERIFY;
}

function scanOperations(row: u32, delta: usize, life: usize, tip: usize, isStub: bool): u32 {
  if (tip == 0 && life == 0) return SCAN_ORPHAN;
  const firstSeq = firstSeqOf(delta);
  const seq = tip != 0 ? load<u64>(tip, TIP_SEQ) : seqOf(life);
  const key = tip != 0 ? <usize>load<u32>(tip, TIP_KEY) : keyOfLife(life);
  if (firstSeq > seq + 1 && !isStub) return SCAN_ORPHAN;
  if (firstSeq <= seq) {
    setKey(row, key);
    return SCAN_CONFLICT;
  }
  // Another hash at the right place: its sender follows a branch that is not held here.
  const head = tip != 0 ? <usize>load<u32>(tip, TIP_HASH) : markHash(headMark(life));
  const isNext = firstSeq == seq + 1;
  if (isNext && !equalHash(delta + DELTA_PREV_HASH_OFFSET, head)) return SCAN_ORPHAN;
  const hlc = tip != 0 ? load<u64>(tip, TIP_HLC) : load<u64>(life, LIFE_HLC);
  hashHeader(delta, hashAt(row));
  if (hlcOf(delta) <= hlc) return malformed(row, REASON_HLC);
  setKey(row, key);
  const moved = tip != 0 ? tip : addTip(delta + DELTA_AUTHOR_OFFSET);
  store<u32>(moved, <u32>key, TIP_KEY);
  moveTip(moved, row, delta, firstSeq + (countOf(delta) - 1));
  return SCAN_VERIFY;
}

/** Makes the row the tip's head. */
function moveTip(tip: usize, row: u32, delta: usize, seq: u64): void {
  if (isRecord(delta)) hashHeader(delta, hashAt(row));
  store<u32>(tip, <u32>hashAt(row), TIP_HASH);
  store<u64>(tip, seq, TIP_SEQ);
  store<u64>(tip, hlcOf(delta), TIP_HLC);
  takePlace(tip, firstSeqOf(delta), delta);
}

function hashAt(row: u32): usize {
  return ROW_HASHES + ((<usize>row) << 5);
}

function isHeld(life: usize, tip: usize, delta: usize): bool {
  const firstSeq = firstSeqOf(delta);
  if (life != 0) {
    if (isInGap(life, firstSeq, firstSeq + countOf(delta) - 1)) return !isOtherHead(life, delta);
    const mark = findMark(life, firstSeq);
    if (mark != 0) return hasSignature(mark, delta);
  }
  if (tip == 0) return false;
  for (let index = placeIndex(tip, firstSeq); ; index++) {
    const other = placeTaker(index);
    if (other == 0) return false;
    if (firstSeqOf(other) != firstSeq) continue;
    if (!equalBytes(other + DELTA_AUTHOR_OFFSET, delta + DELTA_AUTHOR_OFFSET, ID_BYTES)) continue;
    const signature = other + DELTA_HEADER_BYTES;
    return equalBytes(signature, delta + DELTA_HEADER_BYTES, SIGNATURE_BYTES);
  }
}

function setKey(row: u32, key: usize): void {
  copyHash(ROW_KEYS + ((<usize>row) << 5), key);
}

function clearHash(at: usize): void {
  v128.store(at, i64x2.splat(0));
  v128.store(at, i64x2.splat(0), 16);
}

function malformed(row: u32, reason: u32): u32 {
  store<u8>(ROW_REASONS + <usize>row, <u8>reason);
  return SCAN_MALFORMED;
}
