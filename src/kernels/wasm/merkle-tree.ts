/**
 * A Merkle tree whose nodes live in linear memory; assembly/merkle-tree.ts has the algorithm.
 *
 * Arguments are copied to the stage (key or prefix first), results are copied from the result
 * region or the stage. The host holds the handle and the size.
 */
import { HASH_BYTES } from "../../../assembly/layout.ts";
import { assertInvariant } from "../../errors.ts";
import { assertHash, assertPrefix, assertRange, KEY_NIBBLES, RANGE_BYTES } from "../arguments.ts";
import type { MerkleTree } from "../kernels.ts";
import { type CoreMemory, memoryFull } from "./memory.ts";

export class WasmMerkleTree implements MerkleTree {
  readonly #memory: CoreMemory;
  readonly #isOwned: boolean;
  #tree: number;

  /**
   * @param tree the handle of a tree that somebody else owns and frees; absent: a fresh one.
   * @throws MeshError MESH_STATE_FULL when the memory is full.
   */
  constructor(memory: CoreMemory, tree?: number) {
    this.#memory = memory;
    this.#isOwned = tree === undefined;
    this.#tree = tree ?? memory.functions.treeCreate();
    if (this.#tree === 0) throw memoryFull(memory, "a Merkle tree");
  }

  get size(): number {
    return this.#tree === 0 ? 0 : this.#memory.functions.treeSize(this.#tree) >>> 0;
  }

  set(key: Uint8Array, value: Uint8Array, row: number): void {
    assertHash(key, "key");
    assertHash(value, "value");
    const tree = this.#live();
    this.#memory.stage(key, 0);
    this.#memory.stage(value, HASH_BYTES);
    const added = this.#memory.functions.treeSet(tree, row);
    if (added < 0) throw memoryFull(this.#memory, "a Merkle leaf");
  }

  delete(key: Uint8Array): boolean {
    assertHash(key, "key");
    const tree = this.#live();
    this.#memory.stage(key, 0);
    return this.#memory.functions.treeDelete(tree) === 1;
  }

  root(): Uint8Array {
    this.#memory.functions.treeRoot(this.#live());
    return this.#memory.resultHash();
  }

  rangeHashes(prefix: Uint8Array, nibbles: number, into: Uint8Array): number {
    assertPrefix(prefix, nibbles, KEY_NIBBLES - 1);
    assertRange(into);
    const tree = this.#live();
    this.#stagePrefix(prefix);
    const { functions, layout, u8 } = this.#memory;
    const leaves = functions.treeRangeHashes(tree, nibbles) >>> 0;
    into.set(u8.subarray(layout.result, layout.result + RANGE_BYTES));
    return leaves;
  }

  rangeDiff(prefix: Uint8Array, nibbles: number, theirs: Uint8Array): number {
    assertPrefix(prefix, nibbles, KEY_NIBBLES - 1);
    assertRange(theirs);
    const tree = this.#live();
    this.#stagePrefix(prefix);
    this.#memory.stage(theirs.length > RANGE_BYTES ? theirs.subarray(0, RANGE_BYTES) : theirs, 32);
    return this.#memory.functions.treeRangeDiff(tree, nibbles);
  }

  rangeRows(prefix: Uint8Array, nibbles: number, into: Uint32Array): number {
    assertPrefix(prefix, nibbles, KEY_NIBBLES);
    const tree = this.#live();
    this.#stagePrefix(prefix);
    const { functions, layout, u32 } = this.#memory;
    const first = (layout.stage + HASH_BYTES) >>> 2;
    const page = (layout.stageBytes - HASH_BYTES) >>> 2;
    let written = 0;
    let total = 0;
    do {
      const count = Math.min(page, into.length - written);
      total = functions.treeRangeRows(tree, nibbles, written, count) >>> 0;
      const rows = Math.min(count, total - written);
      into.set(u32.subarray(first, first + rows), written);
      written += rows;
    } while (written < into.length && written < total);
    return total;
  }

  free(): void {
    if (this.#isOwned && this.#tree !== 0) this.#memory.functions.treeFree(this.#tree);
    this.#tree = 0;
  }

  #live(): number {
    assertInvariant(this.#tree !== 0, "Merkle tree used after free");
    return this.#tree;
  }

  #stagePrefix(prefix: Uint8Array): void {
    this.#memory.stage(prefix.length > HASH_BYTES ? prefix.subarray(0, HASH_BYTES) : prefix, 0);
  }
}
