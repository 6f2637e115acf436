// The kernel module: everything the host may call, and nothing else (test/surface pins the list).
//
// Exports take u32 addresses, rows and counts and return u32 or i32; no 64-bit value, string,
// object or callback crosses. The module imports one memory, allocates nothing managed, and hosts
// as many vectors and trees as fit. It is single-threaded: scratch regions serve one call at a time.

import { LAYOUT_VERSION as layoutVersion } from "./layout";

export const LAYOUT_VERSION: i32 = layoutVersion;
/** End of static data; must lie below RESULT. */
export const HEAP_BASE: usize = __heap_base;

export { allocate, arenaLiveBytes, arenaTouchedBytes, release } from "./arena";
export { blake3Absorb, blake3Finish } from "./blake3";
export { RANDOM, RESULT, STAGE, STAGE_BYTES } from "./memory";
export { treeRangeDiff, treeRangeHashes, treeRangeRows, treeRoot } from "./merkle-range";
export { treeCreate, treeDelete, treeFree, treeSet } from "./merkle-tree";
export { SELECT_SCAN_MAX, selectPeers } from "./select";
export { vectorCompare, vectorGrow, vectorMerge, vectorRelease } from "./version-vector";
