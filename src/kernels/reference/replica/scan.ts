/**
 * Replica: frameScan. Cuts bytes into deltas and says of each what is to be done with it.
 *
 * 1. Nothing of the replica changes; nothing a peer sends throws.
 * 2. A held delta is known by place and signature alone: its body is neither read nor hashed.
 * 3. A delta may chain to an earlier VERIFY row of the same bytes: such rows make a tip, which
 *    shadows the stored head until the end of the scan.
 * 4. A stub, a delta without its body, passes over what lies between the head and its own last
 *    seq (docs/decisions/0017-compaction.md). A cut record has its body and not its credential:
 *    whether its author is certified is for the caller to say (docs/decisions/0018-past-lives.md).
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_BODY_HASH_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  HASH_BYTES,
  NODE_ID_BYTES,
  RECORD_BODY_BYTES,
  RECORD_CERT_HASH_OFFSET,
  RECORD_KEY_OFFSET,
  SCAN_ROWS_MAX,
  SIGNATURE_BYTES,
} from "../../../../assembly/layout.ts";
import {
  type Primitives,
  SCAN_CONFLICT,
  SCAN_ENDED,
  SCAN_HELD,
  SCAN_MALFORMED,
  SCAN_ORPHAN,
  SCAN_VERIFY,
  type Scan,
  type ScanStatus,
} from "../../kernels.ts";

import { equalBytes } from "./bytes.ts";
import { type Frontier, findIncarnation, type Incarnation } from "./frontier.ts";
import { cutFault, firstSeqAt, headerFault, isRecordAt, recordContradicts } from "./header.ts";
import { INCARNATION_ID_BYTES } from "./identity.ts";
import { hasHash, hasSignature, indexOfMark, isInGap, type Marks } from "./marks.ts";
import { lowerBound } from "./state.ts";
import { rawText } from "./text.ts";

/** What the scan needs of a replica. */
export interface ScanSource {
  readonly primitives: Primitives;
  readonly frontier: Frontier;
  readonly meshId: Uint8Array;
}

/** The head that rows of the scanned bytes chain to, and the rows that made it. */
interface Tip {
  seq: number;
  hash: Uint8Array;
  hlcHigh: number;
  hlcLow: number;
  readonly key: Uint8Array;
  readonly firstSeqs: number[];
  readonly offsets: number[];
}

interface Walk extends ScanSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly keys: Uint8Array;
  readonly hashes: Uint8Array;
  readonly reasons: string[];
  /** By incarnation, or by raw id while it is unknown. */
  readonly tips: Map<Incarnation | string, Tip>;
}

/** A scan of this implementation. */
export interface ScanRows extends Scan {
  /** Delta hash of row i: hashes[32 i .. 32 i + 32]; for VERIFY. */
  readonly hashes: Uint8Array;
}

/** Implements Replica.frameScan; the arrays are fresh and stay valid. */
export function scanFrame(
  source: ScanSource,
  bytes: Uint8Array,
  stubs: readonly number[],
): ScanRows {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stubRows = new Set(stubs);
  const cut = cutFrame(bytes, view, stubRows);
  const count = cut.offsets.length;
  const statuses = new Uint8Array(count);
  const keys = new Uint8Array(count * HASH_BYTES);
  const hashes = new Uint8Array(count * HASH_BYTES);
  const reasons: string[] = new Array(count).fill("");
  const { primitives, frontier, meshId } = source;
  const parts = { primitives, frontier, meshId, bytes, view };
  const walk: Walk = { ...parts, keys, hashes, reasons, tips: new Map() };
  for (let row = 0; row < count; row++) {
    if (row === count - 1 && cut.fault !== "") {
      statuses[row] = malformed(walk, row, cut.fault);
    } else {
      statuses[row] = scanRow(walk, row, cut.offsets[row] ?? 0, stubRows.has(row));
    }
  }
  const offsets = Uint32Array.from(cut.offsets);
  const lengths = Uint32Array.from(cut.lengths);
  const { complete } = cut;
  return { count, offsets, lengths, statuses, keys, hashes, reasons, complete, release };
}

function release(): void {
  // All is fresh: nothing is to be given back.
}

interface Cut {
  readonly offsets: number[];
  readonly lengths: number[];
  readonly complete: boolean;
  /** Why the last row ends the cutting; "" when it does not. */
  readonly fault: string;
}

