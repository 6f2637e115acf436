/**
 * Test support: Primitives by their documented definition, nothing incremental, nothing fast.
 * The Merkle tree is recomputed from its pairs at every question: an oracle. No assertions inside.
 */
import type {
  MerkleTree,
  Primitives,
  RandomState,
  VersionVector,
  VvRelation,
} from "../../src/kernels/kernels.ts";
import { naiveBlake3, naiveParent } from "./naive-blake3.ts";

/** Fresh primitives; instances share nothing. */
export function createNaivePrimitives(): Primitives {
  return {
    implementation: "reference",
    blake3: naiveBlake3,
    createVersionVector: () => new NaiveVector(),
    vvCompare,
    vvMerge,
    createMerkleTree: () => new NaiveTree(),
    selectPeers,
  };
}

/** The root of (key, value) pairs, from scratch. */
export function naiveRoot(pairs: Iterable<readonly [Uint8Array, Uint8Array]>): Uint8Array {
  return subtreeHash(
    Array.from(pairs, ([key, value]) => ({ key, value, row: 0 })),
    0,
  );
}

interface Leaf {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly row: number;
}

class NaiveTree implements MerkleTree {
  readonly #leaves = new Map<string, Leaf>();

  get size(): number {
    return this.#leaves.size;
  }

  set(key: Uint8Array, value: Uint8Array, row: number): void {
    this.#leaves.set(hex(key), { key: key.slice(), value: value.slice(), row });
  }

  delete(key: Uint8Array): boolean {
    return this.#leaves.delete(hex(key));
  }

  root(): Uint8Array {
    return subtreeHash([...this.#leaves.values()], 0);
  }

  rangeHashes(prefix: Uint8Array, nibbles: number, into: Uint8Array): number {
    const below = this.#below(hex(prefix).slice(0, nibbles));
    for (let child = 0; child < 16; child++) {
      const inChild = below.filter((leaf) => hex(leaf.key)[nibbles] === child.toString(16));
      into.set(subtreeHash(inChild, 0), child * 32);
    }
    return below.length;
  }

  rangeDiff(prefix: Uint8Array, nibbles: number, theirs: Uint8Array): number {
    const own = new Uint8Array(16 * 32);
    this.rangeHashes(prefix, nibbles, own);
    let bits = 0;
    for (let i = 0; i < own.length; i++) if (own[i] !== theirs[i]) bits |= 1 << (i >> 5);
    return bits;
  }

  rangeRows(prefix: Uint8Array, nibbles: number, into: Uint32Array): number {
    const below = this.#below(hex(prefix).slice(0, nibbles));
    below.sort((a, b) => (hex(a.key) < hex(b.key) ? -1 : 1));
    for (const [i, leaf] of below.entries()) if (i < into.length) into[i] = leaf.row;
    return below.length;
  }

  free(): void {
    this.#leaves.clear();
  }

  #below(prefix: string): Leaf[] {
    return [...this.#leaves.values()].filter((leaf) => hex(leaf.key).startsWith(prefix));
  }
}

class NaiveVector implements VersionVector {
  #values: number[] = [];

  get lanes(): number {
    return this.#values.length;
  }

  get(lane: number): number {
    return this.#values[lane] ?? 0;
  }

  set(lane: number, value: number): void {
    while (this.#values.length <= lane) this.#values.push(0);
    this.#values[lane] = value;
  }

  clear(): void {
    this.#values = [];
  }

  free(): void {
    this.#values = [];
  }
}

function subtreeHash(leaves: readonly Leaf[], bit: number): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return new Uint8Array(32);
  if (leaves.length === 1) return naiveBlake3(Uint8Array.of(...first.key, ...first.value));
  const left = leaves.filter((leaf) => !isSet(leaf.key, bit));
  const right = leaves.filter((leaf) => isSet(leaf.key, bit));
  if (left.length === 0) return subtreeHash(right, bit + 1);
  if (right.length === 0) return subtreeHash(left, bit + 1);
  return naiveParent(subtreeHash(left, bit + 1), subtreeHash(right, bit + 1));
}

function isSet(key: Uint8Array, bit: number): boolean {
  return ((key[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1;
}

function vvCompare(a: VersionVector, b: VersionVector): VvRelation {
  let ahead = 0;
  let behind = 0;
  for (let lane = 0; lane < Math.max(a.lanes, b.lanes); lane++) {
    if (a.get(lane) > b.get(lane)) ahead = 1;
    if (a.get(lane) < b.get(lane)) behind = 2;
  }
  return (ahead | behind) as VvRelation;
}

function vvMerge(into: VersionVector, from: VersionVector): number {
  let rose = 0;
  for (let lane = 0; lane < from.lanes; lane++) {
    if (from.get(lane) <= into.get(lane)) continue;
    into.set(lane, from.get(lane));
    rose += 1;
  }
  return rose;
}

/** The replica draws nothing; the first k stand in. */
function selectPeers(count: number, k: number, _random: RandomState, into: Uint32Array): number {
  const drawn = Math.min(count, k, into.length);
  for (let i = 0; i < drawn; i++) into[i] = i;
  return drawn;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
