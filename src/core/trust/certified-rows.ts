/**
 * Holds the deltas of a scan to the certificates of their authors. An incarnation's record brings
 * its credential along, which its certHash names; every stamp of the incarnation must lie in the
 * certificate's time. All of it follows from the delta and its incarnation's record. A cut record, whose
 * credential has gone, says the same times under its author's signature; whether another record stands
 * for it is asked where it is merged (vouching.ts).
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_PREFIX_BYTES,
  KIND_RECORD,
  RECORD_BODY_BYTES,
} from "../../../assembly/layout.ts";
import { SCAN_VERIFY, type Scan } from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import { nodeIdFromBytes } from "../node-id.ts";
import { decodeDeltaHeader, stampMsOf } from "../wire/delta.ts";
import { decodeRecordBody } from "../wire/record-body.ts";
import { isCutRecord } from "../wire/stub.ts";
import { type CertificateFault, covers, type Judged } from "./certificates.ts";

/** Times in wall ms. */
interface Span {
  readonly notBefore: number;
  readonly notAfter: number;
}

type RowVerdict = Judged | CertificateFault | undefined;

/**
 * Judges the rows of one scan; ask about them in order, each once.
 * @returns for a row that may be applied: its credential when it is a record, a fault, or undefined
 *   when there is nothing to say against it. Signatures are still to be verified.
 */
export function certifiedRows(
  core: CoreState,
  bytes: Uint8Array,
  scan: Scan,
): (row: number) => RowVerdict {
  const { certificates } = core;
  /** Records of this very scan; in an open mesh nobody asks. */
  const spans = certificates.isRequired ? new Map<string, Span | CertificateFault>() : undefined;
  const record = (at: number, length: number): RowVerdict => {
    const delta = bytes.subarray(at, at + length);
    const isCut = isCutRecord(delta);
    const judged = isCut ? judgeCut(core, delta) : judgeRecord(core, delta);
    if (spans === undefined) return judged;
    const isLeft = isCut && judged === undefined;
    spans.set(nameAt(bytes, at), isLeft ? claimedSpan(delta) : spanOf(judged));
    return judged;
  };
  return (row) => {
    if (scan.statuses[row] !== SCAN_VERIFY) return undefined;
    const at = scan.offsets[row] ?? 0;
    if (bytes[at + DELTA_KIND_OFFSET] === KIND_RECORD) return record(at, scan.lengths[row] ?? 0);
    if (spans === undefined) return undefined;
    const span = spans.get(nameAt(bytes, at)) ?? heldSpan(core, bytes, at);
    if (typeof span === "string") return span;
    return covers(span, stampMsOf(bytes, at)) ? undefined : "time";
  };
}

/** Whether the stamp of a delta lies in the time of its author's certificate. */
export function isCertified(core: CoreState, delta: Uint8Array): boolean {
  if (!core.certificates.isRequired) return true;
  const span = heldSpan(core, delta, 0);
  return typeof span !== "string" && covers(span, stampMsOf(delta));
}

/** What the credential behind an incarnation's record says. */
function judgeRecord(core: CoreState, record: Uint8Array): RowVerdict {
  const author = nodeIdFromBytes(record, DELTA_AUTHOR_OFFSET);
  const credential = credentialOf(record);
  const judged = core.certificates.judge(author, credential);
  if (judged === undefined || typeof judged === "string") return judged;
  const { notBefore, notAfter } = judged.certificate;
  const { notBeforeMs, notAfterMs } = decodeRecordBody(record, DELTA_PREFIX_BYTES);
  if (notBeforeMs !== BigInt(notBefore) || notAfterMs !== BigInt(notAfter)) return "time";
  return covers(judged.certificate, stampMsOf(record)) ? judged : "time";
}

/** What a record without its credential says by itself. */
function judgeCut({ certificates }: CoreState, record: Uint8Array): CertificateFault | undefined {
  if (!certificates.isRequired) return "unexpected";
  return covers(claimedSpan(record), stampMsOf(record)) ? undefined : "time";
}

/** The times in a record's body: its certificate's, where it was whole when it was taken. */
function claimedSpan(record: Uint8Array): Span {
  const { notBeforeMs, notAfterMs } = decodeRecordBody(record, DELTA_PREFIX_BYTES);
  return { notBefore: Number(notBeforeMs), notAfter: Number(notAfterMs) };
}

/** The credential behind an incarnation's record; empty in an open mesh. */
export function credentialOf(record: Uint8Array): Uint8Array {
  return record.subarray(DELTA_PREFIX_BYTES + RECORD_BODY_BYTES);
}

function spanOf(judged: RowVerdict): Span | CertificateFault {
  if (judged === undefined) return "missing";
  return typeof judged === "string" ? judged : judged.certificate;
}

/** Of an incarnation whose record was taken before. */
function heldSpan(core: CoreState, bytes: Uint8Array, at: number): Span | CertificateFault {
  const { author, epoch, nonce } = decodeDeltaHeader(bytes, at);
  const head = core.replica.head(author, epoch, nonce);
  const record = head && core.log.covering(head.row, 0);
  return record === undefined ? "missing" : claimedSpan(record);
}

function nameAt(bytes: Uint8Array, at: number): string {
  const { author, epoch, nonce } = decodeDeltaHeader(bytes, at);
  return `${author} ${epoch} ${nonce}`;
}
