/**
 * The delta on the wire: 160-byte header, 64-byte signature, body of operations. Encoding for the
 * author, header decoding for everyone; hashing and signing are the caller's. The kernels' own
 * decoder is the judge of a delta. Layout: assembly/layout.ts, docs/wire.md.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_BODY_HASH_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_EPOCH_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_NONCE_OFFSET,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  DELTA_VERSION_OFFSET,
  MESH_ID_OFFSET,
  OP_COUNTER,
  OP_EVENT,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  RECORD_BODY_BYTES,
  RECORD_CERT_HASH_OFFSET,
  RECORD_KEY_OFFSET,
  RECORD_NOT_AFTER_OFFSET,
  RECORD_NOT_BEFORE_OFFSET,
  RECORD_PREV_EPOCH_OFFSET,
  RECORD_PREV_NONCE_OFFSET,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import { u32At, u48At, u64NumberAt } from "./bytes-at.ts";
import { Writer } from "./writer.ts";

/** One operation, as its author says it. Texts are UTF-8 on the wire. */
export type Operation =
  | {
      readonly kind: "register.set" | "map.set";
      readonly collection: string;
      readonly key: string;
      readonly codec: number;
      readonly value: Uint8Array;
    }
  | { readonly kind: "map.delete"; readonly collection: string; readonly key: string }
  | {
      /** Running totals of the incarnation, u64 each. */
      readonly kind: "counter.add";
      readonly collection: string;
      readonly key: string;
      readonly plus: bigint;
      readonly minus: bigint;
    }
  | {
      readonly kind: "set.add";
      readonly collection: string;
      readonly key: string;
      readonly element: string;
    }
  | {
      readonly kind: "set.remove";
      readonly collection: string;
      readonly key: string;
      readonly element: string;
      /** DOT_BYTES each. */
      readonly dots: Uint8Array;
    }
  | {
      /** i64 micro-units and a positive weight. */
      readonly kind: "gauge.set";
      readonly collection: string;
      readonly key: string;
      readonly value: bigint;
      readonly weight: bigint;
    }
  | {
      readonly kind: "event.publish";
      readonly collection: string;
      readonly codec: number;
      readonly value: Uint8Array;
    };

export interface DeltaHeader {
  /** KIND_RECORD or KIND_OPERATIONS. */
  readonly kind: number;
  readonly count: number;
  readonly bodyBytes: number;
  readonly meshId: Uint8Array;
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly firstSeq: number;
  readonly hlc: bigint;
  readonly prevHash: Uint8Array;
  readonly bodyHash: Uint8Array;
}

/** The body of an incarnation's record. Times in wall ms. */
export interface RecordBody {
  readonly key: Uint8Array;
  readonly certHash: Uint8Array;
  readonly notBeforeMs: bigint;
  readonly notAfterMs: bigint;
  readonly previousEpoch: bigint;
  readonly previousNonce: bigint;
}

export function encodeOperation(operation: Operation): Uint8Array {
  const writer = new Writer();
  writeOperation(writer, operation);
  return writer.finish();
}

/** Lays an operation behind what the writer holds. */
export function writeOperation(writer: Writer, operation: Operation): void {
  const at = writer.length;
  writer
    .u8(OP_KIND[operation.kind])
    .u8("codec" in operation ? operation.codec : 0)
    .u16(0)
    .u16(0)
    .u16(0)
    .u32(0);
  // Lengths are known once what they count is written.
  writer.u16At(at + 2, writer.utf8(operation.collection));
  writer.u16At(at + 4, writer.utf8("key" in operation ? operation.key : ""));
  writer.u16At(at + 6, writer.utf8("element" in operation ? operation.element : ""));
  const from = writer.length;
  writePayload(writer, operation);
  writer.u32At(at + 8, writer.length - from);
}

/** Bytes that an operation takes at the most, without looking at its texts. */
export function operationBytesAtMost(operation: Operation): number {
  const texts =
    operation.collection.length +
    ("key" in operation ? operation.key.length : 0) +
    ("element" in operation ? operation.element.length : 0);
  // UTF-8 takes at most 3 bytes per UTF-16 unit.
  return OPERATION_HEAD_BYTES + 3 * texts + payloadBytes(operation);
}

