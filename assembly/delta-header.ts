// Reads and judges the 160-byte header of a delta in place. What is judged here depends on the
// header's own bytes (and a record's body) only; chain and body hash are the scan's.

import { equalBytes } from "./bytes";
import { ID_BYTES } from "./identity";
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_MAX,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HLC_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_OPS_MAX,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  DELTA_RESERVED_OFFSET,
  DELTA_RESERVED2_OFFSET,
  DELTA_VERSION_OFFSET,
  KIND_OPERATIONS,
  KIND_RECORD,
  MESH_ID_BYTES,
  MESH_ID_OFFSET,
  REASON_BODY_BYTES,
  REASON_COUNT,
  REASON_KIND,
  REASON_MESH,
  REASON_NONE,
  REASON_RESERVED,
  REASON_SEQ,
  REASON_VERSION,
  RECORD_BODY_BYTES,
  RECORD_CREDENTIAL_BYTES_MAX,
  RECORD_PREV_EPOCH_OFFSET,
  WIRE_VERSION,
} from "./layout";
import { MESH } from "./replica-record";

/** Numbers above are not exact in the host. */
export const SAFE_SEQ: u64 = 9007199254740991; // 2^53 - 1

export function firstSeqOf(delta: usize): u64 {
  return load<u64>(delta, DELTA_FIRST_SEQ_OFFSET);
}

export function countOf(delta: usize): u32 {
  return load<u32>(delta, DELTA_COUNT_OFFSET);
}

export function bodyBytesOf(delta: usize): u32 {
  return load<u32>(delta, DELTA_BODY_BYTES_OFFSET);
}

export function hlcOf(delta: usize): u64 {
  return load<u64>(delta, DELTA_HLC_OFFSET);
}

export function isRecord(delta: usize): bool {
  return load<u8>(delta, DELTA_KIND_OFFSET) == KIND_RECORD;
}

/** Why the delta cannot even be cut. */
export function cutFault(delta: usize): u32 {
  if (load<u8>(delta, DELTA_VERSION_OFFSET) != WIRE_VERSION) return REASON_VERSION;
  return bodyBytesOf(delta) > <u32>DELTA_BODY_BYTES_MAX ? REASON_BODY_BYTES : REASON_NONE;
}

/** Why the header is malformed by itself. */
export function headerFault(replica: usize, delta: usize): u32 {
  const kind: u32 = load<u8>(delta, DELTA_KIND_OFFSET);
  if (kind != KIND_RECORD && kind != KIND_OPERATIONS) return REASON_KIND;
  if (load<u16>(delta, DELTA_RESERVED_OFFSET) != 0) return REASON_RESERVED;
  if (load<u32>(delta, DELTA_RESERVED2_OFFSET) != 0) return REASON_RESERVED;
  if (!equalBytes(delta + MESH_ID_OFFSET, replica + MESH, MESH_ID_BYTES)) return REASON_MESH;
  const count = countOf(delta);
  if (count < 1 || count > <u32>DELTA_OPS_MAX) return REASON_COUNT;
  const firstSeq = firstSeqOf(delta);
  if (firstSeq > SAFE_SEQ || firstSeq + (count - 1) > SAFE_SEQ) return REASON_SEQ;
  if (kind == KIND_OPERATIONS) return firstSeq == 0 ? REASON_SEQ : REASON_NONE;
  if (firstSeq != 0) return REASON_SEQ;
  if (count != 1) return REASON_COUNT;
  const bodyBytes = bodyBytesOf(delta);
  if (bodyBytes < <u32>RECORD_BODY_BYTES) return REASON_BODY_BYTES;
  return bodyBytes > <u32>(RECORD_BODY_BYTES + RECORD_CREDENTIAL_BYTES_MAX)
    ? REASON_BODY_BYTES
    : REASON_NONE;
}

/**
 * Whether a record's body and header contradict each other: a first incarnation has a zero
 * prevHash and names none; a later one has a hash and names a lower (epoch, nonce).
 */
export function recordContradicts(delta: usize): bool {
  const body = delta + DELTA_PREFIX_BYTES + RECORD_PREV_EPOCH_OFFSET;
  const prevEpoch = load<u64>(body);
  const prevNonce = load<u64>(body, 8);
  const low = v128.load(delta, DELTA_PREV_HASH_OFFSET);
  const high = v128.load(delta, DELTA_PREV_HASH_OFFSET + 16);
  const hasPrevious = v128.any_true(v128.or(low, high));
  if (prevEpoch == 0) return prevNonce != 0 || hasPrevious;
  if (!hasPrevious) return true;
  const times = delta + DELTA_AUTHOR_OFFSET + ID_BYTES - 16;
  const epoch = load<u64>(times);
  return prevEpoch > epoch || (prevEpoch == epoch && prevNonce >= load<u64>(times, 8));
}
