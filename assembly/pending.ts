// Dots that a remove named before their adds came.
//
// A pending dot kills exactly one add: same incarnation, seq, delta hash and element. It goes when
// its seq is covered, whatever stood there, or when its incarnation ends; so at equal frontiers
// every replica holds the same ones.
//
//   group  hash u32 | first u32 | author 32, epoch u64, nonce u64        the dots of one incarnation
//   dot    hash u32 | seq hash u32 | group u32 | next u32, previous u32 | same seq u32 | remover u32 |
//          pad | seq u64 | token 32
//
// A token is the add's delta hash (8 bytes) and 24 bytes of BLAKE3 of the element's address. Dots of
// one seq are linked behind the one that the table of seqs knows.

import { allocateReserved, release } from "./arena";
import { copyBytes, equalBytes, equalHash } from "./bytes";
import { slotHash, slotPointer, tableAdd, tableFirst, tableNext, tableRemove } from "./hash-table";
import { ID_BYTES } from "./identity";
import { hashBytes } from "./keyed-hash";
import { AUTHOR_PENDING, authorOf } from "./life";
import { copyHash } from "./memory";
import { addTo, PENDING, PENDING_DOTS, PENDING_GROUPS, PENDING_SEQS } from "./replica-record";

const GROUP_HASH: usize = 0;
const GROUP_FIRST: usize = 4;
const GROUP_ID: usize = 8;
export const PENDING_GROUP_BYTES: usize = 56;

const HASH: usize = 0;
const SEQ_HASH: usize = 4;
const GROUP: usize = 8;
const NEXT: usize = 12;
const PREVIOUS: usize = 16;
const SAME_SEQ: usize = 20;
const REMOVER: usize = 24;
const SEQ: usize = 32;
const TOKEN: usize = 40;
export const PENDING_DOT_BYTES: usize = 72;
const TOKEN_BYTES: usize = 32;

/** The dots that wait for adds of the incarnation at `id`; 0 when there are none. */
export function findPending(replica: usize, id: usize): usize {
  if (load<u32>(replica, PENDING) == 0) return 0;
  const table = replica + PENDING_GROUPS;
  const hash = hashBytes(id, ID_BYTES, 0, 0, 0);
  let slot = tableFirst(table, hash);
  for (; slotPointer(slot) != 0; slot = tableNext(table, slot)) {
    if (slotHash(slot) != hash) continue;
    if (equalBytes(slotPointer(slot) + GROUP_ID, id, ID_BYTES)) return slotPointer(slot);
  }
  return 0;
}

/** The dots of a seq, linked; 0 when none waits for it. */
export function pendingAt(replica: usize, group: usize, seq: u64): usize {
  const table = replica + PENDING_SEQS;
  const hash = seqHash(group, seq);
  let slot = tableFirst(table, hash);
  for (; slotPointer(slot) != 0; slot = tableNext(table, slot)) {
    const dot = slotPointer(slot);
    if (slotHash(slot) != hash) continue;
    if (load<u32>(dot, GROUP) == <u32>group && load<u64>(dot, SEQ) == seq) return dot;
  }
  return 0;
}

/** Whether one of the dots linked from `first` has this token. */
export function hasToken(first: usize, token: usize): bool {
  for (let dot = first; dot != 0; dot = load<u32>(dot, SAME_SEQ)) {
    if (equalHash(dot + TOKEN, token)) return true;
  }
  return false;
}

/** Remembers that `remover` (an author) named a dot; once per remover. Room must be reserved. */
export function addPending(
  replica: usize,
  remover: usize,
  id: usize,
  seq: u64,
  token: usize,
): void {
  let group = findPending(replica, id);
  if (group == 0) group = addGroup(replica, id);
  const hash = dotHash(group, remover, seq, token);
  if (isKnown(replica, hash, group, remover, seq, token)) return;
  const dot = allocateReserved(PENDING_DOT_BYTES);
  memory.fill(dot, 0, TOKEN);
  store<u32>(dot, hash, HASH);
  store<u32>(dot, seqHash(group, seq), SEQ_HASH);
  store<u32>(dot, <u32>group, GROUP);
  store<u32>(dot, <u32>remover, REMOVER);
  store<u64>(dot, seq, SEQ);
  copyHash(dot + TOKEN, token);
  tableAdd(replica + PENDING_DOTS, hash, dot);
  linkSeq(replica, group, dot, seq);
  linkGroup(group, dot);
  store<u32>(remover, load<u32>(remover, AUTHOR_PENDING) + 1, AUTHOR_PENDING);
  addTo(replica, PENDING, 1);
}

