/**
 * The issuing statement: the authority names keys, m of which together may issue certificates, so
 * that its own key can stay offline. Signed by the authority's key.
 *
 * A certificate issued under it must lie within the statement's time, so what a lost set of issuer
 * keys can do ends with the statement. Judged by the certificate's own times, never by a clock.
 */
import {
  KIND_ISSUERS,
  MESH_ID_BYTES,
  NODE_ID_BYTES,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "../node-id.ts";
import type { Validity } from "./certificate.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export interface Issuers extends Validity {
  readonly meshId: Uint8Array;
  readonly authority: NodeId;
  /** Tells statements of one authority apart. */
  readonly serial: number;
  /** m: how many of the keys must have signed a certificate. */
  readonly threshold: number;
  /** Ascending, none twice; 1 to {@link ISSUERS_MAX}. */
  readonly keys: readonly NodeId[];
}

/** The bytes that the authority signs. */
export function encodeIssuers(issuers: Issuers): Uint8Array {
  const writer = new Writer(256)
    .u8(WIRE_VERSION)
    .u8(KIND_ISSUERS)
    .u8(issuers.threshold)
    .u8(issuers.keys.length)
    .u32(0)
    .safe(issuers.serial)
    .bytes(issuers.meshId)
    .bytes(nodeIdToBytes(issuers.authority))
    .safe(issuers.notBefore)
    .safe(issuers.notAfter);
  for (const key of issuers.keys) writer.bytes(nodeIdToBytes(key));
  return writer.finish();
}

/** The statement of signed bytes (borrowed); undefined when they are malformed. */
export function decodeIssuers(bytes: Uint8Array): Issuers | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== WIRE_VERSION || reader.u8() !== KIND_ISSUERS) return undefined;
  const [threshold, count] = [reader.u8(), reader.u8()];
  if (threshold < 1 || threshold > count || count > ISSUERS_MAX) return undefined;
  if (reader.u32() !== 0) return undefined;
  const serial = reader.safe();
  const meshId = reader.view(MESH_ID_BYTES).slice();
  const authority = reader.view(NODE_ID_BYTES);
  const [notBefore, notAfter] = [reader.safe(), reader.safe()];
  if (!reader.ok || reader.remaining !== count * NODE_ID_BYTES || notBefore > notAfter) {
    return undefined;
  }
  const keys = Array.from({ length: count }, () => nodeIdFromBytes(reader.view(NODE_ID_BYTES)));
  if (!isAscending(keys)) return undefined;
  return Object.freeze({
    meshId,
    authority: nodeIdFromBytes(authority),
    serial,
    threshold,
    keys: Object.freeze(keys),
    notBefore,
    notAfter,
  });
}

/** Whether each id is above the one before it: sorted, and none twice. */
export function isAscending(ids: readonly NodeId[]): boolean {
  return ids.every((id, index) => index === 0 || (ids[index - 1] ?? "") < id);
}

/** Keys of one statement, and so signatures of one certificate. */
export const ISSUERS_MAX = 16;
