// stateRoot. What is hashed of an entry, byte by byte.
//
// Leaf of the state tree, for live entries only: key = BLAKE3(address), value = BLAKE3(content).
// Little-endian; names in UTF-8; items ascending by (author, epoch, nonce); integers only.
//   address  type u8 | collection bytes u16 | key bytes u16 | collection | key | element
//   content  type u8, then
//     register, map  hlc u64 | author 32 | epoch u64 | nonce u64 | seq u64 | hash 8 | codec u8 | value
//     counter        per incarnation: author 32 | epoch u64 | nonce u64 | P u64 | N u64
//     set element    per dot: author 32 | epoch u64 | nonce u64 | seq u64 | hash 8
//     gauge          per author: author 32 | epoch u64 | nonce u64 | seq u64 | value i64 | weight u64

import { blake3Absorb, blake3At, blake3Finish } from "./blake3";
import { copyBytes } from "./bytes";
import { hasValue, valueBytes } from "./cells";
import {
  addressBytes,
  addressOf,
  CELL_HASH,
  CELL_HLC,
  CELL_LIFE,
  CELL_SEQ,
  ENTRY_CODEC,
  ENTRY_CONTENT,
  ENTRY_LEAF,
  entryType,
  firstMarked,
  unmarkEntry,
} from "./entry";
import { ID_BYTES } from "./identity";
import { itemAt, itemBytes, itemCount } from "./items";
import { TYPE_MAP, TYPE_REGISTER } from "./layout";
import { idOf } from "./life";
import { DIGEST, RESULT, STAGE, STAGE_BYTES } from "./memory";
import { keyOf } from "./merkle-node";
import { treePlace, treeRemove, treeReplace } from "./merkle-tree";
import { STATE_TREE } from "./replica-record";

/** Bytes of the content staged and not absorbed yet. */
let staged: usize = 0;

/** Brings the tree's leaves up to date; false when memory is out: the rest stays to be done. */
export function flushState(replica: usize): bool {
  const tree = replica + STATE_TREE;
  for (let entry = firstMarked(replica); entry != 0; entry = firstMarked(replica)) {
    let leaf: usize = load<u32>(entry, ENTRY_LEAF);
    if (isCell(entry) && !hasValue(entry)) {
      unmarkEntry(entry);
      if (leaf != 0) treeRemove(tree, keyOf(leaf));
      store<u32>(entry, 0, ENTRY_LEAF);
      continue;
    }
    hashContent(entry);
    if (leaf != 0) {
      treeReplace(tree, leaf, RESULT);
    } else {
      blake3At(addressOf(entry), addressBytes(entry), DIGEST);
      leaf = treePlace(tree, DIGEST, RESULT, 0);
      if (leaf == 0) return false;
    }
    unmarkEntry(entry);
    store<u32>(entry, <u32>leaf, ENTRY_LEAF);
  }
  return true;
}

function isCell(entry: usize): bool {
  const type = entryType(entry);
  return type == TYPE_MAP || type == TYPE_REGISTER;
}

/** Hashes the content of a live entry to RESULT. */
function hashContent(entry: usize): void {
  staged = 0;
  store<u8>(DIGEST, <u8>entryType(entry));
  put(DIGEST, 1);
  if (isCell(entry)) putCell(entry);
  else putItems(entry);
  blake3Finish(staged);
}

function putCell(cell: usize): void {
  store<u64>(DIGEST, load<u64>(cell, CELL_HLC));
  copyBytes(DIGEST + 8, idOf(load<u32>(cell, CELL_LIFE)), ID_BYTES);
  store<u64>(DIGEST, load<u64>(cell, CELL_SEQ), 8 + ID_BYTES);
  store<u64>(DIGEST, load<u64>(cell, CELL_HASH), 16 + ID_BYTES);
  store<u8>(DIGEST, load<u8>(cell, ENTRY_CODEC), 24 + ID_BYTES);
  put(DIGEST, 25 + ID_BYTES);
  put(load<u32>(cell, ENTRY_CONTENT), valueBytes(cell));
}

function putItems(entry: usize): void {
  const count = itemCount(entry);
  // Behind the life and its padding, items lie as they are hashed.
  const rest = itemBytes(entry) - 8;
  for (let index: u32 = 0; index < count; index++) {
    const item = itemAt(entry, index);
    copyBytes(DIGEST, idOf(load<u32>(item)), ID_BYTES);
    copyBytes(DIGEST + ID_BYTES, item + 8, rest);
    put(DIGEST, ID_BYTES + rest);
  }
}

/** Adds to the staged content, absorbing whole pieces that more follows. */
function put(from: usize, bytes: usize): void {
  let at = from;
  let rest = bytes;
  while (rest != 0) {
    if (staged == STAGE_BYTES) {
      blake3Absorb();
      staged = 0;
    }
    const room = STAGE_BYTES - staged;
    const part = rest < room ? rest : room;
    copyBytes(STAGE + staged, at, part);
    staged += part;
    at += part;
    rest -= part;
  }
}
