// Merkle trees over (key, value) pairs: path-compressed binary tries, many to one memory.
//
// Node head:  hash 32 B | bit u16 | dirty u8 | pad
// Leaf:       ... | next u32 | row u32 | pad | key 32 B   bit = 256; while dirty, `hash` is the value
// Inner:      ... | leaves u32 | children 2 x u32         bit = first key bit at which they differ
//
// 1. Along every path `bit` rises, so depth <= 256 and recursion is bounded.
// 2. An ancestor of a dirty node is dirty. Hashing visits dirty nodes only.
// 3. A tree's handle is one u32, its root node: zero is an empty tree. It may lie in a larger record.
// 4. The host's arguments lie at STAGE (key or prefix, then value or peer's hashes), results at
//    RESULT; a leaf stays where it is for as long as its pair lives.
// 5. A call that finds memory full has changed no pair, hash or count.

import { allocate, release } from "./arena";
import { copyHash, STAGE } from "./memory";
import { hashDirty } from "./merkle-hash";
import {
  bitOf,
  childLink,
  INNER_BYTES,
  INNER_LEAVES,
  KEY_BITS,
  keyBit,
  keyOf,
  LEAF_BYTES,
  LEAF_ROW,
  leavesOf,
  leftOf,
  NODE_BIT,
  NODE_DIRTY,
  rightOf,
} from "./merkle-node";

const TREE_FULL = -1;
const TREE_BYTES: usize = 16;

/** Whether the last treePlace added a leaf. */
let placeAdded: i32 = 0;

/** A handle of an empty tree; 0 when full. */
export function treeCreate(): usize {
  const tree = allocate(TREE_BYTES);
  if (tree != 0) store<u32>(tree, 0);
  return tree;
}

/** Adds (1) or replaces (0) the staged key's value; TREE_FULL when memory is out. */
export function treeSet(tree: usize, row: u32): i32 {
  return treePlace(tree, STAGE, STAGE + 32, row) == 0 ? TREE_FULL : placeAdded;
}

/** The leaf of `key`, which now has `value`; 0 when memory is out. */
export function treePlace(tree: usize, key: usize, value: usize, row: u32): usize {
  const root: usize = load<u32>(tree);
  placeAdded = 1;
  if (root == 0) {
    const only = newLeaf(key, value, row);
    store<u32>(tree, <u32>only);
    return only;
  }
  // One walk marks the path and finds the leaf, so that replacing needs no second one. A new key
  // may leave marks below its place: those nodes are hashed again to the same bytes.
  const near = markPath(root, key);
  const split = firstDifference(keyOf(near), key);
  if (split == KEY_BITS) {
    placeAdded = 0;
    fillLeaf(near, value, row);
    return near;
  }
  const inner = allocate(INNER_BYTES);
  if (inner == 0) return 0;
  const leaf = newLeaf(key, value, row);
  if (leaf == 0) {
    release(inner, INNER_BYTES);
    return 0;
  }
  const link = countPath(tree, key, split);
  const sibling: usize = load<u32>(link);
  const side = keyBit(key, split);
  store<u16>(inner, <u16>split, NODE_BIT);
  store<u8>(inner, 1, NODE_DIRTY);
  store<u32>(inner, leavesOf(sibling) + 1, INNER_LEAVES);
  store<u32>(childLink(inner, side), <u32>leaf);
  store<u32>(childLink(inner, side ^ 1), <u32>sibling);
  store<u32>(link, <u32>inner);
  return leaf;
}

/** Gives a leaf of the tree another value. */
export function treeReplace(tree: usize, leaf: usize, value: usize): void {
  markPath(load<u32>(tree), keyOf(leaf));
  fillLeaf(leaf, value, load<u32>(leaf, LEAF_ROW));
}

/** Removes the staged key: 1, or 0 when absent. */
export function treeDelete(tree: usize): i32 {
  return treeRemove(tree, STAGE);
}

/** Removes `key`: 1, or 0 when absent. */
export function treeRemove(tree: usize, key: usize): i32 {
  const root: usize = load<u32>(tree);
  if (root == 0) return 0;
  const leaf = nearestLeaf(root, key);
  if (firstDifference(keyOf(leaf), key) != KEY_BITS) return 0;
  if (leaf == root) {
    store<u32>(tree, 0);
    release(leaf, LEAF_BYTES);
    return 1;
  }
  let above = tree;
  let parent = root;
  let child: usize = load<u32>(childLink(parent, keyBit(key, bitOf(parent))));
  while (child != leaf) {
    store<u8>(parent, 1, NODE_DIRTY);
    addLeaves(parent, -1);
    above = childLink(parent, keyBit(key, bitOf(parent)));
    parent = child;
    child = load<u32>(childLink(parent, keyBit(key, bitOf(parent))));
  }
  store<u32>(above, load<u32>(childLink(parent, keyBit(key, bitOf(parent)) ^ 1)));
  // `key` may be the leaf's own: it is read no more.
  release(leaf, LEAF_BYTES);
  release(parent, INNER_BYTES);
  return 1;
}

