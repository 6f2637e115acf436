// Range questions about a Merkle tree, for repair: the 16 subtrees one half-byte below a prefix,
// how they differ from a peer's, and the rows of the leaves below it. The prefix lies at STAGE.

import { copyHash, RESULT, STAGE } from "./memory";
import {
  bitOf,
  KEY_BITS,
  keyNibble,
  keyOf,
  leavesOf,
  leftOf,
  NODE_HASH,
  rightOf,
  rowOf,
} from "./merkle-node";
import { firstLeaf, nodeUnder, rootNode } from "./merkle-tree";

const FAN: u32 = 16;
const HASHES_BYTES: usize = 512;

let skip: u32 = 0;
let cursor: usize = 0;
let end: usize = 0;

/** Leaves the root hash at RESULT, zero when the tree is empty. */
export function treeRoot(tree: usize): void {
  const root = rootNode(tree);
  if (root == 0) memory.fill(RESULT, 0, 32);
  else copyHash(RESULT, root + NODE_HASH);
}

/** Leaves the 16 child hashes at RESULT; the count of leaves below the prefix. */
export function treeRangeHashes(tree: usize, nibbles: u32): u32 {
  memory.fill(RESULT, 0, HASHES_BYTES);
  rootNode(tree);
  const node = nodeUnder(tree, nibbles << 2);
  if (node == 0) return 0;
  spread(node, nibbles);
  return leavesOf(node);
}

/** Bit i set where own child hash i differs from the one staged at STAGE + 32 + 32 i. */
export function treeRangeDiff(tree: usize, nibbles: u32): u32 {
  treeRangeHashes(tree, nibbles);
  let differing: u32 = 0;
  for (let child: u32 = 0; child < FAN; child++) {
    const own = RESULT + ((<usize>child) << 5);
    const theirs = STAGE + 32 + ((<usize>child) << 5);
    const low = v128.xor(v128.load(own), v128.load(theirs));
    const high = v128.xor(v128.load(own, 16), v128.load(theirs, 16));
    if (v128.any_true(v128.or(low, high))) differing |= 1 << child;
  }
  return differing;
}

/**
 * Leaves rows of the leaves below the prefix at STAGE + 32, in key order, without the first
 * `skipped` and at most `count` of them; the count of all leaves below.
 */
export function treeRangeRows(tree: usize, nibbles: u32, skipped: u32, count: u32): u32 {
  const node = nodeUnder(tree, nibbles << 2);
  if (node == 0) return 0;
  skip = skipped;
  cursor = STAGE + 32;
  end = cursor + ((<usize>count) << 2);
  writeRows(node);
  return leavesOf(node);
}

function spread(node: usize, nibbles: u32): void {
  if (bitOf(node) < (nibbles << 2) + 4) {
    spread(leftOf(node), nibbles);
    spread(rightOf(node), nibbles);
    return;
  }
  const child = keyNibble(keyOf(firstLeaf(node)), nibbles);
  copyHash(RESULT + ((<usize>child) << 5), node + NODE_HASH);
}

function writeRows(node: usize): void {
  if (cursor == end) return;
  const leaves = leavesOf(node);
  if (skip >= leaves) {
    skip -= leaves;
    return;
  }
  if (bitOf(node) == KEY_BITS) {
    store<u32>(cursor, rowOf(node));
    cursor += 4;
    return;
  }
  writeRows(leftOf(node));
  writeRows(rightOf(node));
}
