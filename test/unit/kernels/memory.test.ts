import { expect, test } from "vitest";
import { isMeshError, type MeshError } from "../../../src/errors.ts";
import type { MerkleTree, VersionVector } from "../../../src/kernels/kernels.ts";
import { createWasmKernels } from "../../../src/kernels/wasm/kernels.ts";
import { CoreMemory, MEMORY_BYTES_MIN } from "../../../src/kernels/wasm/memory.ts";
import { WasmMerkleTree } from "../../../src/kernels/wasm/merkle-tree.ts";
import { WasmVersionVector } from "../../../src/kernels/wasm/version-vector.ts";

const SMALL = MEMORY_BYTES_MIN; // about 70 KB of arena

function keyOf(index: number): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, Math.imul(index + 1, 0x9e3779b1));
  return key;
}

function fill(tree: MerkleTree): { keys: number; error: unknown } {
  for (let keys = 0; ; keys++) {
    try {
      tree.set(keyOf(keys), keyOf(keys + 9), keys);
    } catch (error) {
      return { keys, error };
    }
  }
}

test("a full memory refuses a leaf with MESH_STATE_FULL and leaves the tree as it was", () => {
  const tree = createWasmKernels({ memoryBytes: SMALL }).createMerkleTree();
  const { keys, error } = fill(tree);
  expect(isMeshError(error, "MESH_STATE_FULL")).toBe(true);
  expect(keys).toBeGreaterThan(300);
  expect(tree.size).toBe(keys);
  const root = createWasmKernels().createMerkleTree();
  for (let index = 0; index < keys; index++) root.set(keyOf(index), keyOf(index + 9), index);
  expect(tree.root()).toEqual(root.root());
});

test("a full memory still replaces and deletes, and takes as many leaves again", () => {
  const tree = createWasmKernels({ memoryBytes: SMALL }).createMerkleTree();
  const { keys } = fill(tree);
  tree.set(keyOf(0), keyOf(1), 5);
  for (let index = 0; index < keys; index++) expect(tree.delete(keyOf(index))).toBe(true);
  expect(fill(tree).keys).toBe(keys);
});

test("a refused leaf leaves no block behind", () => {
  const memory = new CoreMemory({ memoryBytes: SMALL });
  const tree = new WasmMerkleTree(memory);
  // Down to one inner node's room: it fits, the leaf below it does not.
  const { keys } = fill(tree);
  tree.delete(keyOf(0));
  const leaf = memory.functions.allocate(80);
  expect(leaf).not.toBe(0);
  const live = memory.functions.arenaLiveBytes();
  expect(() => tree.set(keyOf(keys), keyOf(1), 1)).toThrow(/no room/);
  expect(memory.functions.arenaLiveBytes()).toBe(live);
  expect(tree.size).toBe(keys - 1);
});

test("a full memory refuses to grow a vector, whose lanes stay", () => {
  const { createVersionVector } = createWasmKernels({ memoryBytes: SMALL });
  const vector = createVersionVector();
  vector.set(1000, 7);
  expect(() => vector.set(20_000, 1)).toThrow(/no room/);
  expect([vector.lanes, vector.get(1000)]).toEqual([1001, 7]);
});

test("a merge that finds no room leaves its target as it was", () => {
  const primitives = createWasmKernels({ memoryBytes: SMALL });
  const [into, from] = [primitives.createVersionVector(), primitives.createVersionVector()];
  into.set(0, 3);
  from.set(5000, 1); // 8,192 lanes of 8 bytes: half the arena and more
  expect(() => primitives.vvMerge(into, from)).toThrow(/no room/);
  expect([into.lanes, into.get(0), into.get(5000)]).toEqual([1, 3, 0]);
});

test("a selection too large for the memory leaves the state as it was", () => {
  const primitives = createWasmKernels({ memoryBytes: SMALL });
  const random = Uint32Array.of(1, 2, 3, 4);
  const draw = (): number => primitives.selectPeers(1e6, 20_000, random, new Uint32Array(20_000));
  expect(draw).toThrow(/no room/);
  expect([...random]).toEqual([1, 2, 3, 4]);
});

