/**
 * Deltas that turned out to be missing in a gap: they are checked against the chain around it and
 * go into the log; the replica is then made anew from it, since an operation of a set must come in
 * its place (docs/decisions/0017-compaction.md).
 */
import {
  DELTA_BODY_BYTES_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
  KIND_OPERATIONS,
} from "../../../assembly/layout.ts";
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import type { SignatureCheck } from "../outputs.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { isCertified } from "../trust/certified-rows.ts";
import { type DeltaHeader, decodeDeltaHeader, lastSeqOf } from "../wire/delta.ts";
import { bytesEqual } from "../wire/member.ts";
import { type CarriedDeltas, isStub, NO_STUBS } from "../wire/stub.ts";

/** What goes in front of a stub, or in its place. */
export interface Filling {
  readonly row: number;
  /** The stub, as it is in the log. */
  readonly stub: Uint8Array;
  readonly deltas: Uint8Array[];
}

/**
 * The fillings that a frame brings.
 * @returns undefined when something of it does not belong into a gap of the own log: malformed, or
 *   the gap is not there any more.
 */
export function fillingsIn(core: CoreState, frame: CarriedDeltas): readonly Filling[] | undefined {
  const fillings: Filling[] = [];
  for (const delta of cut(frame) ?? [NOTHING]) {
    const gap = delta.length > 0 ? gapAround(core, delta) : undefined;
    if (gap === undefined) return undefined;
    const last = fillings.at(-1);
    const begun = last?.stub === gap.stub ? last : undefined;
    const before = begun === undefined ? gap.before : begun.deltas.at(-1);
    if (before === undefined || !follows(core, before, delta)) return undefined;
    if (begun !== undefined) begun.deltas.push(delta);
    else fillings.push({ row: gap.row, stub: gap.stub, deltas: [delta] });
  }
  const isWhole = fillings.every(({ stub, deltas }) => {
    const last = deltas.at(-1);
    return last !== undefined && (isTwin(stub, last) || follows(core, last, stub));
  });
  return isWhole ? fillings : undefined;
}

/** The signatures that must hold. */
export function fillingChecks(core: CoreState, fillings: readonly Filling[]): SignatureCheck[] {
  return fillings.flatMap(({ row, deltas }) => {
    const key = core.replica.headAt(row)?.key ?? NOTHING;
    return deltas.map((delta) => ({
      publicKey: key,
      message: delta.subarray(0, DELTA_HEADER_BYTES),
      signature: delta.subarray(DELTA_HEADER_BYTES, DELTA_PREFIX_BYTES),
    }));
  });
}

/** Puts what was verified into the log, where the gap is still what it was. */
export function fill(core: CoreState, fillings: readonly Filling[], now: Now): void {
  for (const { row, stub, deltas } of fillings) {
    const bytes = deltas.reduce((sum, { length }) => sum + length, 0);
    if (!core.log.fits(bytes) || !core.log.fill(row, stub, deltas)) continue;
    core.compaction.cancel();
    const whole = deltas.filter((delta) => !isStub(delta));
    core.cells.add(CELLS.deltaProcessedFilled, whole.length);
    core.rebuilding.fill(whole);
    core.rebuilding.ask(FILL_REBUILD_INTERVAL_MS, now);
  }
}

/** Copies of the deltas and stubs of a frame; undefined when it cannot be cut. */
function cut({ deltas, stubs = NO_STUBS }: CarriedDeltas): Uint8Array[] | undefined {
  const view = new DataView(deltas.buffer, deltas.byteOffset, deltas.length);
  const parts: Uint8Array[] = [];
  let nextStub = 0;
  for (let at = 0; at < deltas.length; ) {
    if (at + DELTA_PREFIX_BYTES > deltas.length) return undefined;
    const isCut = stubs[nextStub] === parts.length;
    if (isCut) nextStub += 1;
    const bodyBytes = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
    if (bodyBytes === 0) return undefined;
    const end = at + DELTA_PREFIX_BYTES + (isCut ? 0 : bodyBytes);
    if (end > deltas.length) return undefined;
    parts.push(deltas.slice(at, end));
    at = end;
  }
  return parts;
}

/** The gap of the own log in which a delta lies, if its own bytes are sound. */
function gapAround(core: CoreState, delta: Uint8Array) {
  const header = decodeDeltaHeader(delta, 0);
  const { author, epoch, nonce, firstSeq, count } = header;
  if (header.kind !== KIND_OPERATIONS || count < 1 || !Number.isSafeInteger(firstSeq + count)) {
    return undefined;
  }
  if (!bytesEqual(header.meshId, core.config.meshId) || !isBodyWhole(core, delta, header)) {
    return undefined;
  }
  const row = core.replica.head(author, epoch, nonce)?.row;
  if (row === undefined || core.proofs.has(author) || !isCertified(core, delta)) return undefined;
  const gap = core.log.gapAt(row, firstSeq);
  if (gap === undefined || lastSeqOf(delta) > lastSeqOf(gap.stub)) return undefined;
  return firstSeq > lastSeqOf(gap.before) ? { row, ...gap } : undefined;
}

function isBodyWhole(core: CoreState, delta: Uint8Array, { bodyHash }: DeltaHeader): boolean {
  if (isStub(delta)) return true;
  const { blake3 } = core.deps.kernels;
  return bytesEqual(blake3(delta.subarray(DELTA_PREFIX_BYTES)), bodyHash);
}

/** Whether a delta may stand behind another: next to it in the chain, or a stub over a gap. */
function follows(core: CoreState, before: Uint8Array, delta: Uint8Array): boolean {
  const { firstSeq, prevHash } = decodeDeltaHeader(delta, 0);
  const last = lastSeqOf(before);
  if (firstSeq !== last + 1) return firstSeq > last && isStub(delta);
  const hash = core.deps.kernels.blake3(before.subarray(0, DELTA_HEADER_BYTES));
  return bytesEqual(prevHash, hash);
}

/** Whether the stub is this delta's own. */
function isTwin(stub: Uint8Array, delta: Uint8Array): boolean {
  const header = delta.subarray(0, DELTA_HEADER_BYTES);
  return bytesEqual(stub.subarray(0, DELTA_HEADER_BYTES), header);
}

const NOTHING = new Uint8Array(0);
/** A peer's answers make the replica anew at most this often. */
const FILL_REBUILD_INTERVAL_MS = 60_000;
