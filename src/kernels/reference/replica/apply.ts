/**
 * Replica: frameApply. Applies the verified rows of a scan, each whole or not at all.
 *
 * Every row is judged again against the replica as it is now, so rows whose ancestor failed, or
 * that something else has overtaken, are refused without harm. Nothing a peer sends throws.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  HASH_BYTES,
} from "../../../../assembly/layout.ts";
import { isMeshError } from "../../../errors.ts";
import {
  APPLY_APPLIED,
  APPLY_BAD_SIGNATURE,
  APPLY_DUPLICATE,
  APPLY_FORK,
  APPLY_FULL,
  APPLY_MALFORMED,
  APPLY_ORPHAN,
  APPLY_SKIPPED,
  type Applied,
  type ApplyOutcome,
  type Change,
  SCAN_CONFLICT,
  SCAN_VERIFY,
  type Scan,
} from "../../kernels.ts";
import { copyBytes, equalBytes } from "./bytes.ts";
import { operationsFit } from "./capacity.ts";
import { applyOperations } from "./changes.ts";
import { countersFall } from "./counters.ts";
import {
  addIncarnation,
  type Frontier,
  findIncarnation,
  type Incarnation,
  touchIncarnation,
} from "./frontier.ts";
import { passOver } from "./gaps.ts";
import { firstSeqAt, isRecordAt } from "./header.ts";
import { holdIdentity, releaseIdentity } from "./identity.ts";
import { addMark, hasHash, hasSignature, indexOfMark, isInGap } from "./marks.ts";
import { parseOperations } from "./operations.ts";
import { dropPending } from "./pending.ts";
import type { ReplicaData } from "./replica-data.ts";
import type { ScanRows } from "./scan.ts";
import { originOf } from "./stamps.ts";

interface Frame {
  readonly scan: Scan;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly changes: Change[];
  /** Makes room for `count` more entries to be marked; false when there is none. */
  readonly makeRoom: (count: number) => boolean;
}

/** Implements Replica.frameApply. */
export function applyFrame(
  replica: ReplicaData,
  input: {
    readonly scan: Scan;
    readonly bytes: Uint8Array;
    readonly verdicts: Uint8Array;
    readonly makeRoom: (count: number) => boolean;
  },
): Applied {
  const { scan, bytes, verdicts, makeRoom } = input;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frame: Frame = { scan, bytes, view, changes: [], makeRoom };
  const outcomes = new Uint8Array(scan.count);
  for (let row = 0; row < scan.count; row++) {
    const status = scan.statuses[row];
    if (status !== SCAN_VERIFY && status !== SCAN_CONFLICT) continue;
    if (verdicts[row] === 1) outcomes[row] = applyRow(replica, frame, row);
    else outcomes[row] = APPLY_BAD_SIGNATURE;
  }
  return { outcomes, changes: frame.changes };
}

function applyRow(replica: ReplicaData, frame: Frame, row: number): ApplyOutcome {
  const { bytes, view, scan } = frame;
  const at = scan.offsets[row] ?? 0;
  const incarnation = findIncarnation(replica.frontier, bytes, view, at + DELTA_AUTHOR_OFFSET);
  const isTaken = incarnation !== undefined && firstSeqAt(view, at) <= incarnation.seq;
  if (isTaken) return settle(replica, frame, row, incarnation);
  if (scan.statuses[row] === SCAN_CONFLICT) return APPLY_SKIPPED; // What it conflicted with failed.
  if (isRecordAt(view, at)) return applyRecord(replica, frame, row);
  if (incarnation === undefined) return APPLY_ORPHAN;
  return incarnation.ended ? APPLY_SKIPPED : applyDelta(replica, frame, row, incarnation);
}

/** A validly signed delta whose place is taken: the same one, its twin, or a fork. */
function settle(
  replica: ReplicaData,
  frame: Frame,
  row: number,
  incarnation: Incarnation,
): ApplyOutcome {
  const { bytes, view, scan } = frame;
  const at = scan.offsets[row] ?? 0;
  const firstSeq = firstSeqAt(view, at);
  const lastSeq = firstSeq + view.getUint32(at + DELTA_COUNT_OFFSET, true) - 1;
  const { marks, seq } = incarnation;
  if (isInGap(marks, { firstSeq, lastSeq, seq })) {
    // Where the gap is the head, it ends with one delta, and another one there is a fork.
    const isHead = lastSeq === seq && !hasHash(marks, marks.count, hashOf(replica, frame, row), 0);
    if (!isHead) return APPLY_SKIPPED;
  }
  const mark = indexOfMark(incarnation.marks, firstSeq);
  if (mark >= 0 && hasSignature(incarnation.marks, mark, bytes, at)) return APPLY_SKIPPED;
  // Verified under the key of a record in the frame that was never accepted: it proves nothing.
  const isOwnKey = equalBytes(scan.keys, row * HASH_BYTES, incarnation.identity.key, 0, HASH_BYTES);
  if (!isRecordAt(view, at) && !isOwnKey) return APPLY_SKIPPED;
  const hash = hashOf(replica, frame, row);
  return mark >= 0 && hasHash(incarnation.marks, mark, hash, 0) ? APPLY_DUPLICATE : APPLY_FORK;
}

