/**
 * Stage "merge": takes what was verified into membership and state. State is judged by the bytes
 * and their ancestors alone; the one thing local time decides is when a delta is tried.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
} from "../../../assembly/layout.ts";
import {
  APPLY_APPLIED,
  APPLY_BAD_SIGNATURE,
  APPLY_DUPLICATE,
  APPLY_FORK,
  APPLY_FULL,
  APPLY_MALFORMED,
  APPLY_ORPHAN,
  type Change,
  SCAN_CONFLICT,
  SCAN_ENDED,
  SCAN_HELD,
  SCAN_MALFORMED,
  SCAN_ORPHAN,
  SCAN_VERIFY,
  type Scan,
} from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import { nameOf } from "../gossip/missing.ts";
import { isNodeIdAt, type NodeId, nodeIdFromBytes } from "../node-id.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { certifiedRows } from "../trust/certified-rows.ts";
import { forkCheck, foundFork } from "../trust/forks.ts";
import { penalize } from "../trust/penalty.ts";
import { askRecord, correct } from "../trust/spread-proofs.ts";
import { vouched } from "../trust/vouching.ts";
import {
  decodeDeltaHeader,
  firstSeqOf,
  lastSeqOf,
  operationCountOf,
  stampMsOf,
} from "../wire/delta.ts";
import { type CarriedDeltas, isCutRecord, isStub } from "../wire/stub.ts";
import { hlcOf } from "./delta-log.ts";

/** A delta stamped further ahead of the local wall clock than this waits (docs/ARCHITECTURE.md). */
export const FUTURE_MS_MAX = 500;

/**
 * A stub says that what it passes over is dominated, and only its author's signature on the stamp
 * says how old that is. Younger ones are not believed: nobody can make a node pass over what is on
 * its way to it. docs/decisions/0017-compaction.md.
 */
export const STUB_AGE_MS_MIN = 60_000;

/** Parked for want of its ancestor alone: no time makes it due. */
const RETRY_ON_ANCESTOR_MS = 0;
/** Parked with its chain complete, for want of a verdict or of room: due at the next look. */
const RETRY_SOON_MS = 1;

export interface MergedDeltas {
  /** The deltas that were new, whole, as they arrived, to be handed on. */
  readonly applied: readonly Uint8Array[];
  /** Stubs that have moved a head, and cut records. */
  readonly passed: number;
  readonly changes: readonly Change[];
  /** Deltas whose ancestor is missing: the sender has something we lack. */
  readonly orphans: number;
  /** Deltas that found no room: what follows them is missing for that alone. */
  readonly full: number;
}

/**
 * The row's verdict on its signature: good, bad, or never asked for. `own` is a delta just made
 * here: nothing to ask, and no clock judges it (one that has stepped back would set it aside, and
 * the next delta would take its place in the chain: a fork of an honest author).
 */
export type SignatureVerdict = "good" | "bad" | "unasked" | "own";

/**
 * Applies deltas laid end to end.
 * @param carried deltas and the places of stubs among them; the bytes are borrowed.
 * @param verdictOf the verdict on the signature of a row.
 */
