/**
 * What is told about a peer (by itself, by its signed record, by hearsay) and whether it may be
 * kept: everything here comes from outside, so every field has a bound and a reason of refusal.
 */

import { isNodeId, type NodeId } from "../node-id.ts";
import type { PeerRole } from "./peer-info.ts";

export const ADDRESSES_MAX = 8;
export const ADDRESS_BYTES_MAX = 256;
/** Of a region's and of a zone's name; both become metric attributes. */
export const LABEL_BYTES_MAX = 64;

/** A peer's particulars; what is left out of an update stays as it was. */
export interface PeerContact {
  readonly id: NodeId;
  /** At most ADDRESSES_MAX of at most ADDRESS_BYTES_MAX; an empty list changes nothing. */
  readonly addresses?: readonly string[];
  readonly region: string;
  readonly zone?: string;
  readonly role?: PeerRole;
  readonly admitted?: boolean;
}

/** Why a contact is refused. */
export type ContactFault =
  | "invalid_id"
  | "invalid_region"
  | "invalid_zone"
  | "invalid_role"
  | "invalid_address"
  | "too_many_addresses";

/** The first fault of a contact; undefined when it may be kept. Total on any field values. */
export function contactFault(contact: PeerContact): ContactFault | undefined {
  if (!isNodeId(contact.id)) return "invalid_id";
  if (!isPlainText(contact.region, LABEL_BYTES_MAX)) return "invalid_region";
  if (contact.zone !== undefined && !isPlainText(contact.zone, LABEL_BYTES_MAX)) {
    return "invalid_zone";
  }
  if (contact.role !== undefined && !ROLES.includes(contact.role)) return "invalid_role";
  return addressesFault(contact.addresses ?? []);
}

/** Whether an address is non-empty, within its bound and free of control characters. */
export function isAddress(value: unknown): value is string {
  return isPlainText(value, ADDRESS_BYTES_MAX);
}

function addressesFault(addresses: readonly string[]): ContactFault | undefined {
  if (!Array.isArray(addresses)) return "invalid_address";
  if (addresses.length > ADDRESSES_MAX) return "too_many_addresses";
  return addresses.every(isAddress) ? undefined : "invalid_address";
}

/** Non-empty, well-formed text of at most `bytesMax` UTF-8 bytes without control characters. */
function isPlainText(value: unknown, bytesMax: number): value is string {
  // UTF-8 never takes fewer bytes than UTF-16 takes units: the cheap check bounds the loop.
  if (typeof value !== "string" || value === "" || value.length > bytesMax) return false;
  if (!value.isWellFormed()) return false;
  let bytes = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return false;
    bytes += utf8BytesOf(unit);
  }
  return bytes <= bytesMax;
}

/** UTF-8 bytes of a UTF-16 unit; each half of a surrogate pair stands for two of the four. */
function utf8BytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
}

const ROLES: readonly PeerRole[] = ["member", "edge", "aggregator", "coordinator"];
