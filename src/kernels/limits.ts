/**
 * Replica: the bounds of one replica and of one call.
 *
 * Memory: docs/LIMITS.md has the arithmetic. All grows with use: a replica that holds nothing takes
 * a few hundred bytes of linear memory (Wasm) or a few KB of heap (reference).
 */
import { REMOVE_DOTS_MAX } from "../../assembly/layout.ts";
import type { ReplicaLimits } from "./kernels.ts";

/** Entries whose Merkle leaf may be out of date at once (about 100 bytes each). */
export const DIRTY_ENTRIES_MAX = 65_536;
/** One author's removes fill at most this fraction of the pending table... */
const PENDING_SHARE = 8;

export const DEFAULT_LIMITS: Required<ReplicaLimits> = {
  entriesMax: 1_000_000,
  incarnationsMax: 65_536,
  pendingDotsMax: 65_536,
  stateBytesMax: 256 * 1024 * 1024,
  deltasMax: 2_097_152,
};

/** ...but one whole remove always fits, so a liar cannot take the table from the others. */
export function pendingDotsShare(limits: ReplicaLimits): number {
  return Math.max(REMOVE_DOTS_MAX, Math.floor(limits.pendingDotsMax / PENDING_SHARE));
}
