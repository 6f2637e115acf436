// Observed-remove sets, add wins.
//
// An add makes a dot (incarnation, seq, delta hash); a remove kills exactly the dots it names, so an
// add it had not seen survives. An incarnation's newer add of an element replaces its own older dot:
// its adds come in order everywhere, hence an element has at most one dot an incarnation and the
// outcome is the same in every order. (Across incarnations of one author nothing is replaced: they
// come in any order.) A dot that is not covered by the frontier waits in pending.ts.

import { blake3At } from "./blake3";
import { copyBytes } from "./bytes";
import { SAFE_SEQ } from "./delta-header";
import {
  ADDRESS_HEAD_BYTES,
  addEntry,
  aimBytes,
  aimCollection,
  aimKey,
  aimNames,
  aimType,
  dropEntry,
  findEntry,
  markEntry,
} from "./entry";
import { findLife } from "./frontier";
import { addLive, joinGroup, leaveGroup } from "./group";
import { ID_BYTES } from "./identity";
import { findItem, insertItem, itemCount, removeItem } from "./items";
import { DOT_BYTES } from "./layout";
import { authorOf, isEnded, seqOf } from "./life";
import { DIGEST, STAGE } from "./memory";
import { payloadBytesOf, payloadOf } from "./operations";
import { addPending, hasToken } from "./pending";
import { addTo, STATE_BYTES } from "./replica-record";
import { writtenHash, writtenLast, writtenLife, writtenSeq } from "./written";

const DOT_SEQ: usize = 8;
const DOT_HASH: usize = 16;
/** In a token, the delta's hash stands before the address's. */
const TOKEN: usize = DIGEST + 64;

/** Whether the element aimed at is in its set. */
export function hasElement(replica: usize): bool {
  return findEntry(replica) != 0;
}

/**
 * Applies an add at the address aimed at; `waiting` are the pending dots of its seq, 0 for none.
 * Whether the element is in the set now.
 */
export function applyAdd(replica: usize, waiting: usize): bool {
  const killed = waiting != 0 && hasToken(waiting, tokenOf(writtenHash, true));
  let element = findEntry(replica);
  if (element == 0) {
    if (killed) return false;
    element = addEntry(replica);
    joinGroup(replica, element);
    addLive(element, 1);
  }
  let dot = findItem(element, writtenLife);
  if (killed) {
    if (dot == 0) return true;
    return deleteDot(replica, element, dot);
  }
  if (dot == 0) {
    dot = insertItem(element, writtenLife);
    addTo(replica, STATE_BYTES, DOT_BYTES);
  }
  store<u64>(dot, writtenSeq, DOT_SEQ);
  store<u64>(dot, writtenHash, DOT_HASH);
  markEntry(replica, element);
  return true;
}

/** Applies a remove at the address aimed at; whether the element is in the set now. */
export function applyRemove(replica: usize, operation: usize): bool {
  let named = payloadOf(operation);
  const end = named + <usize>payloadBytesOf(operation);
  let isHashed = false;
  let element = findEntry(replica);
  for (; named < end; named += DOT_BYTES) {
    const life = findLife(replica, named);
    if (isAwaited(life, named)) {
      const token = tokenOf(load<u64>(named, ID_BYTES + 8), !isHashed);
      isHashed = true;
      addPending(replica, authorOf(writtenLife), named, load<u64>(named, ID_BYTES), token);
    } else if (life != 0 && element != 0) {
      if (!removeDot(replica, element, life, named)) element = 0;
    }
  }
  return element != 0;
}

/** How many dots a remove would put into the pending table, at most. */
export function awaitedDots(replica: usize, operation: usize): u32 {
  let named = payloadOf(operation);
  const end = named + <usize>payloadBytesOf(operation);
  let count: u32 = 0;
  for (; named < end; named += DOT_BYTES) {
    if (isAwaited(findLife(replica, named), named)) count++;
  }
  return count;
}

/**
 * Whether the add of the dot at `named` may still come. Seqs of the carrying delta itself do not
 * count: its hash covers this remove, so no remove can name one.
 */
function isAwaited(life: usize, named: usize): bool {
  const seq = load<u64>(named, ID_BYTES);
  if (seq == 0 || seq > SAFE_SEQ) return false; // No operation ever has it.
  if (life == 0) return true;
  if (isEnded(life)) return false;
  return seq > (life == writtenLife ? writtenLast : seqOf(life));
}

/** Removes the dot at `named` if it is there; whether the element is still in the set. */
function removeDot(replica: usize, element: usize, life: usize, named: usize): bool {
  const dot = findItem(element, life);
  if (dot == 0 || load<u64>(dot, DOT_SEQ) != load<u64>(named, ID_BYTES)) return true;
  if (load<u64>(dot, DOT_HASH) != load<u64>(named, ID_BYTES + 8)) return true;
  return deleteDot(replica, element, dot);
}

/** Whether the element is still in the set. */
function deleteDot(replica: usize, element: usize, dot: usize): bool {
  removeItem(element, dot);
  addTo(replica, STATE_BYTES, -(<i32>DOT_BYTES));
  if (itemCount(element) != 0) {
    markEntry(replica, element);
    return true;
  }
  addLive(element, -1);
  leaveGroup(replica, element);
  dropEntry(replica, element);
  return false;
}

/** The token of a dot with this delta hash and the element aimed at, which is hashed if need be. */
function tokenOf(hash: u64, isNew: bool): usize {
  if (isNew) {
    const names = aimBytes();
    store<u8>(STAGE, <u8>aimType);
    store<u16>(STAGE, <u16>aimCollection, 1);
    store<u16>(STAGE, <u16>aimKey, 3);
    copyBytes(STAGE + ADDRESS_HEAD_BYTES, aimNames, names);
    blake3At(STAGE, ADDRESS_HEAD_BYTES + <usize>names, TOKEN + 8);
  }
  store<u64>(TOKEN, hash);
  return TOKEN;
}
