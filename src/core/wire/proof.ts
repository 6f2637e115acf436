/**
 * A proof of equivocation: two signed headers of one incarnation that cannot both be honest, with
 * the incarnation's record when its key made the signatures, so that anybody can check it from the
 * bytes alone. Fields that the headers share are written once, and those with their usual value
 * left out. Layout: docs/wire.md.
 *
 * A proof is not signed: its two headers are. Several proofs of one author say the same.
 */
import {
  DELTA_BODY_BYTES_MAX,
  DELTA_HEADER_BYTES,
  DELTA_OPS_MAX,
  DELTA_PREFIX_BYTES,
  HASH_BYTES,
  KIND_OPERATIONS,
  KIND_RECORD,
  MESH_ID_BYTES,
  NODE_ID_BYTES,
  RECORD_BODY_BYTES,
  RECORD_CREDENTIAL_BYTES_MAX,
  SIGNATURE_BYTES,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import {
  type DeltaHeader,
  decodeDeltaHeader,
  encodeDeltaHeader,
  encodeRecordBody,
} from "./delta.ts";
import { Reader } from "./reader.ts";
import { decodeRecordBody, type RecordBody } from "./record-body.ts";
import { Writer } from "./writer.ts";

/**
 * Any proof. Those of an honest format, in an open mesh or at one place, take at most 512; beyond
 * are times or epochs past 2^48 ms, bodies of exactly 64 KiB, and headers that share no place
 * under a certified record.
 */
export const PROOF_BYTES_MAX = 564;

/** 160 header bytes and their signature. */
export interface SignedHeader {
  readonly bytes: Uint8Array;
  readonly header: DeltaHeader;
  readonly signature: Uint8Array;
}

/** A record: header, signature and the body that names the key. */
export interface SignedRecord extends SignedHeader {
  readonly body: Uint8Array;
}

export interface Proof {
  readonly author: NodeId;
  readonly bytes: Uint8Array;
  /** Undefined when the headers are records: the identity key signed them. */
  readonly record: SignedRecord | undefined;
  /** The one with the lower first seq comes first. */
  readonly headers: readonly [SignedHeader, SignedHeader];
}

/** Hashes a record's body, which the proof does not repeat. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** Cuts a delta into what a proof needs of it. Views into `delta`. */
export function signedHeaderOf(delta: Uint8Array): SignedHeader {
  return {
    bytes: delta.subarray(0, DELTA_HEADER_BYTES),
    header: decodeDeltaHeader(delta, 0),
    signature: delta.subarray(DELTA_HEADER_BYTES, DELTA_PREFIX_BYTES),
  };
}

/**
 * Encodes a proof.
 * @param record the incarnation's record delta; undefined when the headers are records.
 */
export function encodeProof(
  record: Uint8Array | undefined,
  headers: readonly [SignedHeader, SignedHeader],
): Uint8Array {
  const [first, second] = headers;
  const body = record === undefined ? undefined : decodeRecordBody(record, DELTA_PREFIX_BYTES);
  const signed = record === undefined ? undefined : signedHeaderOf(record);
  const flags = flagsOf(headers, signed?.header, body);
  const { meshId, author, epoch, nonce } = first.header;
  const writer = new Writer(PROOF_BYTES_MAX).u8(WIRE_VERSION).u8(flags);
  writer.bytes(meshId).bytes(nodeIdToBytes(author));
  time(writer, flags, epoch).u64(nonce);
  if (signed !== undefined && body !== undefined) encodeRecord(writer, flags, signed, body);
  encodeHeader(writer, flags, first, true);
  encodeHeader(writer, flags, second, (flags & SAME_PLACE) === 0);
  return writer.finish();
}

/** Undefined when the bytes are no proof; signatures are not checked here. */
export function decodeProof(bytes: Uint8Array, hash: Hash): Proof | undefined {
  if (bytes.length > PROOF_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  const version = reader.u8();
  const flags = reader.u8();
  if (version !== WIRE_VERSION) return undefined;
  const meshId = reader.view(MESH_ID_BYTES);
  const id = reader.view(NODE_ID_BYTES);
  const author = reader.ok ? nodeIdFromBytes(id) : "";
  const incarnation = { meshId, author, epoch: readTime(reader, flags), nonce: reader.u64() };
  const isRecords = (flags & RECORDS) !== 0;
  const record = isRecords ? undefined : decodeRecord(reader, flags, incarnation, hash);
  const first = decodeHeader(reader, flags, incarnation, undefined);
  const place = (flags & SAME_PLACE) === 0 ? undefined : first;
  const second = decodeHeader(reader, flags, incarnation, place);
  if (!reader.finished || first === undefined || second === undefined) return undefined;
  if (first.header.firstSeq > second.header.firstSeq) return undefined;
  return { author, bytes: bytes.slice(), record, headers: [first, second] };
}

type Incarnation = Pick<DeltaHeader, "meshId" | "author" | "epoch" | "nonce">;

function flagsOf(
  [{ header: first }, { header: second }]: readonly [SignedHeader, SignedHeader],
  record: DeltaHeader | undefined,
  body: RecordBody | undefined,
): number {
  const times = [first.epoch, BigInt(second.firstSeq)];
  let flags = 0;
  const samePrevious = equal(first.prevHash, second.prevHash);
  if (samePrevious && first.firstSeq === second.firstSeq) flags |= SAME_PLACE;
  if ([record, first, second].some((header) => trailerOf(header) > 0)) flags |= TRAILERS;
  if ([first, second].some(({ bodyBytes }) => bodyBytes > 0xffff)) flags |= LARGEST;
  if (record === undefined || body === undefined) flags |= RECORDS;
  else {
    times.push(body.notBeforeMs, body.previousEpoch);
    if (body.notAfterMs === FOREVER_MS) flags |= FOREVER;
    else times.push(body.notAfterMs);
    if (isZero(body.certHash)) flags |= NO_CERTIFICATE;
    if (isZero(record.prevHash) && body.previousEpoch === 0n && body.previousNonce === 0n) {
      flags |= FIRST_LIFE;
    }
  }
  return times.every((value) => value < NARROW_LIMIT) ? flags | NARROW : flags;
}

function encodeRecord(
  writer: Writer,
  flags: number,
  { header, signature }: SignedHeader,
  body: RecordBody,
): void {
  writer.bytes(body.key);
  if ((flags & NO_CERTIFICATE) === 0) writer.bytes(body.certHash);
  time(writer, flags, body.notBeforeMs);
  if ((flags & FOREVER) === 0) time(writer, flags, body.notAfterMs);
  if ((flags & FIRST_LIFE) === 0) {
    time(writer, flags, body.previousEpoch).u64(body.previousNonce).bytes(header.prevHash);
  }
  if ((flags & TRAILERS) !== 0) writer.u16(trailerOf(header));
  writer.u64(header.hlc).bytes(signature);
}

function decodeRecord(
  reader: Reader,
  flags: number,
  incarnation: Incarnation,
  hash: Hash,
): SignedRecord | undefined {
  const key = reader.view(NODE_ID_BYTES);
  const certHash = (flags & NO_CERTIFICATE) !== 0 ? ZERO_HASH : reader.view(HASH_BYTES);
  const notBeforeMs = readTime(reader, flags);
  const notAfterMs = (flags & FOREVER) !== 0 ? FOREVER_MS : readTime(reader, flags);
  const isFirst = (flags & FIRST_LIFE) !== 0;
  const previousEpoch = isFirst ? 0n : readTime(reader, flags);
  const previousNonce = isFirst ? 0n : reader.u64();
  const prevHash = isFirst ? ZERO_HASH : reader.view(HASH_BYTES);
  const bodyBytes = recordBytes(reader, flags);
  const hlc = reader.u64();
  const signature = reader.view(SIGNATURE_BYTES);
  if (!reader.ok) return undefined;
  const times = { notBeforeMs, notAfterMs, previousEpoch, previousNonce };
  const body = encodeRecordBody({ key, certHash, ...times });
  const fields = { kind: KIND_RECORD, count: 1, bodyBytes, firstSeq: 0 };
  const header = { ...incarnation, ...fields, hlc, prevHash, bodyHash: hash(body) };
  return { bytes: encodeDeltaHeader(header), header, signature, body };
}

function encodeHeader(
  writer: Writer,
  flags: number,
  { header, signature }: SignedHeader,
  withPlace: boolean,
): void {
  if ((flags & RECORDS) === 0) {
    writer.u8(header.count - 1).u16(header.bodyBytes & 0xffff);
    if ((flags & LARGEST) !== 0) writer.u8(header.bodyBytes >> 16);
    if (withPlace) time(writer, flags, BigInt(header.firstSeq));
  } else if ((flags & TRAILERS) !== 0) writer.u16(trailerOf(header));
  if (withPlace) writer.bytes(header.prevHash);
  writer.u64(header.hlc).bytes(header.bodyHash).bytes(signature);
}

/** @param place the header whose place this one shares. */
function decodeHeader(
  reader: Reader,
  flags: number,
  incarnation: Incarnation,
  place: SignedHeader | undefined,
): SignedHeader | undefined {
  let fields = { kind: KIND_RECORD, count: 1, bodyBytes: RECORD_BODY_BYTES, firstSeq: 0 };
  if ((flags & RECORDS) !== 0) {
    fields = { ...fields, bodyBytes: recordBytes(reader, flags) };
  } else {
    const count = reader.u8() + 1;
    const low = reader.u16();
    const bodyBytes = (flags & LARGEST) === 0 ? low : low + reader.u8() * 65_536;
    const firstSeq = place?.header.firstSeq ?? Number(readTime(reader, flags));
    if (count > DELTA_OPS_MAX || bodyBytes > DELTA_BODY_BYTES_MAX || firstSeq < 1) reader.fail();
    if (!Number.isSafeInteger(firstSeq + count)) reader.fail();
    fields = { kind: KIND_OPERATIONS, count, bodyBytes, firstSeq };
  }
  const prevHash = place?.header.prevHash ?? reader.view(HASH_BYTES);
  const hlc = reader.u64();
  const bodyHash = reader.view(HASH_BYTES);
  const signature = reader.view(SIGNATURE_BYTES);
  if (!reader.ok) return undefined;
  const header = { ...incarnation, ...fields, hlc, prevHash, bodyHash };
  return { bytes: encodeDeltaHeader(header), header, signature };
}

/** Bytes of the credential behind a record; none behind operations. */
function trailerOf(header: DeltaHeader | undefined): number {
  return header?.kind === KIND_RECORD ? header.bodyBytes - RECORD_BODY_BYTES : 0;
}

/** The length of a record's body, its credential included. */
function recordBytes(reader: Reader, flags: number): number {
  const trailer = (flags & TRAILERS) === 0 ? 0 : reader.count(RECORD_CREDENTIAL_BYTES_MAX);
  return RECORD_BODY_BYTES + trailer;
}

/** A time, epoch or seq: 48 bits where all of a proof's fit, else 64. */
function time(writer: Writer, flags: number, value: bigint): Writer {
  if ((flags & NARROW) === 0) return writer.u64(value);
  return writer.u32(Number(value & 0xffff_ffffn)).u16(Number(value >> 32n));
}

function readTime(reader: Reader, flags: number): bigint {
  if ((flags & NARROW) === 0) return reader.u64();
  const low = BigInt(reader.u32());
  return (BigInt(reader.u16()) << 32n) | low;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Both headers are records, of seq 0. */
const RECORDS = 1;
/** Same first seq and same previous hash, written once. */
const SAME_PLACE = 2;
const NO_CERTIFICATE = 4;
/** No incarnation before it. */
const FIRST_LIFE = 8;
/** The record does not expire. */
const FOREVER = 16;
const NARROW = 32;
/** A credential follows a record, whose length is written. */
const TRAILERS = 64;
/** A body takes 2^16 bytes, so that their number takes three. */
const LARGEST = 128;
const NARROW_LIMIT = 1n << 48n;
const FOREVER_MS = 0xffff_ffff_ffff_ffffn;
const ZERO_HASH = new Uint8Array(HASH_BYTES);
