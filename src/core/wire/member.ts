/**
 * The member record: what a node says of itself to everyone, signed with its identity key because
 * it travels more than one hop. Of two records of one node the higher (epoch, counter) holds.
 * Layout: docs/wire.md, "Member record".
 */
import {
  KIND_MEMBER,
  MESH_ID_BYTES,
  NODE_ID_BYTES,
  RECORD_CREDENTIAL_BYTES_MAX,
  SIGNATURE_BYTES,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Bounds of one record; docs/LIMITS.md. */
export const MEMBER_ADDRESSES_MAX = 8;
export const MEMBER_ADDRESS_BYTES_MAX = 256;
export const MEMBER_LABEL_BYTES_MAX = 64;
export const MEMBER_BYTES_MAX = 5_120;

export interface MemberRecord {
  readonly id: NodeId;
  /** Life of the process: max(stored, seen, wall ms) + 1 at its start. */
  readonly epoch: bigint;
  /** Raised by each new record within one life. */
  readonly counter: number;
  /** True in the last record of a graceful leave. */
  readonly left: boolean;
  readonly region: string;
  readonly zone: string;
  /** Multiaddrs where it listens, most preferred first. */
  readonly addresses: readonly string[];
  /** Its credential (credential.ts), in a mesh that admits by certificate. */
  readonly credential?: Uint8Array;
}

export interface SignedMember {
  readonly record: MemberRecord;
  /** Signed bytes and signature, as they travel. */
  readonly bytes: Uint8Array;
  /** Whether nobody ever changes the bytes: they may be kept without a copy. */
  readonly shared?: boolean;
}

/** The bytes that the identity key signs. */
export function encodeMember(record: MemberRecord, meshId: Uint8Array): Uint8Array {
  const writer = new Writer(256)
    .u8(WIRE_VERSION)
    .u8(KIND_MEMBER)
    .u8(record.left ? 1 : 0)
    .u8(record.credential === undefined ? 0 : 1)
    .u32(record.counter)
    .u64(record.epoch)
    .bytes(meshId)
    .bytes(nodeIdToBytes(record.id))
    .text(record.region)
    .text(record.zone)
    .u16(record.addresses.length);
  for (const address of record.addresses) writer.text(address);
  const { credential } = record;
  if (credential !== undefined) writer.u16(credential.length).bytes(credential);
  return writer.finish();
}

/**
 * Decodes signed bytes followed by their signature. Undefined when malformed or of another mesh;
 * the signature is not checked here. `bytes` is kept.
 */
export function decodeMember(bytes: Uint8Array, meshId: Uint8Array): SignedMember | undefined {
  if (bytes.length > MEMBER_BYTES_MAX || bytes.length < SIGNATURE_BYTES) return undefined;
  const reader = new Reader(bytes.subarray(0, bytes.length - SIGNATURE_BYTES));
  if (reader.u8() !== WIRE_VERSION || reader.u8() !== KIND_MEMBER) return undefined;
  const left = reader.u8();
  const isCertified = reader.u8();
  if (left > 1 || isCertified > 1) return undefined;
  const counter = reader.u32();
  const epoch = reader.u64();
  if (!bytesEqual(reader.view(MESH_ID_BYTES), meshId)) return undefined;
  const id = reader.view(NODE_ID_BYTES);
  const region = reader.text(MEMBER_LABEL_BYTES_MAX);
  const zone = reader.text(MEMBER_LABEL_BYTES_MAX);
  const addresses: string[] = [];
  const count = reader.count(MEMBER_ADDRESSES_MAX);
  for (let i = 0; i < count; i++) addresses.push(reader.text(MEMBER_ADDRESS_BYTES_MAX));
  const credential = isCertified === 1 ? readCredential(reader) : undefined;
  if (!reader.finished) return undefined;
  const record: MemberRecord = {
    id: nodeIdFromBytes(id),
    epoch,
    counter,
    left: left === 1,
    region,
    zone,
    addresses,
    ...(credential === undefined ? {} : { credential }),
  };
  return { record, bytes };
}

function readCredential(reader: Reader): Uint8Array {
  return reader.view(reader.count(RECORD_CREDENTIAL_BYTES_MAX)).slice();
}

/** Whether `a` replaces `b`. */
export function isNewerMember(a: MemberRecord, b: MemberRecord): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.counter > b.counter);
}

/** Equal length and content. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a;
  if (length !== b.length) return false;
  const fours = length & ~3;
  let at = 0;
  // One branch for four bytes: most of what is compared is equal.
  for (; at < fours; at += 4) {
    const difference =
      ((a[at] as number) ^ (b[at] as number)) |
      ((a[at + 1] as number) ^ (b[at + 1] as number)) |
      ((a[at + 2] as number) ^ (b[at + 2] as number)) |
      ((a[at + 3] as number) ^ (b[at + 3] as number));
    if (difference !== 0) return false;
  }
  for (; at < length; at++) if (a[at] !== b[at]) return false;
  return true;
}
