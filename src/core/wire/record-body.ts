/** The body of an incarnation's record, read. Layout: assembly/layout.ts, docs/wire.md. */
import {
  HASH_BYTES,
  NODE_ID_BYTES,
  RECORD_BODY_BYTES,
  RECORD_CERT_HASH_OFFSET,
  RECORD_KEY_OFFSET,
  RECORD_NOT_AFTER_OFFSET,
  RECORD_NOT_BEFORE_OFFSET,
  RECORD_PREV_EPOCH_OFFSET,
  RECORD_PREV_NONCE_OFFSET,
} from "../../../assembly/layout.ts";
import type { RecordBody } from "./delta.ts";

export type { RecordBody } from "./delta.ts";

/** Reads the body at `offset` of a record that a scan has accepted. Hashes are views. */
export function decodeRecordBody(bytes: Uint8Array, offset: number): RecordBody {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, RECORD_BODY_BYTES);
  const slice = (at: number, length: number): Uint8Array =>
    bytes.subarray(offset + at, offset + at + length);
  return {
    key: slice(RECORD_KEY_OFFSET, NODE_ID_BYTES),
    certHash: slice(RECORD_CERT_HASH_OFFSET, HASH_BYTES),
    notBeforeMs: view.getBigUint64(RECORD_NOT_BEFORE_OFFSET, true),
    notAfterMs: view.getBigUint64(RECORD_NOT_AFTER_OFFSET, true),
    previousEpoch: view.getBigUint64(RECORD_PREV_EPOCH_OFFSET, true),
    previousNonce: view.getBigUint64(RECORD_PREV_NONCE_OFFSET, true),
  };
}
