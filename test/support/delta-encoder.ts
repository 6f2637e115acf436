/**
 * A second encoder, apart from the one the core uses: tests write with it what they judge.
 *
 * Wire: encodes and decodes deltas (160-byte header | 64-byte signature | body), little-endian.
 *
 * Pure: hashes and signatures are parameters. The signature covers the 160 header bytes; the
 * delta's hash ("head hash") is BLAKE3 of the same bytes; the header commits to the body by its
 * BLAKE3. Offsets are those of assembly/layout.ts; docs/wire.md has the reasons.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_MAX,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_BODY_HASH_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_EPOCH_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_NONCE_OFFSET,
  DELTA_OPS_MAX,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  DELTA_VERSION_OFFSET,
  HASH_BYTES,
  KIND_OPERATIONS,
  KIND_RECORD,
  MESH_ID_BYTES,
  MESH_ID_OFFSET,
  NODE_ID_BYTES,
  RECORD_BODY_BYTES,
  RECORD_CERT_HASH_OFFSET,
  RECORD_KEY_OFFSET,
  RECORD_NOT_AFTER_OFFSET,
  RECORD_NOT_BEFORE_OFFSET,
  RECORD_PREV_EPOCH_OFFSET,
  RECORD_PREV_NONCE_OFFSET,
  SIGNATURE_BYTES,
  WIRE_VERSION,
} from "../../assembly/layout.ts";
import { nodeIdBytes, safeSeq, u64, unsigned } from "./operation-encoder.ts";

export {
  type Dot,
  encodeDots,
  encodeOperation,
  type OperationFields,
} from "./operation-encoder.ts";

/** The fields of a delta's header; the version is always WIRE_VERSION. */
export interface DeltaHeader {
  readonly kind: typeof KIND_RECORD | typeof KIND_OPERATIONS;
  /** Operations in the body, 1 to DELTA_OPS_MAX; 1 for a record. */
  readonly count: number;
  readonly bodyBytes: number;
  /** 16 bytes. */
  readonly meshId: Uint8Array;
  /** 64 lower-case hex digits. */
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  /** From 1; 0 for a record. */
  readonly firstSeq: number;
  /** 48-bit ms, 16-bit count. */
  readonly hlc: bigint;
  /** Hash of the delta before it; 32 bytes. */
  readonly prevHash: Uint8Array;
  /** BLAKE3 of the body; 32 bytes. */
  readonly bodyHash: Uint8Array;
}

/** The body of an incarnation's record, seq 0. */
export interface RecordBody {
  /** The incarnation's public key, 32 bytes. */
  readonly key: Uint8Array;
  /** 32 bytes; zeros in an open mesh. */
  readonly certHash: Uint8Array;
  /** Wall milliseconds, u64. */
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  /** The author's incarnation before this one; 0 and 0 when there is none. */
  readonly prevEpoch: bigint;
  readonly prevNonce: bigint;
}

/**
 * Encodes the bytes that are hashed and signed.
 * @returns 160 bytes, fresh.
 * @throws RangeError when a field has the wrong length or is out of range.
 */
export function encodeDeltaHeader(header: DeltaHeader): Uint8Array {
  const out = new Uint8Array(DELTA_HEADER_BYTES);
  const view = new DataView(out.buffer);
  out[DELTA_VERSION_OFFSET] = WIRE_VERSION;
  out[DELTA_KIND_OFFSET] = header.kind;
  view.setUint32(DELTA_COUNT_OFFSET, unsigned("count", header.count, DELTA_OPS_MAX), true);
  const bodyBytes = unsigned("bodyBytes", header.bodyBytes, DELTA_BODY_BYTES_MAX);
  view.setUint32(DELTA_BODY_BYTES_OFFSET, bodyBytes, true);
  out.set(exact("meshId", header.meshId, MESH_ID_BYTES), MESH_ID_OFFSET);
  out.set(nodeIdBytes(header.author), DELTA_AUTHOR_OFFSET);
  view.setBigUint64(DELTA_EPOCH_OFFSET, u64("epoch", header.epoch), true);
  view.setBigUint64(DELTA_NONCE_OFFSET, u64("nonce", header.nonce), true);
  view.setBigUint64(DELTA_FIRST_SEQ_OFFSET, BigInt(safeSeq(header.firstSeq)), true);
  view.setBigUint64(DELTA_HLC_OFFSET, u64("hlc", header.hlc), true);
  out.set(exact("prevHash", header.prevHash, HASH_BYTES), DELTA_PREV_HASH_OFFSET);
  out.set(exact("bodyHash", header.bodyHash, HASH_BYTES), DELTA_BODY_HASH_OFFSET);
  return out;
}

