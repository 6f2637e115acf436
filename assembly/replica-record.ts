// The record of one replica: its limits, counts, tables and trees. Everything else hangs on it, so
// that an idle replica is this record alone and many share one memory.

import { OPEN_BYTES } from "./layout";

// Staged by the host as they stand (layout.ts, OPEN_*): mesh id and limits.
export const MESH: usize = 0;
export const ENTRIES_LIMIT: usize = 16;
export const LIVES_LIMIT: usize = 20;
/** Of one author's removes: a bound on all would leave it to the order of arrival whose are kept. */
export const PENDING_LIMIT: usize = 24;
export const BYTES_LIMIT: usize = 28;
export const DELTAS_LIMIT: usize = 32;

// Counts, u32 each.
/** Entries, tombstones included. */
export const ENTRIES: usize = OPEN_BYTES;
export const TOMBSTONES: usize = ENTRIES + 4;
/** Bytes of addresses and contents as they are encoded for hashing. */
export const STATE_BYTES: usize = ENTRIES + 8;
/** Deltas remembered over all lives. */
export const DELTAS: usize = ENTRIES + 12;
/** Pending (dot, element, remover) triples. */
export const PENDING: usize = ENTRIES + 16;

/** The life that was looked up last: frames come in runs of one author. */
export const RECENT: usize = ENTRIES + 20;
/** Lives whose leaf is out of date, linked; 0 = none. */
export const DIRTY_LIVES: usize = ENTRIES + 24;
/** Life by row: array, count, capacity. */
export const ROWS: usize = ENTRIES + 28;
export const ROW_COUNT: usize = ENTRIES + 32;
export const ROW_CAPACITY: usize = ENTRIES + 36;

// Handles that lie here: tables of 12 bytes, a vector of 12, trees of 4.
export const AUTHORS: usize = ENTRIES + 40;
export const ENTRY_TABLE: usize = AUTHORS + 12;
export const GROUPS: usize = AUTHORS + 24;
export const PENDING_GROUPS: usize = AUTHORS + 36;
export const PENDING_DOTS: usize = AUTHORS + 48;
export const PENDING_SEQS: usize = AUTHORS + 60;
export const FRONTIER: usize = AUTHORS + 72;
export const FRONTIER_TREE: usize = AUTHORS + 84;
export const STATE_TREE: usize = AUTHORS + 88;
/** First and last entry whose leaf is out of date; both point here when there is none. */
export const DIRTY_FIRST: usize = AUTHORS + 92;
const DIRTY_LAST: usize = AUTHORS + 96;
export const REPLICA_BYTES: usize = AUTHORS + 100;

/** Adds to a count of the record. */
export function addTo(replica: usize, count: usize, change: i32): void {
  store<u32>(replica + count, load<u32>(replica + count) + change);
}