export function mergeDeltas(
  core: CoreState,
  from: NodeId,
  { deltas: bytes, stubs }: CarriedDeltas,
  verdictOf: (row: number) => SignatureVerdict,
  now: Now,
): MergedDeltas {
  const scan = core.replica.frameScan(bytes, stubs);
  const verdicts = new Uint8Array(scan.count);
  /** Rows that are not to be applied now, though nothing is wrong with their signature. */
  const setAside: ("withheld" | "uncertified")[] = [];
  const judge = certifiedRows(core, bytes, scan);
  const mayTake = vouched(core, bytes, scan, (row) => mayApply(core, scan, row, bytes, now));
  for (let row = 0; row < scan.count; row++) {
    const verdict = verdictOf(row);
    if (typeof judge(row) === "string") {
      setAside[row] = "uncertified";
      continue;
    }
    if (isExpunged(core, scan, row, bytes)) continue;
    if (verdict === "own") verdicts[row] = 1;
    else if (verdict === "good" && mayTake(row)) verdicts[row] = 1;
    else if (verdict !== "bad") setAside[row] = "withheld";
  }
  const { offsets, lengths, statuses } = scan;
  const { outcomes, changes } = core.replica.frameApply(scan, bytes, verdicts);
  const applied: Uint8Array[] = [];
  let passed = 0;
  let orphans = 0;
  for (let row = 0; row < scan.count; row++) {
    const at = offsets[row] ?? 0;
    const delta = bytes.subarray(at, at + (lengths[row] ?? 0));
    const outcome = setAside[row] === "withheld" ? APPLY_ORPHAN : outcomes[row];
    if (outcome !== APPLY_APPLIED && isExpunged(core, scan, row, bytes)) {
      core.cells.add(CELLS.deltaProcessedEnded, 1);
      correct(core, from, nodeIdFromBytes(delta, DELTA_AUTHOR_OFFSET), now);
      continue;
    }
    if (setAside[row] === "uncertified") {
      // Its sender has paid for it before anything was verified.
      core.cells.add(CELLS.deltaProcessedUncertified, 1);
      continue;
    }
    switch (statuses[row]) {
      case SCAN_VERIFY:
      case SCAN_CONFLICT:
        if (outcome === APPLY_APPLIED && isCut(delta)) passed += keepStub(core, delta);
        else if (outcome === APPLY_APPLIED) applied.push(keep(core, delta));
        else if (outcome === APPLY_ORPHAN) park(core, { delta, from, dueMs: RETRY_SOON_MS }, now);
        else if (statuses[row] === SCAN_CONFLICT && outcome === APPLY_BAD_SIGNATURE) {
          doubt(core, from, delta, now);
        } else refuse(core, from, outcome ?? APPLY_BAD_SIGNATURE, delta, now);
        break;
      case SCAN_HELD:
        core.cells.add(CELLS.deltaProcessedHeld, 1);
        break;
      case SCAN_ORPHAN:
        orphans += 1;
        if (verdictOf(row) === "bad") doubt(core, from, delta, now);
        else if (verdictOf(row) !== "good" || !forked(core, from, delta, now)) {
          park(core, { delta, from, dueMs: RETRY_ON_ANCESTOR_MS }, now);
        }
        break;
      case SCAN_ENDED:
        if (verdictOf(row) === "good") forked(core, from, delta, now);
        core.cells.add(CELLS.deltaProcessedEnded, 1);
        break;
      case SCAN_MALFORMED:
        core.cells.add(CELLS.deltaProcessedMalformed, 1);
        penalize(core, from, "malformed");
        break;
    }
  }
  if (!scan.complete) penalize(core, from, "malformed");
  return { applied, passed, changes, orphans, full: countFull(outcomes) };
}

function countFull(outcomes: Uint8Array): number {
  return outcomes.filter((outcome) => outcome === APPLY_FULL).length;
}

/** Authors of deltas. */
export function authorsOf(deltas: readonly Uint8Array[]): Set<NodeId> {
  return new Set(deltas.map((delta) => nodeIdFromBytes(delta, DELTA_AUTHOR_OFFSET)));
}

function mayApply(core: CoreState, scan: Scan, row: number, bytes: Uint8Array, now: Now): boolean {
  const at = scan.offsets[row] ?? 0;
  const length = scan.lengths[row] ?? 0;
  const stampMs = stampMsOf(bytes, at);
  if (stampMs > now.wallMs + FUTURE_MS_MAX) return false;
  if (length === DELTA_PREFIX_BYTES && stampMs > now.wallMs - STUB_AGE_MS_MIN) return false;
  if (!core.log.fits(length)) return false;
  if (firstSeqOf(bytes, at) !== 0) return true;
  return core.incarnations.admits(nodeIdFromBytes(bytes, at + DELTA_AUTHOR_OFFSET), now.monoMs);
}

/** A stub or a cut record: what a peer's compaction has left. */
function isCut(delta: Uint8Array): boolean {
  return isStub(delta) || isCutRecord(delta);
}

/** Keeps a stub that has moved a head, or a cut record; how many there are. */
function keepStub(core: CoreState, stub: Uint8Array): 1 {
  store(core, stub.slice());
  core.cells.add(CELLS.deltaProcessedPassed, 1);
  return 1;
}

/** Keeps an applied delta for repair and the store; returns what is kept. */
function keep(core: CoreState, delta: Uint8Array): Uint8Array {
  const bytes = core.deps.interner?.delta(delta, DELTA_HEADER_BYTES) ?? ownBytes(delta);
  store(core, bytes);
  core.cells.add(CELLS.deltaProcessedApplied, 1);
  const own = isNodeIdAt(bytes, DELTA_AUTHOR_OFFSET, core.config.nodeId);
  const operations = own ? CELLS.stateOperationsLocal : CELLS.stateOperationsRemote;
  core.cells.add(operations, operationCountOf(bytes));
  return bytes;
}