function applyRecord(replica: ReplicaData, frame: Frame, row: number): ApplyOutcome {
  const { frontier, limits, primitives } = replica;
  const { bytes, view, scan } = frame;
  const at = scan.offsets[row] ?? 0;
  if (frontier.rows.length >= limits.incarnationsMax) return APPLY_FULL;
  if (frontier.deltas >= limits.deltasMax) return APPLY_FULL;
  const identity = holdIdentity(primitives, bytes, at, hashOf(replica, frame, row));
  try {
    advance(frontier, addIncarnation(frontier, identity), view, at, 0);
  } catch (error) {
    releaseIdentity(identity);
    if (isMeshError(error, "MESH_STATE_FULL")) return APPLY_FULL;
    throw error;
  }
  return APPLY_APPLIED;
}

function applyDelta(
  replica: ReplicaData,
  frame: Frame,
  row: number,
  incarnation: Incarnation,
): ApplyOutcome {
  const { bytes, view, scan } = frame;
  const at = scan.offsets[row] ?? 0;
  const firstSeq = firstSeqAt(view, at);
  const { marks } = incarnation;
  const length = scan.lengths[row] ?? 0;
  const bodyBytes = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
  const isStub = length === DELTA_PREFIX_BYTES && bodyBytes !== 0;
  const isNext = firstSeq === incarnation.seq + 1;
  if (!isNext && !isStub) return APPLY_ORPHAN;
  if (isNext && !hasHash(marks, marks.count, bytes, at + DELTA_PREV_HASH_OFFSET)) {
    return APPLY_ORPHAN;
  }
  const count = view.getUint32(at + DELTA_COUNT_OFFSET, true);
  if (isStub) return applyStub(replica, frame, row, incarnation);
  const end = at + length;
  const operations = parseOperations(bytes, view, { start: at + DELTA_PREFIX_BYTES, end, count });
  if (
    typeof operations === "string" ||
    countersFall(replica.state, incarnation, operations, view)
  ) {
    incarnation.ended = true;
    dropPending(replica.pending, incarnation);
    return APPLY_MALFORMED;
  }
  const hash = hashOf(replica, frame, row);
  const origin = originOf(incarnation, view, at, hash);
  const seq = firstSeq + count - 1;
  const carrier = { bytes, view, origin, lastSeq: seq };
  if (!operationsFit(replica, operations, carrier) || !frame.makeRoom(count)) return APPLY_FULL;
  applyOperations(replica, operations, { ...carrier, row, firstSeq, changes: frame.changes });
  addMark(marks, { firstSeq, bytes, offset: at, hash });
  advance(replica.frontier, incarnation, view, at, seq);
  return APPLY_APPLIED;
}

function applyStub(
  replica: ReplicaData,
  frame: Frame,
  row: number,
  incarnation: Incarnation,
): ApplyOutcome {
  const at = frame.scan.offsets[row] ?? 0;
  const seq = firstSeqAt(frame.view, at) + frame.view.getUint32(at + DELTA_COUNT_OFFSET, true) - 1;
  if (!passOver(replica, incarnation, seq, hashOf(replica, frame, row))) return APPLY_FULL;
  incarnation.hlcHigh = frame.view.getUint32(at + DELTA_HLC_OFFSET + 4, true);
  incarnation.hlcLow = frame.view.getUint32(at + DELTA_HLC_OFFSET, true);
  return APPLY_APPLIED;
}

/** Moves the head to the delta at `at`, whose mark is there already. */
function advance(
  frontier: Frontier,
  incarnation: Incarnation,
  view: DataView,
  at: number,
  seq: number,
): void {
  incarnation.seq = seq;
  incarnation.hlcHigh = view.getUint32(at + DELTA_HLC_OFFSET + 4, true);
  incarnation.hlcLow = view.getUint32(at + DELTA_HLC_OFFSET, true);
  frontier.deltas += 1;
  touchIncarnation(frontier, incarnation);
}

/** The delta hash of a row; the scan has those of VERIFY rows already. */
function hashOf(replica: ReplicaData, frame: Frame, row: number): Uint8Array {
  const { scan, bytes } = frame;
  if ("hashes" in scan && scan.statuses[row] === SCAN_VERIFY) {
    return copyBytes((scan as ScanRows).hashes, row * HASH_BYTES, (row + 1) * HASH_BYTES);
  }
  const at = scan.offsets[row] ?? 0;
  return replica.primitives.blake3(bytes.subarray(at, at + DELTA_HEADER_BYTES));
}
