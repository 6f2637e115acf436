// The records of a Merkle tree's nodes; merkle-tree.ts has the drawing.

export const NODE_HASH: usize = 0; // 32 bytes; in a dirty leaf, its value
export const NODE_BIT: usize = 32; // u16
export const NODE_DIRTY: usize = 34; // u8
export const LEAF_NEXT: usize = 36; // u32, link of the leaves' list while hashing
export const LEAF_ROW: usize = 40; // u32
export const LEAF_KEY: usize = 48; // 32 bytes
export const LEAF_BYTES: usize = 80;
export const INNER_NEXT: usize = 0; // u32, link of a height's list: in place of the old hash
export const INNER_LEAVES: usize = 36; // u32
const INNER_LEFT: usize = 40; // u32, the side whose key bit is 0
const INNER_RIGHT: usize = 44; // u32
export const INNER_BYTES: usize = 48;
export const KEY_BITS: u32 = 256;

export function bitOf(node: usize): u32 {
  return load<u16>(node, NODE_BIT);
}

export function leftOf(inner: usize): usize {
  return load<u32>(inner, INNER_LEFT);
}

export function rightOf(inner: usize): usize {
  return load<u32>(inner, INNER_RIGHT);
}

export function childLink(inner: usize, side: u32): usize {
  return inner + INNER_LEFT + ((<usize>side) << 2);
}

export function keyOf(leaf: usize): usize {
  return leaf + LEAF_KEY;
}

export function rowOf(leaf: usize): u32 {
  return load<u32>(leaf, LEAF_ROW);
}

export function leavesOf(node: usize): u32 {
  return bitOf(node) == KEY_BITS ? 1 : load<u32>(node, INNER_LEAVES);
}

/** Bit `index` of a key, most significant bit of byte 0 first. */
export function keyBit(key: usize, index: u32): u32 {
  return (<u32>load<u8>(key + (index >> 3)) >> (7 - (index & 7))) & 1;
}

/** Half-byte `index` of a key, most significant first. */
export function keyNibble(key: usize, index: u32): u32 {
  return (<u32>load<u8>(key + (index >> 1)) >> ((~index & 1) << 2)) & 15;
}
