/**
 * Replica: reads and judges the 160-byte header of a delta in place.
 *
 * What is judged here depends on the header's own bytes only; chain and body are the scan's.
 */
import {
  DELTA_BODY_BYTES_MAX,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_OPS_MAX,
  DELTA_PREV_HASH_OFFSET,
  DELTA_RESERVED_OFFSET,
  DELTA_RESERVED2_OFFSET,
  DELTA_VERSION_OFFSET,
  HASH_BYTES,
  KIND_OPERATIONS,
  KIND_RECORD,
  MESH_ID_BYTES,
  MESH_ID_OFFSET,
  RECORD_BODY_BYTES,
  RECORD_CREDENTIAL_BYTES_MAX,
  RECORD_PREV_EPOCH_OFFSET,
  WIRE_VERSION,
} from "../../../../assembly/layout.ts";
import { equalBytes } from "./bytes.ts";
import { INCARNATION_ID_BYTES } from "./identity.ts";

/** First seq of the delta at `at`; above 2^53 - 1 it is not exact, and refused elsewhere. */
export function firstSeqAt(view: DataView, at: number): number {
  return u64At(view, at + DELTA_FIRST_SEQ_OFFSET);
}

export function isRecordAt(view: DataView, at: number): boolean {
  return view.getUint8(at + DELTA_KIND_OFFSET) === KIND_RECORD;
}

/** A u64 as a number, exact up to 2^53. */
export function u64At(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

/** Why the delta cannot even be cut; "" when it can. */
export function cutFault(view: DataView, at: number): string {
  if (view.getUint8(at + DELTA_VERSION_OFFSET) !== WIRE_VERSION) return "version";
  const bodyBytes = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
  return bodyBytes > DELTA_BODY_BYTES_MAX ? "body_bytes" : "";
}

/** Why the header is malformed by itself; "" when it is not. */
export function headerFault(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  meshId: Uint8Array,
): string {
  const kind = view.getUint8(at + DELTA_KIND_OFFSET);
  if (kind !== KIND_RECORD && kind !== KIND_OPERATIONS) return "kind";
  if (view.getUint16(at + DELTA_RESERVED_OFFSET, true) !== 0) return "reserved";
  if (view.getUint32(at + DELTA_RESERVED2_OFFSET, true) !== 0) return "reserved";
  if (!equalBytes(bytes, at + MESH_ID_OFFSET, meshId, 0, MESH_ID_BYTES)) return "mesh";
  const count = view.getUint32(at + DELTA_COUNT_OFFSET, true);
  if (count < 1 || count > DELTA_OPS_MAX) return "count";
  const firstSeq = firstSeqAt(view, at);
  // Both: adding to a seq that is not exact may round it back into the safe range.
  if (!Number.isSafeInteger(firstSeq) || !Number.isSafeInteger(firstSeq + (count - 1)))
    return "seq";
  if (kind === KIND_OPERATIONS) return firstSeq === 0 ? "seq" : "";
  if (firstSeq !== 0) return "seq";
  if (count !== 1) return "count";
  const bodyBytes = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
  if (bodyBytes < RECORD_BODY_BYTES) return "body_bytes";
  return bodyBytes > RECORD_BODY_BYTES + RECORD_CREDENTIAL_BYTES_MAX ? "body_bytes" : "";
}

/**
 * Whether a record's body and header contradict each other: a first incarnation has a zero
 * prevHash and names none; a later one has a hash and names a lower (epoch, nonce).
 * @param id offset of author | epoch | nonce; @param body offset of the record body.
 */
export function recordContradicts(view: DataView, at: number, id: number, body: number): boolean {
  const prevEpoch = view.getBigUint64(body + RECORD_PREV_EPOCH_OFFSET, true);
  const prevNonce = view.getBigUint64(body + RECORD_PREV_EPOCH_OFFSET + 8, true);
  const prevHash = at + DELTA_PREV_HASH_OFFSET;
  let bits = 0;
  for (let i = 0; i < HASH_BYTES; i += 4) bits |= view.getUint32(prevHash + i, true);
  if (prevEpoch === 0n) return prevNonce !== 0n || bits !== 0;
  if (bits === 0) return true;
  const epoch = view.getBigUint64(id + INCARNATION_ID_BYTES - 16, true);
  const nonce = view.getBigUint64(id + INCARNATION_ID_BYTES - 8, true);
  return prevEpoch > epoch || (prevEpoch === epoch && prevNonce >= nonce);
}
