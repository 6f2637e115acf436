/**
 * The direct message between two agents, signed with the sending node's identity key so that a
 * later relay cannot alter it. Layout: docs/wire.md, "Direct message".
 */
import {
  KIND_MESSAGE,
  MESH_ID_BYTES,
  NODE_ID_BYTES,
  SIGNATURE_BYTES,
  VALUE_BYTES_MAX,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import { bytesEqual } from "./member.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export const AGENT_NAME_BYTES_MAX = 128;

export interface DirectMessage {
  /** Unique per sending node's life; also the ticket of the answer. */
  readonly id: bigint;
  readonly fromNode: NodeId;
  readonly toNode: NodeId;
  readonly fromAgent: string;
  readonly toAgent: string;
  readonly wallMs: number;
  readonly codec: number;
  readonly body: Uint8Array;
}

/** The bytes that the identity key signs. */
export function encodeMessage(message: DirectMessage, meshId: Uint8Array): Uint8Array {
  return new Writer(160 + message.body.length)
    .u8(WIRE_VERSION)
    .u8(KIND_MESSAGE)
    .u8(message.codec)
    .u8(0)
    .u32(message.body.length)
    .u64(message.id)
    .bytes(meshId)
    .bytes(nodeIdToBytes(message.fromNode))
    .bytes(nodeIdToBytes(message.toNode))
    .safe(message.wallMs)
    .text(message.fromAgent)
    .text(message.toAgent)
    .bytes(message.body)
    .finish();
}

/** Decodes signed bytes followed by their signature; undefined when malformed. */
export function decodeMessage(bytes: Uint8Array, meshId: Uint8Array): DirectMessage | undefined {
  if (bytes.length < SIGNATURE_BYTES) return undefined;
  const reader = new Reader(bytes.subarray(0, bytes.length - SIGNATURE_BYTES));
  if (reader.u8() !== WIRE_VERSION || reader.u8() !== KIND_MESSAGE) return undefined;
  const codec = reader.u8();
  if (reader.u8() !== 0) return undefined;
  const bodyBytes = reader.u32();
  if (bodyBytes > VALUE_BYTES_MAX) return undefined;
  const id = reader.u64();
  if (!bytesEqual(reader.view(MESH_ID_BYTES), meshId)) return undefined;
  const fromNode = reader.view(NODE_ID_BYTES);
  const toNode = reader.view(NODE_ID_BYTES);
  const wallMs = reader.safe();
  const fromAgent = reader.text(AGENT_NAME_BYTES_MAX);
  const toAgent = reader.text(AGENT_NAME_BYTES_MAX);
  const body = reader.view(bodyBytes).slice();
  if (!reader.finished) return undefined;
  return {
    id,
    fromNode: nodeIdFromBytes(fromNode),
    toNode: nodeIdFromBytes(toNode),
    fromAgent,
    toAgent,
    wallMs,
    codec,
    body,
  };
}