function cutFrame(bytes: Uint8Array, view: DataView, stubs: ReadonlySet<number>): Cut {
  const offsets: number[] = [];
  const lengths: number[] = [];
  let at = 0;
  while (bytes.length - at >= DELTA_PREFIX_BYTES && offsets.length < SCAN_ROWS_MAX) {
    const fault = cutFault(view, at);
    const bodyBytes = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
    const length =
      DELTA_PREFIX_BYTES + (stubs.has(offsets.length) ? cutBodyBytes(view, at) : bodyBytes);
    if (fault !== "") {
      offsets.push(at);
      lengths.push(bytes.length - at);
      return { offsets, lengths, complete: false, fault };
    }
    if (length > bytes.length - at) break;
    offsets.push(at);
    lengths.push(length);
    at += length;
  }
  return { offsets, lengths, complete: at === bytes.length, fault: "" };
}

function scanRow(walk: Walk, row: number, at: number, isStub: boolean): ScanStatus {
  const { bytes, view } = walk;
  const fault = headerFault(bytes, view, at, walk.meshId);
  if (fault !== "") return malformed(walk, row, fault);
  if (isStub && view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true) <= cutBodyBytes(view, at)) {
    return malformed(walk, row, "body_bytes");
  }
  const id = at + DELTA_AUTHOR_OFFSET;
  const incarnation = findIncarnation(walk.frontier, bytes, view, id);
  const handle = incarnation ?? rawText(bytes, id, id + INCARNATION_ID_BYTES);
  const tip = walk.tips.get(handle);
  const firstSeq = firstSeqAt(view, at);
  const lastSeq = firstSeq + view.getUint32(at + DELTA_COUNT_OFFSET, true) - 1;
  if (incarnation !== undefined) {
    const { marks, seq } = incarnation;
    const isPassed = isInGap(marks, { firstSeq, lastSeq, seq });
    if (isPassed && !(lastSeq === seq && isOtherHead(walk, marks, at))) return SCAN_HELD;
  }
  if (isHeld(incarnation, tip, bytes, at, firstSeq)) return SCAN_HELD;
  if (incarnation?.ended) return SCAN_ENDED;
  const isBodiless = isStub && !isRecordAt(view, at);
  if (!isBodiless && !isBodyWhole(walk, at, isStub)) return malformed(walk, row, "body_hash");
  if (isRecordAt(view, at)) return scanRecord(walk, row, at, handle, tip);
  return scanOperations(walk, row, at, handle, tip, isStub);
}

/** Bytes of the body that are left of a cut delta: a record's own, without its credential. */
function cutBodyBytes(view: DataView, at: number): number {
  return isRecordAt(view, at) ? RECORD_BODY_BYTES : 0;
}

/** Whether a delta that ends where the head's gap does is not the one that the gap ends with. */
function isOtherHead({ bytes, primitives }: Walk, marks: Marks, at: number): boolean {
  const hash = primitives.blake3(bytes.subarray(at, at + DELTA_HEADER_BYTES));
  return !hasHash(marks, marks.count, hash, 0);
}

/** Whether the body is what the header names; a record's credential is named by its body. */
function isBodyWhole({ bytes, view, primitives }: Walk, at: number, isCut: boolean): boolean {
  const bodyAt = at + DELTA_PREFIX_BYTES;
  const bodyBytes = isCut ? RECORD_BODY_BYTES : view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
  const end = bodyAt + bodyBytes;
  const hashedTo = isRecordAt(view, at) ? bodyAt + RECORD_BODY_BYTES : end;
  const bodyHash = primitives.blake3(bytes.subarray(bodyAt, hashedTo));
  if (!equalBytes(bytes, at + DELTA_BODY_HASH_OFFSET, bodyHash, 0, HASH_BYTES)) return false;
  if (hashedTo === end) return true;
  const hash = primitives.blake3(bytes.subarray(hashedTo, end));
  return equalBytes(bytes, bodyAt + RECORD_CERT_HASH_OFFSET, hash, 0, HASH_BYTES);
}

function scanRecord(
  walk: Walk,
  row: number,
  at: number,
  handle: Incarnation | string,
  tip: Tip | undefined,
): ScanStatus {
  const { bytes, view } = walk;
  const id = at + DELTA_AUTHOR_OFFSET;
  const body = at + DELTA_PREFIX_BYTES;
  if (recordContradicts(view, at, id, body)) return malformed(walk, row, "record");
  walk.keys.set(bytes.subarray(id, id + NODE_ID_BYTES), row * HASH_BYTES);
  if (tip !== undefined || typeof handle !== "string") return SCAN_CONFLICT;
  const key = bytes.subarray(body + RECORD_KEY_OFFSET, body + RECORD_KEY_OFFSET + HASH_BYTES);
  const fresh: Tip = { seq: 0, ...headOfRow(walk, row, at), key, firstSeqs: [0], offsets: [at] };
  walk.tips.set(handle, fresh);
  return SCAN_VERIFY;
}

