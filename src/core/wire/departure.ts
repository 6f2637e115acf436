/**
 * A statement that a member has been unreachable for `departAfterMs`, signed with the identity key
 * of the member who says so, because it travels more than one hop and a quorum of them ends a
 * membership. Layout: docs/wire.md, "Departure statement".
 */
import {
  KIND_DEPARTURE,
  MESH_ID_BYTES,
  NODE_ID_BYTES,
  SIGNATURE_BYTES,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import { bytesEqual } from "./member.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Statements in one frame. */
export const DEPART_STATEMENTS_MAX = 256;
/** Length of a signed statement. */
export const STATEMENT_BYTES = 32 + 2 * NODE_ID_BYTES + SIGNATURE_BYTES;

export interface Departure {
  readonly member: NodeId;
  /** The member record that is ended; a newer one of the member undoes the statement. */
  readonly epoch: bigint;
  readonly counter: number;
  /** Who signs. */
  readonly by: NodeId;
}

export interface SignedDeparture {
  readonly departure: Departure;
  /** Signed bytes and signature, as they travel. */
  readonly bytes: Uint8Array;
}

/** The bytes that the identity key signs. */
export function encodeDeparture(departure: Departure, meshId: Uint8Array): Uint8Array {
  return new Writer(STATEMENT_BYTES)
    .u8(WIRE_VERSION)
    .u8(KIND_DEPARTURE)
    .u16(0)
    .u32(departure.counter)
    .u64(departure.epoch)
    .bytes(meshId)
    .bytes(nodeIdToBytes(departure.member))
    .bytes(nodeIdToBytes(departure.by))
    .finish();
}

/**
 * Decodes signed bytes followed by their signature. Undefined when malformed or of another mesh;
 * the signature is not checked here. `bytes` is kept.
 */
export function decodeDeparture(
  bytes: Uint8Array,
  meshId: Uint8Array,
): SignedDeparture | undefined {
  if (bytes.length !== STATEMENT_BYTES) return undefined;
  const reader = new Reader(bytes);
  if (reader.u8() !== WIRE_VERSION || reader.u8() !== KIND_DEPARTURE) return undefined;
  if (reader.u16() !== 0) return undefined;
  const counter = reader.u32();
  const epoch = reader.u64();
  if (!bytesEqual(reader.view(MESH_ID_BYTES), meshId)) return undefined;
  const member = nodeIdFromBytes(reader.view(NODE_ID_BYTES));
  const by = nodeIdFromBytes(reader.view(NODE_ID_BYTES));
  return { departure: { member, epoch, counter, by }, bytes };
}
