// The kernel module: everything the host may call, and nothing else (test/surface pins the list).
//
// Exports take u32 addresses, rows and counts and return u32 or i32; no 64-bit value, string,
// object or callback crosses. The module imports one memory, allocates nothing managed, and hosts
// as many replicas, vectors and trees as fit. It is single-threaded: scratch regions serve one call
// at a time; a scanned frame and its rows stay until the next scan.
//
// Reading order: memory, arena, hash-table; blake3 and the merkle files; then a frame's way: frame,
// scan (delta-header, header-hash, scan-tips, frontier, marks), apply (operations, capacity, then
// cells, counters, gauges, sets with pending), gaps, state-leaves, replica, reads.

import { LAYOUT_VERSION as layoutVersion } from "./layout";

export const LAYOUT_VERSION: i32 = layoutVersion;
/** End of static data; must lie below RESULT. */
export const HEAP_BASE: usize = __heap_base;

export { frameApply } from "./apply";
export { allocate, arenaLiveBytes, arenaTouchedBytes, release } from "./arena";
export { blake3Absorb, blake3Finish } from "./blake3";
export { frameChanges, frameReserve } from "./frame";
export { replicaForget, replicaReclaim } from "./gaps";
export { identitiesHeld } from "./identity";
export { hashSeed } from "./keyed-hash";
export {
  ARENA,
  RANDOM,
  RESULT,
  ROW_HASHES,
  ROW_KEYS,
  ROW_LENGTHS,
  ROW_OFFSETS,
  ROW_OUTCOMES,
  ROW_REASONS,
  ROW_STATUSES,
  ROW_VERDICTS,
  STAGE,
  STAGE_BYTES,
} from "./memory";
export { treeRangeDiff, treeRangeHashes, treeRangeRows, treeRoot } from "./merkle-range";
export { treeCreate, treeDelete, treeFree, treeSet, treeSize } from "./merkle-tree";
export {
  cellRead,
  counterOwn,
  counterSum,
  entryItems,
  groupFirst,
  groupLive,
  groupNames,
  itemsRead,
  lifeRead,
  replicaEntry,
  replicaGroup,
  replicaLife,
  replicaLifeAt,
  replicaLives,
  replicaNewest,
  replicaStats,
} from "./reads";
export {
  replicaFree,
  replicaFrontier,
  replicaFrontierRoot,
  replicaFrontierTree,
  replicaOpen,
  replicaRoot,
  replicaStateRoot,
} from "./replica";
export { frameScan } from "./scan";
export { SELECT_SCAN_MAX, selectPeers } from "./select";
export {
  vectorCompare,
  vectorCreate,
  vectorFree,
  vectorMerge,
  vectorReserve,
} from "./version-vector";
