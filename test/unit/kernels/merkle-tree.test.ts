import { describe, expect, test } from "vitest";
import type { MerkleTree } from "../../../src/kernels/kernels.ts";
import { blake3Parent } from "../../../src/kernels/reference/blake3.ts";
import { hex, implementations, keyOf, numberedBytes } from "../../support/primitives.ts";

const ZERO = new Uint8Array(32);
const VALUE = numberedBytes(32, 100);

describe.each(implementations)("Merkle trees of the %s kernels", (_name, primitives) => {
  const leaf = (key: Uint8Array, value = VALUE): Uint8Array =>
    primitives.blake3(Buffer.concat([key, value]));
  const treeOf = (...keys: Uint8Array[]): MerkleTree => {
    const tree = primitives.createMerkleTree();
    keys.forEach((key, row) => {
      tree.set(key, VALUE, row + 1);
    });
    return tree;
  };
  const rangeOf = (tree: MerkleTree, prefix: Uint8Array, nibbles: number): [number, string[]] => {
    const into = new Uint8Array(512).fill(0xee);
    const leaves = tree.rangeHashes(prefix, nibbles, into);
    return [leaves, Array.from({ length: 16 }, (_, i) => hex(into.subarray(32 * i, 32 * i + 32)))];
  };

  test("have a root of zeros when empty", () => {
    const tree = treeOf();
    expect(tree.root()).toEqual(ZERO);
    expect(tree.size).toBe(0);
  });

  test("have their one leaf as root", () => {
    expect(treeOf(keyOf(9)).root()).toEqual(leaf(keyOf(9)));
  });

  test("join two leaves at their first differing bit, bit 0 to the left", () => {
    const [low, high] = [keyOf(0b0100), keyOf(0b0110)];
    expect(treeOf(high, low).root()).toEqual(blake3Parent(leaf(low), leaf(high)));
  });

  test("skip the bits that all keys share", () => {
    const [a, b, c] = [keyOf(1, 0), keyOf(1, 0, 0, 0, 0, 0, 0, 1), keyOf(1, 128)];
    const root = blake3Parent(blake3Parent(leaf(a), leaf(b)), leaf(c));
    expect(treeOf(c, a, b).root()).toEqual(root);
  });

  test("tell apart keys that differ in their last bit", () => {
    const [a, b] = [keyOf(), keyOf()];
    b[31] = 1;
    expect(treeOf(a, b).root()).toEqual(blake3Parent(leaf(a), leaf(b)));
  });

  test("replace the value and row of a key they hold", () => {
    const tree = treeOf(keyOf(1), keyOf(2));
    tree.root();
    const value = numberedBytes(32, 7);
    tree.set(keyOf(2), value, 77);
    expect(tree.size).toBe(2);
    expect(tree.root()).toEqual(blake3Parent(leaf(keyOf(1)), leaf(keyOf(2), value)));
    const rows = new Uint32Array(2);
    tree.rangeRows(ZERO, 0, rows);
    expect([...rows]).toEqual([1, 77]);
  });

  test("forget a deleted key altogether", () => {
    const tree = treeOf(keyOf(1), keyOf(2), keyOf(3));
    tree.root();
    expect(tree.delete(keyOf(2))).toBe(true);
    expect(tree.root()).toEqual(treeOf(keyOf(3), keyOf(1)).root());
    expect(tree.size).toBe(2);
  });

  test("say when a key to delete is absent", () => {
    const tree = treeOf(keyOf(1));
    expect(tree.delete(keyOf(2))).toBe(false);
    expect(treeOf().delete(keyOf(2))).toBe(false);
    expect(tree.size).toBe(1);
  });

  test("are empty again after the last delete", () => {
    const tree = treeOf(keyOf(1));
    expect(tree.delete(keyOf(1))).toBe(true);
    expect(tree.root()).toEqual(ZERO);
    expect(rangeOf(tree, ZERO, 0)).toEqual([0, Array(16).fill(hex(ZERO))]);
  });

  test("give the root's caller its own bytes", () => {
    const tree = treeOf(keyOf(1));
    tree.root().fill(0);
    expect(tree.root()).toEqual(leaf(keyOf(1)));
  });

  test("give the hash of all leaves under each child of a prefix", () => {
    const [a, b, c, d] = [keyOf(0xa0), keyOf(0xa1), keyOf(0xb0), keyOf(0x10)];
    const [leaves, hashes] = rangeOf(treeOf(a, b, c, d), ZERO, 0);
    const expected: string[] = Array(16).fill(hex(ZERO));
    expected[0xa] = hex(blake3Parent(leaf(a), leaf(b)));
    expected[0xb] = hex(leaf(c));
    expected[0x1] = hex(leaf(d));
    expect([leaves, hashes]).toEqual([4, expected]);
  });

  test("give the node itself where compression skips a whole half-byte", () => {
    const [a, b] = [keyOf(0xab, 0x10), keyOf(0xab, 0x20)];
    const tree = treeOf(a, b, keyOf(0x00));
    const [leaves, hashes] = rangeOf(tree, keyOf(0xa0), 1);
    expect(leaves).toBe(2);
    expect(hashes[0xb]).toBe(hex(blake3Parent(leaf(a), leaf(b))));
    expect(hashes.filter((hash) => hash !== hex(ZERO))).toHaveLength(1);
  });

  test("have nothing under a prefix that no key has", () => {
    const tree = treeOf(keyOf(0xab), keyOf(0xac));
    expect(rangeOf(tree, keyOf(0xaa), 2)).toEqual([0, Array(16).fill(hex(ZERO))]);
    expect(rangeOf(tree, keyOf(0xb0), 1)[0]).toBe(0);
  });

  test("take a prefix that is no longer than its half-bytes, or longer than a key", () => {
    const tree = treeOf(keyOf(0xa3, 0x10), keyOf(0xa3, 0x20), keyOf(0xa4));
    tree.delete(keyOf(0xff, 0xff, 0xff)); // leaves other bytes where prefixes are put
    const expected = rangeOf(tree, keyOf(0xa3), 2);
    expect(expected[0]).toBe(2);
    expect(rangeOf(tree, Uint8Array.of(0xa3), 2)).toEqual(expected);
    expect(rangeOf(tree, Uint8Array.from([0xa3, ...numberedBytes(40)]), 2)).toEqual(expected);
  });

  test("answer for the last half-byte of a key", () => {
    const [a, b] = [keyOf(), keyOf()];
    b[31] = 0x0f;
    const [leaves, hashes] = rangeOf(treeOf(a, b), ZERO, 63);
    expect([leaves, hashes[0], hashes[15]]).toEqual([2, hex(leaf(a)), hex(leaf(b))]);
  });

  test("set one bit for each child in which a peer differs", () => {
    const [own, peer] = [treeOf(keyOf(0x10), keyOf(0x20)), treeOf(keyOf(0x10), keyOf(0xf0))];
    const theirs = new Uint8Array(512);
    peer.rangeHashes(ZERO, 0, theirs);
    expect(own.rangeDiff(ZERO, 0, theirs)).toBe((1 << 2) | (1 << 15));
  });

  test("see no difference to an equal peer", () => {
    const theirs = new Uint8Array(512);
    treeOf(keyOf(0x20), keyOf(0x10)).rangeHashes(keyOf(0x10), 1, theirs);
    expect(treeOf(keyOf(0x10), keyOf(0x20)).rangeDiff(keyOf(0x10), 1, theirs)).toBe(0);
  });

  test("list rows below a prefix in key order, as far as they fit", () => {
    const tree = treeOf(keyOf(0xa3), keyOf(0xa1), keyOf(0xb0), keyOf(0xa2));
    const rows = new Uint32Array(2);
    expect(tree.rangeRows(keyOf(0xa0), 1, rows)).toBe(3);
    expect([...rows]).toEqual([2, 4]);
    expect(tree.rangeRows(keyOf(0xa0), 1, new Uint32Array(0))).toBe(3);
  });

  test("list more rows than the stage of the module holds", () => {
    const count = 20_000;
    const keys = Array.from({ length: count }, (_, i) => keyOf(i >>> 8, i & 255));
    const tree = treeOf(...keys);
    const rows = new Uint32Array(count + 1);
    expect(tree.rangeRows(ZERO, 0, rows)).toBe(count);
    expect(rows.every((row, index) => row === (index < count ? index + 1 : 0))).toBe(true);
    tree.free();
  });

  test("refuse arguments of another shape", () => {
    const tree = treeOf();
    const bytes = new Uint8Array(512);
    expect(() => tree.set(new Uint8Array(31), VALUE, 0)).toThrow(/key must have 32/);
    expect(() => tree.set(ZERO, new Uint8Array(33), 0)).toThrow(/value must have 32/);
    expect(() => tree.rangeHashes(ZERO, 64, bytes)).toThrow(/nibbles/);
    expect(() => tree.rangeHashes(new Uint8Array(1), 3, bytes)).toThrow(/prefix is shorter/);
    expect(() => tree.rangeDiff(ZERO, 0, bytes.subarray(1))).toThrow(/512/);
  });

  test("refuse use after free", () => {
    const tree = treeOf(keyOf(1));
    tree.free();
    tree.free();
    expect(() => tree.root()).toThrow(/after free/);
    expect(() => tree.set(ZERO, VALUE, 0)).toThrow(/after free/);
  });
});
