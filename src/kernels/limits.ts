/**
 * Replica: the bounds of one replica and of one call.
 *
 * Memory: docs/LIMITS.md has the arithmetic. All grows with use: a replica that holds nothing takes
 * a few hundred bytes of linear memory (Wasm) or a few KB of heap (reference).
 */
import type { ReplicaLimits } from "./kernels.ts";

/** Entries whose Merkle leaf may be out of date at once (about 100 bytes each). */
export const DIRTY_ENTRIES_MAX = 65_536;

export const DEFAULT_LIMITS: Required<ReplicaLimits> = {
  entriesMax: 1_000_000,
  incarnationsMax: 524_288,
  pendingDotsMax: 1_024,
  stateBytesMax: 256 * 1024 * 1024,
  deltasMax: 2_097_152,
};