/** Forgets the dots of one seq: it is covered now. The group goes with its last dot. */
export function coverPending(replica: usize, group: usize, first: usize): void {
  tableRemove(replica + PENDING_SEQS, load<u32>(first, SEQ_HASH), first);
  for (let dot = first; dot != 0; ) {
    const next: usize = load<u32>(dot, SAME_SEQ);
    dropDot(replica, group, dot);
    dot = next;
  }
  if (load<u32>(group, GROUP_FIRST) != 0) return;
  tableRemove(replica + PENDING_GROUPS, load<u32>(group, GROUP_HASH), group);
  release(group, PENDING_GROUP_BYTES);
}

/** Forgets the dots of an incarnation up to a seq: they are covered now. */
export function coverPendingTo(replica: usize, id: usize, seq: u64): void {
  const group = findPending(replica, id);
  if (group == 0) return;
  for (let dot: usize = load<u32>(group, GROUP_FIRST); dot != 0; ) {
    const covered = load<u64>(dot, SEQ);
    // The next of another seq: those of this one go together.
    let next: usize = load<u32>(dot, NEXT);
    while (next != 0 && load<u64>(next, SEQ) == covered) next = load<u32>(next, NEXT);
    if (covered <= seq) coverPending(replica, group, pendingAt(replica, group, covered));
    dot = next;
  }
}

/** Forgets every dot of an incarnation that has ended: its adds never come. */
export function dropPending(replica: usize, id: usize): void {
  for (let group = findPending(replica, id); group != 0; group = findPending(replica, id)) {
    const dot: usize = load<u32>(group, GROUP_FIRST);
    coverPending(replica, group, pendingAt(replica, group, load<u64>(dot, SEQ)));
  }
}

function dropDot(replica: usize, group: usize, dot: usize): void {
  tableRemove(replica + PENDING_DOTS, load<u32>(dot, HASH), dot);
  const next: usize = load<u32>(dot, NEXT);
  const previous: usize = load<u32>(dot, PREVIOUS);
  if (previous == 0) store<u32>(group, <u32>next, GROUP_FIRST);
  else store<u32>(previous, <u32>next, NEXT);
  if (next != 0) store<u32>(next, <u32>previous, PREVIOUS);
  const remover: usize = load<u32>(dot, REMOVER);
  store<u32>(remover, load<u32>(remover, AUTHOR_PENDING) - 1, AUTHOR_PENDING);
  addTo(replica, PENDING, -1);
  release(dot, PENDING_DOT_BYTES);
}

function addGroup(replica: usize, id: usize): usize {
  const group = allocateReserved(PENDING_GROUP_BYTES);
  const hash = hashBytes(id, ID_BYTES, 0, 0, 0);
  store<u32>(group, hash, GROUP_HASH);
  store<u32>(group, 0, GROUP_FIRST);
  copyBytes(group + GROUP_ID, id, ID_BYTES);
  tableAdd(replica + PENDING_GROUPS, hash, group);
  return group;
}

function linkGroup(group: usize, dot: usize): void {
  const first: usize = load<u32>(group, GROUP_FIRST);
  store<u32>(dot, <u32>first, NEXT);
  if (first != 0) store<u32>(first, <u32>dot, PREVIOUS);
  store<u32>(group, <u32>dot, GROUP_FIRST);
}

function linkSeq(replica: usize, group: usize, dot: usize, seq: u64): void {
  const first = pendingAt(replica, group, seq);
  if (first == 0) {
    tableAdd(replica + PENDING_SEQS, load<u32>(dot, SEQ_HASH), dot);
    return;
  }
  store<u32>(dot, load<u32>(first, SAME_SEQ), SAME_SEQ);
  store<u32>(first, <u32>dot, SAME_SEQ);
}

function isKnown(
  replica: usize,
  hash: u32,
  group: usize,
  remover: usize,
  seq: u64,
  token: usize,
): bool {
  const table = replica + PENDING_DOTS;
  let slot = tableFirst(table, hash);
  for (; slotPointer(slot) != 0; slot = tableNext(table, slot)) {
    const dot = slotPointer(slot);
    if (slotHash(slot) != hash || load<u32>(dot, GROUP) != <u32>group) continue;
    if (load<u32>(dot, REMOVER) != <u32>remover || load<u64>(dot, SEQ) != seq) continue;
    if (equalHash(dot + TOKEN, token)) return true;
  }
  return false;
}

function seqHash(group: usize, seq: u64): u32 {
  return hashBytes(0, 0, <u32>group, <u32>seq, <u32>(seq >> 32));
}

function dotHash(group: usize, remover: usize, seq: u64, token: usize): u32 {
  return hashBytes(token, TOKEN_BYTES, <u32>group, <u32>remover, <u32>seq);
}
