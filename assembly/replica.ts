// The life of a replica, and its roots. One record (replica-record.ts) holds everything; a memory
// hosts as many as fit.

import { allocate, release } from "./arena";
import { blake3At } from "./blake3";
import { freeValue } from "./cells";
import { entryType, freeEntry, openMarked, unmarkEntry } from "./entry";
import { flushFrontier, freeFrontier } from "./frontier";
import { freeGroup } from "./group";
import { tableAt, tableCapacity, tableFree } from "./hash-table";
import { freeItems } from "./items";
import { OPEN_BYTES, TYPE_MAP, TYPE_REGISTER } from "./layout";
import { copyHash, DIGEST, RESULT, STAGE } from "./memory";
import { treeRoot } from "./merkle-range";
import { treeClear } from "./merkle-tree";
import { PENDING_DOT_BYTES, PENDING_GROUP_BYTES } from "./pending";
import {
  ENTRY_TABLE,
  FRONTIER,
  FRONTIER_TREE,
  GROUPS,
  PENDING_DOTS,
  PENDING_GROUPS,
  PENDING_SEQS,
  REPLICA_BYTES,
  STATE_TREE,
} from "./replica-record";
import { flushState } from "./state-leaves";
import { vectorClear } from "./version-vector";

const REPLICA_FULL = -1;

/** An empty replica with the staged mesh id and limits; 0 when memory is out. */
export function replicaOpen(): usize {
  const replica = allocate(REPLICA_BYTES);
  if (replica == 0) return 0;
  memory.copy(replica, STAGE, OPEN_BYTES);
  memory.fill(replica + OPEN_BYTES, 0, REPLICA_BYTES - OPEN_BYTES);
  openMarked(replica);
  return replica;
}

/** Returns everything. */
export function replicaFree(replica: usize): void {
  freeEntries(replica);
  freeTable(replica + GROUPS, 0);
  freeTable(replica + PENDING_GROUPS, PENDING_GROUP_BYTES);
  freeTable(replica + PENDING_DOTS, PENDING_DOT_BYTES);
  tableFree(replica + PENDING_SEQS);
  treeClear(replica + STATE_TREE);
  treeClear(replica + FRONTIER_TREE);
  freeFrontier(replica);
  vectorClear(replica + FRONTIER);
  release(replica, REPLICA_BYTES);
}

/** The handle of the frontier's vector. */
export function replicaFrontier(replica: usize): usize {
  return replica + FRONTIER;
}

/** The handle of the frontier's tree, whose leaves replicaFrontierRoot brings up to date. */
export function replicaFrontierTree(replica: usize): usize {
  return replica + FRONTIER_TREE;
}

/** Leaves the frontierRoot at RESULT: 0, or REPLICA_FULL when memory is out. */
export function replicaFrontierRoot(replica: usize): i32 {
  if (!flushFrontier(replica)) return REPLICA_FULL;
  treeRoot(replica + FRONTIER_TREE);
  return 0;
}

/** Leaves the stateRoot at RESULT: 0, or REPLICA_FULL when memory is out. */
export function replicaStateRoot(replica: usize): i32 {
  if (!flushState(replica)) return REPLICA_FULL;
  treeRoot(replica + STATE_TREE);
  return 0;
}

/** Leaves BLAKE3(frontierRoot || stateRoot) at RESULT: 0, or REPLICA_FULL when memory is out. */
export function replicaRoot(replica: usize): i32 {
  if (!flushState(replica) || replicaFrontierRoot(replica) != 0) return REPLICA_FULL;
  copyHash(DIGEST, RESULT);
  treeRoot(replica + STATE_TREE);
  copyHash(DIGEST + 32, RESULT);
  blake3At(DIGEST, 64, RESULT);
  return 0;
}

function freeEntries(replica: usize): void {
  const table = replica + ENTRY_TABLE;
  for (let index: u32 = 0; index < tableCapacity(table); index++) {
    const entry = tableAt(table, index);
    if (entry == 0) continue;
    unmarkEntry(entry);
    const type = entryType(entry);
    if (type == TYPE_MAP || type == TYPE_REGISTER) freeValue(entry);
    else freeItems(entry);
    freeEntry(entry);
  }
  tableFree(table);
}

/** Frees what a table points to, blocks of `bytes`, or groups where that is 0. */
function freeTable(table: usize, bytes: usize): void {
  for (let index: u32 = 0; index < tableCapacity(table); index++) {
    const pointer = tableAt(table, index);
    if (pointer == 0) continue;
    if (bytes == 0) freeGroup(pointer);
    else release(pointer, bytes);
  }
  tableFree(table);
}
