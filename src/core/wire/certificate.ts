/**
 * The certificate of membership: what an authority or its issuers say of one node's key.
 *
 * Pure and total: decoding any bytes gives the certificate or undefined. Signatures lie beside it
 * (credential.ts). Layout: docs/wire.md, "Certificates".
 */
import {
  KIND_CERTIFICATE,
  MESH_ID_BYTES,
  NODE_ID_BYTES,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import { MEMBER_LABEL_BYTES_MAX } from "./member.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** By number on the wire. This version admits peers only; `revoked` ends a membership for good. */
export const ROLES = ["peer", "edge", "aggregator", "coordinator", "revoked"] as const;
export type Role = (typeof ROLES)[number];

/** A span of wall-clock time, both ends included, ms since 1970. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Certificate extends Validity {
  /** 16 bytes: the first of BLAKE3 of the mesh's name. */
  readonly meshId: Uint8Array;
  readonly node: NodeId;
  readonly role: Role;
  /** 1 to 64 bytes each. */
  readonly region: string;
  readonly zone: string;
  /** Grows with each renewal; tells certificates of one node apart. */
  readonly serial: number;
}

/** The bytes that are signed; at most {@link CERTIFICATE_BYTES_MAX}. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  return new Writer(256)
    .u8(WIRE_VERSION)
    .u8(KIND_CERTIFICATE)
    .u8(ROLES.indexOf(certificate.role))
    .u8(0)
    .u32(0)
    .safe(certificate.serial)
    .bytes(certificate.meshId)
    .bytes(nodeIdToBytes(certificate.node))
    .safe(certificate.notBefore)
    .safe(certificate.notAfter)
    .text(certificate.region)
    .text(certificate.zone)
    .finish();
}

/** The certificate of signed bytes (borrowed); undefined when they are malformed. */
export function decodeCertificate(bytes: Uint8Array): Certificate | undefined {
  if (bytes.length > CERTIFICATE_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  if (reader.u8() !== WIRE_VERSION || reader.u8() !== KIND_CERTIFICATE) return undefined;
  const role = ROLES[reader.u8()];
  if (reader.u8() !== 0 || reader.u32() !== 0 || role === undefined) return undefined;
  const serial = reader.safe();
  const meshId = reader.view(MESH_ID_BYTES).slice();
  const key = reader.view(NODE_ID_BYTES);
  const [notBefore, notAfter] = [reader.safe(), reader.safe()];
  const [region, zone] = [reader.text(MEMBER_LABEL_BYTES_MAX), reader.text(MEMBER_LABEL_BYTES_MAX)];
  if (!reader.finished || notBefore > notAfter || region === "" || zone === "") return undefined;
  const node = nodeIdFromBytes(key);
  return Object.freeze({ meshId, node, role, region, zone, serial, notBefore, notAfter });
}

/** Fixed fields and two labels. */
const CERTIFICATE_BYTES_MAX = 212;
