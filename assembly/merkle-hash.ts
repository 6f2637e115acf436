// Hashing of dirty nodes, bottom-up. A first walk sorts them into lists by height above the
// dirty leaves; then each list is hashed, four nodes to a compression where at least two wait,
// so that a node's children are always ready before it.
//
// leaf = BLAKE3(key || value), one block; parent = compression of (left || right) under the IV,
// counter 0, 64 bytes, PARENT only.

import { CHUNK_END, CHUNK_START, IV, PARENT, ROOT } from "./blake3-words";
import { compressFour, loadBlocks, resetChain, storeChain } from "./compress-four";
import { compressOne } from "./compress-one.gen";
import { HEIGHTS } from "./memory";
import {
  bitOf,
  INNER_NEXT,
  KEY_BITS,
  LEAF_KEY,
  LEAF_NEXT,
  leftOf,
  NODE_DIRTY,
  NODE_HASH,
  rightOf,
} from "./merkle-node";

const LEAF_FLAGS = CHUNK_START | CHUNK_END | ROOT;

/** Hashes every dirty node of the subtree. HEIGHTS is all zero between calls. */
export function hashDirty(root: usize): void {
  const top = sortByHeight(root);
  for (let height: u32 = 0; height <= top; height++) {
    const head = HEIGHTS + ((<usize>height) << 2);
    hashList(load<u32>(head), height == 0);
    store<u32>(head, 0);
  }
}

/** Puts dirty nodes on the list of their height, clears their mark; the node's height. */
function sortByHeight(node: usize): u32 {
  if (load<u8>(node, NODE_DIRTY) == 0) return 0;
  store<u8>(node, 0, NODE_DIRTY);
  let height: u32 = 0;
  if (bitOf(node) != KEY_BITS) {
    const left = sortByHeight(leftOf(node));
    const right = sortByHeight(rightOf(node));
    height = (left > right ? left : right) + 1;
  }
  const head = HEIGHTS + ((<usize>height) << 2);
  if (height == 0) store<u32>(node, load<u32>(head), LEAF_NEXT);
  else store<u32>(node, load<u32>(head), INNER_NEXT);
  store<u32>(head, <u32>node);
  return height;
}

function hashList(first: usize, leaves: bool): void {
  let node = first;
  while (node != 0) {
    const n0 = node;
    const n1 = nextOf(n0, leaves);
    if (n1 == 0) {
      hashOne(n0, leaves);
      return;
    }
    // Idle lanes repeat the first node: it is hashed to the same bytes.
    const n2 = nextOf(n1, leaves);
    const n3 = n2 == 0 ? n2 : nextOf(n2, leaves);
    node = n3 == 0 ? n3 : nextOf(n3, leaves);
    hashFour(n0, n1, n2 == 0 ? n0 : n2, n3 == 0 ? n0 : n3, leaves);
  }
}

function nextOf(node: usize, leaf: bool): usize {
  return leaf ? load<u32>(node, LEAF_NEXT) : load<u32>(node, INNER_NEXT);
}

function hashFour(n0: usize, n1: usize, n2: usize, n3: usize, leaves: bool): void {
  resetChain();
  if (leaves) {
    loadBlocks(
      n0 + LEAF_KEY,
      n0 + NODE_HASH,
      n1 + LEAF_KEY,
      n1 + NODE_HASH,
      n2 + LEAF_KEY,
      n2 + NODE_HASH,
      n3 + LEAF_KEY,
      n3 + NODE_HASH,
    );
  } else {
    loadBlocks(
      leftOf(n0),
      rightOf(n0),
      leftOf(n1),
      rightOf(n1),
      leftOf(n2),
      rightOf(n2),
      leftOf(n3),
      rightOf(n3),
    );
  }
  compressFour(i32x4.splat(0), leaves ? LEAF_FLAGS : PARENT);
  storeChain(n0 + NODE_HASH, n1 + NODE_HASH, n2 + NODE_HASH, n3 + NODE_HASH);
}

function hashOne(node: usize, leaf: bool): void {
  const left = leaf ? node + LEAF_KEY : leftOf(node);
  const right = leaf ? node + NODE_HASH : rightOf(node);
  compressOne(IV, left, right, 0, 64, leaf ? LEAF_FLAGS : PARENT, node + NODE_HASH);
}