function scanOperations(
  walk: Walk,
  row: number,
  at: number,
  handle: Incarnation | string,
  tip: Tip | undefined,
  isStub: boolean,
): ScanStatus {
  const { bytes, view } = walk;
  const firstSeq = firstSeqAt(view, at);
  const known = typeof handle === "string" ? undefined : handle;
  const head = tip ?? known;
  const key = tip?.key ?? known?.identity.key;
  if (head === undefined || key === undefined) return SCAN_ORPHAN;
  if (firstSeq > head.seq + 1 && !isStub) return SCAN_ORPHAN;
  if (firstSeq <= head.seq) {
    walk.keys.set(key, row * HASH_BYTES);
    return SCAN_CONFLICT;
  }
  // Another hash at the right place: its sender follows a branch that is not held here.
  const isNext = firstSeq === head.seq + 1;
  if (isNext && !chainsTo(bytes, at + DELTA_PREV_HASH_OFFSET, tip, known)) return SCAN_ORPHAN;
  const next = headOfRow(walk, row, at);
  if (!isAbove(next, head)) return malformed(walk, row, "hlc");
  walk.keys.set(key, row * HASH_BYTES);
  const seq = firstSeq + view.getUint32(at + DELTA_COUNT_OFFSET, true) - 1;
  if (tip === undefined) {
    walk.tips.set(handle, { seq, ...next, key, firstSeqs: [firstSeq], offsets: [at] });
  } else {
    Object.assign(tip, next, { seq });
    tip.firstSeqs.push(firstSeq);
    tip.offsets.push(at);
  }
  return SCAN_VERIFY;
}

function isHeld(
  incarnation: Incarnation | undefined,
  tip: Tip | undefined,
  bytes: Uint8Array,
  at: number,
  firstSeq: number,
): boolean {
  if (incarnation !== undefined) {
    const mark = indexOfMark(incarnation.marks, firstSeq);
    if (mark >= 0) return hasSignature(incarnation.marks, mark, bytes, at);
  }
  if (tip === undefined) return false;
  const other = tip.offsets[indexOfSeq(tip.firstSeqs, firstSeq)];
  if (other === undefined) return false;
  const signature = DELTA_HEADER_BYTES;
  return equalBytes(bytes, other + signature, bytes, at + signature, SIGNATURE_BYTES);
}

/** Whether the hash at `at` is the head's: the tip's when there is one. */
function chainsTo(
  bytes: Uint8Array,
  at: number,
  tip: Tip | undefined,
  incarnation: Incarnation | undefined,
): boolean {
  if (tip !== undefined) return equalBytes(bytes, at, tip.hash, 0, HASH_BYTES);
  if (incarnation === undefined) return false;
  return hasHash(incarnation.marks, incarnation.marks.count, bytes, at);
}

/** Index of `seq` in ascending numbers; -1 when absent. */
function indexOfSeq(ascending: readonly number[], seq: number): number {
  const position = lowerBound(ascending, (item) => item - seq);
  return ascending[position] === seq ? position : -1;
}

function headOfRow(walk: Walk, row: number, at: number): Pick<Tip, "hash" | "hlcHigh" | "hlcLow"> {
  const hash = walk.primitives.blake3(walk.bytes.subarray(at, at + DELTA_HEADER_BYTES));
  walk.hashes.set(hash, row * HASH_BYTES);
  const hlcHigh = walk.view.getUint32(at + DELTA_HLC_OFFSET + 4, true);
  return { hash, hlcHigh, hlcLow: walk.view.getUint32(at + DELTA_HLC_OFFSET, true) };
}

function isAbove(
  next: { readonly hlcHigh: number; readonly hlcLow: number },
  head: { readonly hlcHigh: number; readonly hlcLow: number },
): boolean {
  if (next.hlcHigh !== head.hlcHigh) return next.hlcHigh > head.hlcHigh;
  return next.hlcLow > head.hlcLow;
}

function malformed(walk: Walk, row: number, reason: string): ScanStatus {
  walk.reasons[row] = reason;
  return SCAN_MALFORMED;
}