/**
 * Joins the three parts of a delta.
 * @param parts header of 160 bytes, signature of 64, body; borrowed.
 * @throws RangeError when a part has the wrong length.
 */
export function encodeDelta(parts: {
  readonly header: Uint8Array | DeltaHeader;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}): Uint8Array {
  const header =
    parts.header instanceof Uint8Array ? parts.header : encodeDeltaHeader(parts.header);
  const out = new Uint8Array(DELTA_PREFIX_BYTES + parts.body.length);
  out.set(exact("header", header, DELTA_HEADER_BYTES), 0);
  out.set(exact("signature", parts.signature, SIGNATURE_BYTES), DELTA_HEADER_BYTES);
  out.set(parts.body, DELTA_PREFIX_BYTES);
  return out;
}

/**
 * Encodes the body of an incarnation's record.
 * @returns 96 bytes, fresh.
 * @throws RangeError when a field has the wrong length or is out of range.
 */
export function encodeRecordBody(body: RecordBody): Uint8Array {
  const out = new Uint8Array(RECORD_BODY_BYTES);
  const view = new DataView(out.buffer);
  out.set(exact("key", body.key, NODE_ID_BYTES), RECORD_KEY_OFFSET);
  out.set(exact("certHash", body.certHash, HASH_BYTES), RECORD_CERT_HASH_OFFSET);
  view.setBigUint64(RECORD_NOT_BEFORE_OFFSET, u64("notBefore", body.notBefore), true);
  view.setBigUint64(RECORD_NOT_AFTER_OFFSET, u64("notAfter", body.notAfter), true);
  view.setBigUint64(RECORD_PREV_EPOCH_OFFSET, u64("prevEpoch", body.prevEpoch), true);
  view.setBigUint64(RECORD_PREV_NONCE_OFFSET, u64("prevNonce", body.prevNonce), true);
  return out;
}

/**
 * Decodes the header at `offset`; it does not judge it (frameScan does).
 * @returns copied fields; undefined when the bytes are too few, of another version or kind, or
 * name a sequence number above 2^53 - 1.
 */
export function decodeDeltaHeader(bytes: Uint8Array, offset: number): DeltaHeader | undefined {
  if (offset < 0 || bytes.length - offset < DELTA_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, DELTA_HEADER_BYTES);
  const kind = view.getUint8(DELTA_KIND_OFFSET);
  if (view.getUint8(DELTA_VERSION_OFFSET) !== WIRE_VERSION) return undefined;
  if (kind !== KIND_RECORD && kind !== KIND_OPERATIONS) return undefined;
  const firstSeq = Number(view.getBigUint64(DELTA_FIRST_SEQ_OFFSET, true));
  if (!Number.isSafeInteger(firstSeq)) return undefined;
  return {
    kind,
    count: view.getUint32(DELTA_COUNT_OFFSET, true),
    bodyBytes: view.getUint32(DELTA_BODY_BYTES_OFFSET, true),
    meshId: copy(bytes, offset + MESH_ID_OFFSET, MESH_ID_BYTES),
    author: nodeIdText(bytes, offset + DELTA_AUTHOR_OFFSET),
    epoch: view.getBigUint64(DELTA_EPOCH_OFFSET, true),
    nonce: view.getBigUint64(DELTA_NONCE_OFFSET, true),
    firstSeq,
    hlc: view.getBigUint64(DELTA_HLC_OFFSET, true),
    prevHash: copy(bytes, offset + DELTA_PREV_HASH_OFFSET, HASH_BYTES),
    bodyHash: copy(bytes, offset + DELTA_BODY_HASH_OFFSET, HASH_BYTES),
  };
}

function nodeIdText(bytes: Uint8Array, offset: number): string {
  let text = "";
  for (let i = 0; i < NODE_ID_BYTES; i++) {
    text += (bytes[offset + i] ?? 0).toString(16).padStart(2, "0");
  }
  return text;
}

/** A plain copy: `slice` of a Node Buffer would share its memory. */
function copy(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes.subarray(offset, offset + length));
  return out;
}

function exact(name: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new RangeError(`${name} must be ${length} bytes, got ${bytes.length}`);
}
