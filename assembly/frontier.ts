// The frontier of a replica: (author, incarnation) -> (seq, head hash), with its vector and tree.
//
// Leaf of the tree: key BLAKE3(author | epoch | nonce), value BLAKE3(author | epoch | nonce | seq |
// head hash); leaves are brought up to date when the tree is read.

import { allocate, release } from "./arena";
import { blake3At } from "./blake3";
import { copyBytes, equalBytes, equalHash } from "./bytes";
import {
  slotHash,
  slotPointer,
  tableAdd,
  tableAt,
  tableCapacity,
  tableFirst,
  tableFree,
  tableNext,
  tableReserve,
} from "./hash-table";
import { dropIdentity, ID_BYTES, IDENTITY_ID, IDENTITY_TREE_KEY } from "./identity";
import { hashBytes } from "./keyed-hash";
import { DELTA_HLC_OFFSET, NODE_ID_BYTES, VV_LANES_MAX } from "./layout";
import {
  AUTHOR_BYTES,
  AUTHOR_CAPACITY,
  AUTHOR_COUNT,
  AUTHOR_LIVES,
  compareTimes,
  identityOf,
  idOf,
  isDirtyLife,
  LIFE_AUTHOR,
  LIFE_BYTES,
  LIFE_DIRTY_NEXT,
  LIFE_HLC,
  LIFE_IDENTITY,
  LIFE_ROW,
  LIFE_SEQ,
  seqOf,
  setDirtyLife,
} from "./life";
import { freeMarks, headMark, markHash } from "./marks";
import { copyHash, DIGEST } from "./memory";
import { treePlace } from "./merkle-tree";
import {
  AUTHORS,
  addTo,
  DELTAS,
  DIRTY_LIVES,
  FRONTIER,
  FRONTIER_TREE,
  RECENT,
  ROW_CAPACITY,
  ROW_COUNT,
  ROWS,
} from "./replica-record";
import { vectorReserve, vectorSet } from "./version-vector";

const LIVES_CAPACITY_MIN: u32 = 4;
const ROWS_CAPACITY_MIN: u32 = 4;

/** The author whose 32 bytes are at `id`; 0 when unknown. */
export function findAuthor(replica: usize, id: usize): usize {
  const table = replica + AUTHORS;
  const hash = hashBytes(id, NODE_ID_BYTES, 0, 0, 0);
  let slot = tableFirst(table, hash);
  for (; slotPointer(slot) != 0; slot = tableNext(table, slot)) {
    if (slotHash(slot) != hash) continue;
    const author = slotPointer(slot);
    if (equalHash(idOf(lifeAt(author, 0)), id)) return author;
  }
  return 0;
}

/** The life whose author | epoch | nonce are at `id`; 0 when unknown. */
export function findLife(replica: usize, id: usize): usize {
  const recent: usize = load<u32>(replica, RECENT);
  if (recent != 0 && equalBytes(idOf(recent), id, ID_BYTES)) return recent;
  const author = findAuthor(replica, id);
  if (author == 0) return 0;
  const position = livesBelow(author, id + NODE_ID_BYTES);
  if (position == load<u32>(author, AUTHOR_COUNT)) return 0;
  const life = lifeAt(author, position);
  if (!equalBytes(idOf(life), id, ID_BYTES)) return 0;
  store<u32>(replica, <u32>life, RECENT);
  return life;
}

/** The newest life of an author. */
export function newestLife(author: usize): usize {
  return lifeAt(author, load<u32>(author, AUTHOR_COUNT) - 1);
}

export function lifeOfRow(replica: usize, row: u32): usize {
  return load<u32>(<usize>load<u32>(replica, ROWS) + ((<usize>row) << 2));
}

/**
 * Adds a life in the next row, its head at the record, taking over one hold of `identity`.
 * 0 when memory or lanes are out; nothing but spare capacity has changed then.
 */
export function addLife(replica: usize, identity: usize): usize {
  const row = load<u32>(replica, ROW_COUNT);
  if (row >= <u32>VV_LANES_MAX || !vectorReserve(replica + FRONTIER, row + 1)) return 0;
  if (!reserveRow(replica, row) || !tableReserve(replica + AUTHORS, 1)) return 0;
  const id = identity + IDENTITY_ID;
  const author = findAuthor(replica, id);
  const life = allocate(LIFE_BYTES);
  if (life == 0) return 0;
  const writer = author == 0 ? newAuthor() : author;
  if (writer == 0 || !reserveLife(writer)) {
    if (writer != 0 && author == 0) release(writer, AUTHOR_BYTES);
    release(life, LIFE_BYTES);
    return 0;
  }
  memory.fill(life, 0, LIFE_BYTES);
  store<u32>(life, <u32>identity, LIFE_IDENTITY);
  store<u32>(life, <u32>writer, LIFE_AUTHOR);
  store<u32>(life, row, LIFE_ROW);
  insertLife(writer, life);
  if (author == 0) {
    tableAdd(replica + AUTHORS, hashBytes(id, NODE_ID_BYTES, 0, 0, 0), writer);
  }
  store<u32>(<usize>load<u32>(replica, ROWS) + ((<usize>row) << 2), <u32>life);
  store<u32>(replica, row + 1, ROW_COUNT);
  return life;
}