/** The 160 bytes that are signed. */
export function encodeDeltaHeader(header: DeltaHeader): Uint8Array {
  const bytes = new Uint8Array(DELTA_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(DELTA_VERSION_OFFSET, WIRE_VERSION);
  view.setUint8(DELTA_KIND_OFFSET, header.kind);
  view.setUint32(DELTA_COUNT_OFFSET, header.count, true);
  view.setUint32(DELTA_BODY_BYTES_OFFSET, header.bodyBytes, true);
  bytes.set(header.meshId, MESH_ID_OFFSET);
  bytes.set(nodeIdToBytes(header.author), DELTA_AUTHOR_OFFSET);
  view.setBigUint64(DELTA_EPOCH_OFFSET, header.epoch, true);
  view.setBigUint64(DELTA_NONCE_OFFSET, header.nonce, true);
  view.setBigUint64(DELTA_FIRST_SEQ_OFFSET, BigInt(header.firstSeq), true);
  view.setBigUint64(DELTA_HLC_OFFSET, header.hlc, true);
  bytes.set(header.prevHash, DELTA_PREV_HASH_OFFSET);
  bytes.set(header.bodyHash, DELTA_BODY_HASH_OFFSET);
  return bytes;
}

/** Header, signature and body laid end to end. */
export function encodeDelta(
  header: Uint8Array,
  signature: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(DELTA_PREFIX_BYTES + body.length);
  bytes.set(header, 0);
  bytes.set(signature, DELTA_HEADER_BYTES);
  bytes.set(body, DELTA_PREFIX_BYTES);
  return bytes;
}

/** Reads the header of a delta that a scan has accepted. Hashes are views into `bytes`. */
export function decodeDeltaHeader(bytes: Uint8Array, offset: number): DeltaHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, DELTA_HEADER_BYTES);
  const slice = (at: number, length: number): Uint8Array =>
    bytes.subarray(offset + at, offset + at + length);
  return {
    kind: view.getUint8(DELTA_KIND_OFFSET),
    count: view.getUint32(DELTA_COUNT_OFFSET, true),
    bodyBytes: view.getUint32(DELTA_BODY_BYTES_OFFSET, true),
    meshId: slice(MESH_ID_OFFSET, 16),
    author: nodeIdFromBytes(bytes, offset + DELTA_AUTHOR_OFFSET),
    epoch: view.getBigUint64(DELTA_EPOCH_OFFSET, true),
    nonce: view.getBigUint64(DELTA_NONCE_OFFSET, true),
    firstSeq: Number(view.getBigUint64(DELTA_FIRST_SEQ_OFFSET, true)),
    hlc: view.getBigUint64(DELTA_HLC_OFFSET, true),
    prevHash: slice(DELTA_PREV_HASH_OFFSET, 32),
    bodyHash: slice(DELTA_BODY_HASH_OFFSET, 32),
  };
}

/** Operations of the whole delta at `at`. */
export function operationCountOf(bytes: Uint8Array, at = 0): number {
  return u32At(bytes, at + DELTA_COUNT_OFFSET);
}

/** The first seq of the whole delta at `at`. */
export function firstSeqOf(bytes: Uint8Array, at = 0): number {
  return u64NumberAt(bytes, at + DELTA_FIRST_SEQ_OFFSET);
}

/** The last seq of a whole delta: all that a place in its chain needs of the header. */
export function lastSeqOf(delta: Uint8Array): number {
  return firstSeqOf(delta) + operationCountOf(delta) - 1;
}

/** The wall ms in the stamp of the whole delta at `at`: all of it but the count (state/hlc.ts). */
export function stampMsOf(bytes: Uint8Array, at = 0): number {
  return u48At(bytes, at + DELTA_HLC_OFFSET + 2);
}

export function encodeRecordBody(record: RecordBody): Uint8Array {
  const bytes = new Uint8Array(RECORD_BODY_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(record.key, RECORD_KEY_OFFSET);
  bytes.set(record.certHash, RECORD_CERT_HASH_OFFSET);
  view.setBigUint64(RECORD_NOT_BEFORE_OFFSET, record.notBeforeMs, true);
  view.setBigUint64(RECORD_NOT_AFTER_OFFSET, record.notAfterMs, true);
  view.setBigUint64(RECORD_PREV_EPOCH_OFFSET, record.previousEpoch, true);
  view.setBigUint64(RECORD_PREV_NONCE_OFFSET, record.previousNonce, true);
  return bytes;
}

function writePayload(writer: Writer, operation: Operation): void {
  switch (operation.kind) {
    case "register.set":
    case "map.set":
    case "event.publish":
      writer.bytes(operation.value);
      return;
    case "counter.add":
      writer.u64(operation.plus).u64(operation.minus);
      return;
    case "gauge.set":
      writer.u64(BigInt.asUintN(64, operation.value)).u64(operation.weight);
      return;
    case "set.remove":
      writer.bytes(operation.dots);
      return;
    case "map.delete":
    case "set.add":
      return;
  }
}

function payloadBytes(operation: Operation): number {
  if ("value" in operation && operation.value instanceof Uint8Array) return operation.value.length;
  return operation.kind === "set.remove" ? operation.dots.length : NUMBERS_BYTES;
}

const OP_KIND: Readonly<Record<Operation["kind"], number>> = {
  "register.set": OP_REGISTER_SET,
  "map.set": OP_MAP_SET,
  "map.delete": OP_MAP_DELETE,
  "counter.add": OP_COUNTER,
  "set.add": OP_SET_ADD,
  "set.remove": OP_SET_REMOVE,
  "gauge.set": OP_GAUGE,
  "event.publish": OP_EVENT,
};
/** Kind, codec and the four lengths. */
const OPERATION_HEAD_BYTES = 12;
/** Two u64. */
const NUMBERS_BYTES = 16;