test("a selection writes its output and its table only, even when the table is nearly full", () => {
  const memory = new CoreMemory({ memoryBytes: SMALL });
  const [k, tableBits, canary] = [1000, 10, 64];
  const block = memory.functions.allocate(16384);
  memory.u8.fill(0xaa, block, block + 16384);
  const out = block + canary;
  const table = out + 4 * k + canary;
  const end = table + 4 * 2 ** tableBits;
  memory.u8.fill(0, end, block + 16384); // a row there would be taken for an empty one
  memory.u32.set([1, 2, 3, 4], memory.layout.random >>> 2);
  memory.functions.selectPeers(1e6, k, out, table, tableBits);
  const drawn = memory.u32.subarray(out >>> 2, (out >>> 2) + k);
  expect(new Set(drawn).size).toBe(k);
  const all = (from: number, to: number, byte: number): boolean =>
    memory.u8.subarray(from, to).every((seen) => seen === byte);
  expect(all(block, out, 0xaa)).toBe(true);
  expect(all(table - canary, table, 0xaa)).toBe(true);
  expect(all(end, block + 16384, 0)).toBe(true);
});

test("churn of trees, vectors and selections reuses what it freed", () => {
  const memory = new CoreMemory({ memoryBytes: 1 << 22 });
  const churn = (): void => {
    const trees = Array.from({ length: 20 }, () => new WasmMerkleTree(memory));
    const vectors = trees.map(() => new WasmVersionVector(memory));
    for (let index = 0; index < 2000; index++) {
      trees[index % 20]!.set(keyOf(index), keyOf(index), index);
      if (index % 3 === 0) trees[index % 20]!.delete(keyOf(index));
      vectors[index % 20]!.set(index >>> 4, index);
    }
    for (const tree of trees) tree.free();
    for (const vector of vectors) vector.free();
  };
  churn();
  const touched = memory.functions.arenaTouchedBytes();
  expect(memory.functions.arenaLiveBytes()).toBe(0);
  for (let time = 0; time < 5; time++) churn();
  expect(memory.functions.arenaTouchedBytes()).toBe(touched);
  expect(memory.functions.arenaLiveBytes()).toBe(0);
});

test("freed large blocks are cut up for small ones when nothing else is left", () => {
  const memory = new CoreMemory({ memoryBytes: SMALL });
  const vector = new WasmVersionVector(memory);
  vector.set(4095, 1); // 32 KiB
  vector.free();
  expect(fill(new WasmMerkleTree(memory)).keys).toBeGreaterThan(300);
});

test("one memory hosts 10,000 small trees and vectors", () => {
  const memory = new CoreMemory();
  const trees: MerkleTree[] = [];
  const vectors: VersionVector[] = [];
  for (let replica = 0; replica < 10_000; replica++) {
    const tree = new WasmMerkleTree(memory);
    tree.set(keyOf(replica), keyOf(replica), replica);
    tree.set(keyOf(replica + 1), keyOf(replica), replica);
    const vector = new WasmVersionVector(memory);
    vector.set(replica % 8, replica);
    trees.push(tree);
    vectors.push(vector);
  }
  expect(new Set(trees.map((tree) => tree.root().join())).size).toBe(10_000);
  expect(vectors.every((vector, replica) => vector.get(replica % 8) === replica)).toBe(true);
  expect(memory.functions.arenaLiveBytes()).toBe(10_000 * (16 + 2 * 80 + 48 + 16 + 64));
});

test("the default kernels are shared by the process", () => {
  expect(createWasmKernels()).toBe(createWasmKernels());
});

test("a memory that is too small or too large is refused", () => {
  expect(() => new CoreMemory({ memoryBytes: SMALL - 65536 })).toThrow(/memory must have/);
  expect(() => new CoreMemory({ memoryBytes: 2 ** 31 })).toThrow(/memory must have/);
});

test("a full memory says how full it is", () => {
  const { error } = fill(createWasmKernels({ memoryBytes: SMALL }).createMerkleTree());
  expect((error as MeshError).details).toMatchObject({ memoryBytes: SMALL });
});
