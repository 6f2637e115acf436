/**
 * The Merkle tree in plain JavaScript: a path-compressed binary trie of small objects.
 *
 * 1. An inner node holds the first key bit at which its two sides differ; along a path it rises.
 * 2. A hash is dropped when anything below changes and made again when asked for.
 * 3. Shape and root are a function of the live pairs alone.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import {
  assertHash,
  assertPrefix,
  assertRange,
  KEY_NIBBLES,
  RANGE_BYTES,
  RANGE_FAN,
} from "../arguments.ts";
import type { MerkleTree } from "../kernels.ts";
import { blake3, blake3Parent } from "./blake3.ts";

const KEY_BITS = 256;

interface Leaf {
  readonly bit: typeof KEY_BITS;
  readonly leaves: 1;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly row: number;
  hash: Uint8Array | undefined;
}

interface Inner {
  readonly bit: number;
  readonly leaves: number;
  /** A key that shares the subtree's prefix up to `bit`. */
  readonly key: Uint8Array;
  readonly left: Node;
  readonly right: Node;
  hash: Uint8Array | undefined;
}

type Node = Leaf | Inner;

export class ReferenceMerkleTree implements MerkleTree {
  #root: Node | undefined;
  #freed = false;

  get size(): number {
    return this.#root?.leaves ?? 0;
  }

  set(key: Uint8Array, value: Uint8Array, row: number): void {
    assertHash(key, "key");
    assertHash(value, "value");
    assertInvariant(!this.#freed, "Merkle tree used after free");
    const leaf: Leaf = {
      bit: KEY_BITS,
      leaves: 1,
      key: key.slice(),
      value: value.slice(),
      row: row >>> 0,
      hash: undefined,
    };
    this.#root = withLeaf(this.#root, leaf);
  }

  delete(key: Uint8Array): boolean {
    assertHash(key, "key");
    assertInvariant(!this.#freed, "Merkle tree used after free");
    const leaf = this.#root && nodeUnder(this.#root, key, KEY_BITS);
    if (leaf === undefined) return false;
    this.#root = this.#root && withoutLeaf(this.#root, key);
    return true;
  }

  root(): Uint8Array {
    assertInvariant(!this.#freed, "Merkle tree used after free");
    return this.#root === undefined ? new Uint8Array(HASH_BYTES) : hashOf(this.#root).slice();
  }

  rangeHashes(prefix: Uint8Array, nibbles: number, into: Uint8Array): number {
    assertPrefix(prefix, nibbles, KEY_NIBBLES - 1);
    assertRange(into);
    assertInvariant(!this.#freed, "Merkle tree used after free");
    into.fill(0, 0, RANGE_BYTES);
    const node = this.#root && nodeUnder(this.#root, prefix, nibbles * 4);
    if (node !== undefined) spread(node, nibbles, into);
    return node?.leaves ?? 0;
  }

  rangeDiff(prefix: Uint8Array, nibbles: number, theirs: Uint8Array): number {
    assertRange(theirs);
    const own = new Uint8Array(RANGE_BYTES);
    this.rangeHashes(prefix, nibbles, own);
    let differing = 0;
    for (let at = 0; at < RANGE_BYTES; at++) {
      if (own[at] !== theirs[at]) differing |= 1 << Math.floor(at / HASH_BYTES);
    }
    return differing;
  }

  rangeRows(prefix: Uint8Array, nibbles: number, into: Uint32Array): number {
    assertPrefix(prefix, nibbles, KEY_NIBBLES);
    assertInvariant(!this.#freed, "Merkle tree used after free");
    const node = this.#root && nodeUnder(this.#root, prefix, nibbles * 4);
    if (node !== undefined) writeRows(node, into, 0);
    return node?.leaves ?? 0;
  }

  free(): void {
    this.#root = undefined;
    this.#freed = true;
  }
}

function isLeaf(node: Node): node is Leaf {
  return node.bit === KEY_BITS;
}

function join(bit: number, a: Node, b: Node): Inner {
  const [left, right] = keyBit(a.key, bit) === 0 ? [a, b] : [b, a];
  return { bit, leaves: a.leaves + b.leaves, key: a.key, left, right, hash: undefined };
}

function withLeaf(node: Node | undefined, leaf: Leaf): Node {
  if (node === undefined) return leaf;
  const split = firstDifference(node.key, leaf.key);
  if (split < node.bit) return join(split, node, leaf);
  if (isLeaf(node)) return leaf;
  return keyBit(leaf.key, node.bit) === 0
    ? join(node.bit, withLeaf(node.left, leaf), node.right)
    : join(node.bit, node.left, withLeaf(node.right, leaf));
}

/** `key` must be present. */
function withoutLeaf(node: Node, key: Uint8Array): Node | undefined {
  if (isLeaf(node)) return undefined;
  const [side, other] =
    keyBit(key, node.bit) === 0 ? [node.left, node.right] : [node.right, node.left];
  const rest = withoutLeaf(side, key);
  return rest === undefined ? other : join(node.bit, rest, other);
}

/** The node that covers exactly the leaves under the first `bits` bits of `prefix`. */
function nodeUnder(root: Node, prefix: Uint8Array, bits: number): Node | undefined {
  let node = root;
  while (!isLeaf(node) && node.bit < bits) {
    node = keyBit(prefix, node.bit) === 0 ? node.left : node.right;
  }
  return firstDifference(node.key, prefix) >= bits ? node : undefined;
}

function hashOf(node: Node): Uint8Array {
  node.hash ??= isLeaf(node)
    ? blake3(concat(node.key, node.value))
    : blake3Parent(hashOf(node.left), hashOf(node.right));
  return node.hash;
}

function spread(node: Node, nibbles: number, into: Uint8Array): void {
  if (isLeaf(node) || node.bit >= nibbles * 4 + 4) {
    into.set(hashOf(node), keyNibble(node.key, nibbles) * HASH_BYTES);
    return;
  }
  spread(node.left, nibbles, into);
  spread(node.right, nibbles, into);
}

/** Writes from `place` on; the place after the last row, which may lie past the end. */
function writeRows(node: Node, into: Uint32Array, place: number): number {
  if (place >= into.length) return place;
  if (!isLeaf(node)) return writeRows(node.right, into, writeRows(node.left, into, place));
  into[place] = node.row;
  return place + 1;
}

/** Index of the first bit at which `b` differs from `a` (a missing byte differs), 256 if none. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < HASH_BYTES; index++) {
    const bits = (a[index] ?? 0) ^ (b[index] ?? ~(a[index] ?? 0));
    if (bits !== 0) return index * 8 + Math.clz32(bits & 0xff) - 24;
  }
  return KEY_BITS;
}

/** Bit `index` of a key, most significant bit of byte 0 first. */
function keyBit(key: Uint8Array, index: number): number {
  return ((key[index >>> 3] ?? 0) >>> (7 - (index & 7))) & 1;
}

/** Half-byte `index` of a key, most significant first. */
function keyNibble(key: Uint8Array, index: number): number {
  return ((key[index >>> 1] ?? 0) >>> (index % 2 === 0 ? 4 : 0)) % RANGE_FAN;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
