/**
 * Replica: the bounds of one replica and of one call.
 *
 * Memory at the defaults: an entry takes about 300 bytes plus its own (entriesMax), an incarnation
 * about 700 (incarnationsMax), a pending dot about 250 (pendingDotsMax), a held delta 104 to 156
 * (deltasMax: at most 312 MiB). All grow with use: a replica that holds nothing takes a few KB.
 */
import { REMOVE_DOTS_MAX } from "../../../assembly/layout.ts";
import type { ReplicaLimits } from "../kernels.ts";

/** Deltas that one frameScan looks at; a longer frame is cut here and reported incomplete. */
export const SCAN_ROWS_MAX = 4096;
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