/** Bytes that keep nothing else: the delta itself where it is as good as all of its frame, or a copy. */
function ownBytes(delta: Uint8Array): Uint8Array {
  return delta.buffer.byteLength - delta.length <= FRAME_REST_BYTES ? delta : delta.slice();
}

function store(core: CoreState, bytes: Uint8Array): void {
  const row = core.replica.rowOf(bytes);
  if (row !== undefined) {
    core.log.append(row, bytes);
    if (core.config.durable === true) core.disk.wrote(core.log.count, row, lastSeqOf(bytes));
  }
  core.clock.observe(hlcOf(bytes));
  core.out.stores.push({ ticket: core.log.count, bytes });
}

interface Waiting {
  readonly delta: Uint8Array;
  readonly from: NodeId;
  /** Wall ms from which it may be tried, unless its own stamp is still in the future. */
  readonly dueMs: number;
}

function park(core: CoreState, waiting: Waiting, now: Now): void {
  const { delta, from, dueMs } = waiting;
  core.cells.add(CELLS.deltaProcessedOrphaned, 1);
  // It comes again by repair, as what it is; alone it would be taken for a delta.
  if (isCut(delta)) return;
  const author = nodeIdFromBytes(delta, DELTA_AUTHOR_OFFSET);
  const stampDueMs = stampMsOf(delta) - FUTURE_MS_MAX;
  const kept = core.parked.park(author, {
    bytes: delta,
    firstSeq: firstSeqOf(delta),
    dueMs: stampDueMs > now.wallMs ? stampDueMs : dueMs,
    from,
    monoMs: now.monoMs,
  });
  if (!kept) core.cells.add(CELLS.messageRejectedOrphanLimit, 1);
}

function isExpunged(core: CoreState, scan: Scan, row: number, bytes: Uint8Array): boolean {
  if (core.proofs.size === 0) return false;
  const at = (scan.offsets[row] ?? 0) + DELTA_AUTHOR_OFFSET;
  return core.proofs.has(nodeIdFromBytes(bytes, at));
}

/**
 * A delta beside the chain that its key did not sign: a forgery, or the author has a second record
 * with another key, which would prove it. An honest relay may bring the latter: it costs little.
 */
function doubt(core: CoreState, from: NodeId, delta: Uint8Array, now: Now): void {
  core.cells.add(CELLS.deltaProcessedBadSignature, 1);
  penalize(core, from, "conflict");
  askRecord(core, from, delta, now);
}

/** False when the delta, validly signed, proves nothing. */
function forked(core: CoreState, from: NodeId, delta: Uint8Array, now: Now): boolean {
  if (foundFork(core, delta, from, now)) {
    core.cells.add(CELLS.deltaProcessedForked, 1);
    return true;
  }
  // It follows another record of its incarnation than the one held: that record is the proof.
  if (forkCheck(core, delta) !== undefined) askRecord(core, from, delta, now);
  return false;
}

function refuse(core: CoreState, from: NodeId, outcome: number, delta: Uint8Array, now: Now): void {
  switch (outcome) {
    case APPLY_BAD_SIGNATURE:
      core.cells.add(CELLS.deltaProcessedBadSignature, 1);
      core.cells.add(CELLS.byzantineDetectionsInvalidSignature, 1);
      penalize(core, from, "signature");
      break;
    case APPLY_FORK:
      forked(core, from, delta, now);
      break;
    case APPLY_MALFORMED:
      // Validly signed: the author's fault, not the sender's. Its incarnation has ended.
      core.cells.add(CELLS.deltaProcessedMalformed, 1);
      core.cells.add(CELLS.byzantineDetectionsMalformedDelta, 1);
      core.proofs.ended(nameOf(decodeDeltaHeader(delta, 0)), delta);
      break;
    case APPLY_FULL:
      core.cells.add(CELLS.deltaProcessedFull, 1);
      break;
    case APPLY_DUPLICATE:
      core.cells.add(CELLS.deltaProcessedDuplicate, 1);
      break;
  }
}

/** So much of a frame stays with its only delta: less than a buffer of its own would cost. */
const FRAME_REST_BYTES = 64;