/** Leaves in the tree. */
export function treeSize(tree: usize): u32 {
  const root: usize = load<u32>(tree);
  return root == 0 ? 0 : leavesOf(root);
}

/** Brings every hash up to date; the root node, 0 when empty. */
export function rootNode(tree: usize): usize {
  const root: usize = load<u32>(tree);
  if (root != 0 && load<u8>(root, NODE_DIRTY) != 0) hashDirty(root);
  return root;
}

/** The node that covers exactly the leaves under the first `bits` bits at STAGE; 0 if none. */
export function nodeUnder(tree: usize, bits: u32): usize {
  let node: usize = load<u32>(tree);
  if (node == 0) return 0;
  while (bitOf(node) < bits) node = load<u32>(childLink(node, keyBit(STAGE, bitOf(node))));
  return firstDifference(keyOf(firstLeaf(node)), STAGE) >= bits ? node : 0;
}

/** Any leaf below, by always going left: they all share the node's prefix. */
export function firstLeaf(node: usize): usize {
  let at = node;
  while (bitOf(at) != KEY_BITS) at = leftOf(at);
  return at;
}

export function treeFree(tree: usize): void {
  treeClear(tree);
  release(tree, TREE_BYTES);
}

/** Removes every pair. */
export function treeClear(tree: usize): void {
  const root: usize = load<u32>(tree);
  if (root != 0) freeBelow(root);
  store<u32>(tree, 0);
}

function freeBelow(node: usize): void {
  if (bitOf(node) == KEY_BITS) {
    release(node, LEAF_BYTES);
    return;
  }
  freeBelow(leftOf(node));
  freeBelow(rightOf(node));
  release(node, INNER_BYTES);
}

/** A leaf outside the tree yet; 0 when memory is out. */
function newLeaf(key: usize, value: usize, row: u32): usize {
  const leaf = allocate(LEAF_BYTES);
  if (leaf == 0) return 0;
  copyHash(keyOf(leaf), key);
  fillLeaf(leaf, value, row);
  return leaf;
}

function fillLeaf(leaf: usize, value: usize, row: u32): void {
  copyHash(leaf, value);
  store<u16>(leaf, <u16>KEY_BITS, NODE_BIT);
  store<u8>(leaf, 1, NODE_DIRTY);
  store<u32>(leaf, row, LEAF_ROW);
}

/** The only leaf that can hold the key. */
function nearestLeaf(root: usize, key: usize): usize {
  let node = root;
  for (let bit = bitOf(node); bit != KEY_BITS; bit = bitOf(node)) {
    node = load<u32>(childLink(node, keyBit(key, bit)));
  }
  return node;
}

/** Marks every node above the only leaf that can hold the key; that leaf. */
function markPath(root: usize, key: usize): usize {
  let node = root;
  for (let bit = bitOf(node); bit != KEY_BITS; bit = bitOf(node)) {
    store<u8>(node, 1, NODE_DIRTY);
    node = load<u32>(childLink(node, keyBit(key, bit)));
  }
  return node;
}

/** Counts one more leaf along the key's path down to bit `until`; the link at its end. */
function countPath(tree: usize, key: usize, until: u32): usize {
  let link = tree;
  let node: usize = load<u32>(link);
  while (bitOf(node) < until) {
    addLeaves(node, 1);
    link = childLink(node, keyBit(key, bitOf(node)));
    node = load<u32>(link);
  }
  return link;
}

function addLeaves(inner: usize, leaves: i32): void {
  store<u32>(inner, load<u32>(inner, INNER_LEAVES) + leaves, INNER_LEAVES);
}

/** Index of the first bit at which two keys differ, 256 when equal. */
function firstDifference(a: usize, b: usize): u32 {
  for (let at: usize = 0; at < 32; at += 8) {
    const bits = load<u64>(a + at) ^ load<u64>(b + at);
    if (bits != 0) return <u32>(at << 3) + <u32>clz<u64>(bswap<u64>(bits));
  }
  return KEY_BITS;
}