/** Moves the head to `delta`, whose mark is there already. */
export function advanceLife(replica: usize, life: usize, delta: usize, seq: u64): void {
  store<u64>(life, load<u64>(delta, DELTA_HLC_OFFSET), LIFE_HLC);
  addTo(replica, DELTAS, 1);
  moveLife(replica, life, seq);
}

/** Moves the head to `seq`; the newest mark is its own already. */
export function moveLife(replica: usize, life: usize, seq: u64): void {
  store<u64>(life, seq, LIFE_SEQ);
  vectorSet(replica + FRONTIER, load<u32>(life, LIFE_ROW), seq);
  if (isDirtyLife(life)) return;
  setDirtyLife(life, true);
  store<u32>(life, load<u32>(replica, DIRTY_LIVES), LIFE_DIRTY_NEXT);
  store<u32>(replica, <u32>life, DIRTY_LIVES);
}

/** Brings the tree's leaves up to date; false when memory is out: the rest stays to be done. */
export function flushFrontier(replica: usize): bool {
  for (let life: usize = load<u32>(replica, DIRTY_LIVES); life != 0; ) {
    copyBytes(DIGEST, idOf(life), ID_BYTES);
    store<u64>(DIGEST, seqOf(life), ID_BYTES);
    copyHash(DIGEST + ID_BYTES + 8, markHash(headMark(life)));
    blake3At(DIGEST, ID_BYTES + 40, DIGEST);
    const treeKey = identityOf(life) + IDENTITY_TREE_KEY;
    const row = load<u32>(life, LIFE_ROW);
    if (treePlace(replica + FRONTIER_TREE, treeKey, DIGEST, row) == 0) return false;
    setDirtyLife(life, false);
    life = load<u32>(life, LIFE_DIRTY_NEXT);
    store<u32>(replica, <u32>life, DIRTY_LIVES);
  }
  return true;
}

/** Returns lives, authors, marks and rows; vector and tree are the caller's. */
export function freeFrontier(replica: usize): void {
  const count = load<u32>(replica, ROW_COUNT);
  for (let row: u32 = 0; row < count; row++) {
    const life = lifeOfRow(replica, row);
    dropIdentity(identityOf(life));
    freeMarks(life);
    release(life, LIFE_BYTES);
  }
  const table = replica + AUTHORS;
  for (let index: u32 = 0; index < tableCapacity(table); index++) {
    const author = tableAt(table, index);
    if (author == 0) continue;
    release(load<u32>(author, AUTHOR_LIVES), (<usize>load<u32>(author, AUTHOR_CAPACITY)) << 2);
    release(author, AUTHOR_BYTES);
  }
  tableFree(table);
  const capacity = load<u32>(replica, ROW_CAPACITY);
  if (capacity != 0) release(load<u32>(replica, ROWS), (<usize>capacity) << 2);
}

function newAuthor(): usize {
  const author = allocate(AUTHOR_BYTES);
  if (author != 0) v128.store(author, i64x2.splat(0));
  return author;
}

function lifeAt(author: usize, index: u32): usize {
  return load<u32>(<usize>load<u32>(author, AUTHOR_LIVES) + ((<usize>index) << 2));
}

/** How many lives of the author lie below the (epoch, nonce) at `time`. */
function livesBelow(author: usize, time: usize): u32 {
  let low: u32 = 0;
  let high = load<u32>(author, AUTHOR_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareTimes(idOf(lifeAt(author, middle)) + NODE_ID_BYTES, time) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertLife(author: usize, life: usize): void {
  const count = load<u32>(author, AUTHOR_COUNT);
  const position = livesBelow(author, idOf(life) + NODE_ID_BYTES);
  const at = <usize>load<u32>(author, AUTHOR_LIVES) + ((<usize>position) << 2);
  if (position < count) memory.copy(at + 4, at, (<usize>(count - position)) << 2);
  store<u32>(at, <u32>life);
  store<u32>(author, count + 1, AUTHOR_COUNT);
}

function reserveLife(author: usize): bool {
  const count = load<u32>(author, AUTHOR_COUNT);
  return reserveArray(author, AUTHOR_LIVES, AUTHOR_CAPACITY, count, LIVES_CAPACITY_MIN);
}

function reserveRow(replica: usize, row: u32): bool {
  return reserveArray(replica, ROWS, ROW_CAPACITY, row, ROWS_CAPACITY_MIN);
}

/** Room for one more u32 in the array at `record + data`, which doubles. */
function reserveArray(record: usize, data: usize, room: usize, count: u32, least: u32): bool {
  const capacity = load<u32>(record + room);
  if (count < capacity) return true;
  const grown = capacity == 0 ? least : capacity << 1;
  const block = allocate((<usize>grown) << 2);
  if (block == 0) return false;
  if (capacity != 0) {
    const old: usize = load<u32>(record + data);
    memory.copy(block, old, (<usize>count) << 2);
    release(old, (<usize>capacity) << 2);
  }
  store<u32>(record + data, <u32>block);
  store<u32>(record + room, grown);
  return true;
}
