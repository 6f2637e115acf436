/**
 * The two kernel implementations against each other: equal bytes, numbers and state on every
 * input. Seeds are fixed; a failure prints its counterexample and path.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VV_LANES_MAX } from "../../assembly/layout.ts";
import type { MerkleTree, Primitives, VersionVector } from "../../src/kernels/kernels.ts";
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { hex, numberedBytes } from "../support/primitives.ts";

const reference = createReferencePrimitives();
const wasm = createWasmKernels();
const SEED = 20_261_121;
const CHUNK = 1024;

describe("BLAKE3", () => {
  const agree = (bytes: Uint8Array): void => {
    expect(hex(wasm.blake3(bytes)), `length ${bytes.length}`).toBe(hex(reference.blake3(bytes)));
  };

  test("agrees on every length of up to three blocks", () => {
    for (let length = 0; length <= 192; length++) agree(numberedBytes(length, length));
  });

  test("agrees on every tail of a chunk's last block, behind 1 to 5 chunks", () => {
    for (let chunks = 1; chunks <= 5; chunks++) {
      for (let tail = 1; tail <= 64; tail += chunks === 3 ? 1 : 7) {
        agree(numberedBytes(chunks * CHUNK + tail));
        agree(numberedBytes((chunks + 1) * CHUNK - tail));
      }
    }
  });

  test("agrees around every number of chunks of a piece", () => {
    for (let chunks = 1; chunks <= 64; chunks++) {
      agree(numberedBytes(chunks * CHUNK + (chunks % 3) - 1, chunks));
    }
  });

  test.each([64, 65, 128, 129, 192, 193, 256, 320, 448])("agrees around %i chunks", (chunks) => {
    for (const more of [-1, 0, 1]) agree(numberedBytes(chunks * CHUNK + more));
  });

  test("agrees on bytes of any kind", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 5000 }), agree), { seed: SEED, numRuns: 150 });
  });
});

describe("version vectors", () => {
  const fill = (primitives: Primitives, values: readonly number[]): VersionVector => {
    const vector = primitives.createVersionVector();
    values.forEach((value, lane) => {
      vector.set(lane, value);
    });
    return vector;
  };
  const agree = (a: readonly number[], b: readonly number[]): void => {
    const results = [reference, wasm].map((primitives) => {
      const [left, right] = [fill(primitives, a), fill(primitives, b)];
      const relations = [primitives.vvCompare(left, right), primitives.vvCompare(right, left)];
      const rose = primitives.vvMerge(left, right);
      const merged = Array.from({ length: left.lanes + 3 }, (_, lane) => left.get(lane));
      const after = primitives.vvCompare(left, right);
      for (const vector of [left, right]) vector.free();
      return { relations, rose, merged, after };
    });
    expect(results[1]).toEqual(results[0]);
  };
  /** A distinct value per lane, in both words. */
  const distinct = (lanes: number): number[] =>
    Array.from({ length: lanes }, (_, lane) => lane * 4_294_967_311 + 1);
  const lanesAround = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 1000];

  test.each(lanesAround)("agree at %i lanes, with each lane in turn above or below", (lanes) => {
    const base = distinct(lanes);
    agree(base, base);
    for (let lane = 0; lane < lanes; lane += lanes > 40 ? 37 : 1) {
      agree(base.with(lane, (base[lane] ?? 0) + 1), base);
      agree(base.with(lane, 0), base.with(lanes - 1 - lane, 2 ** 53 - 1));
    }
  });

  test.each(lanesAround)("agree at %i lanes against every neighbouring length", (lanes) => {
    for (const other of lanesAround) agree(distinct(lanes), distinct(other));
  });

  test("agree at the most lanes, one less, and one lane apart", () => {
    for (const primitives of [reference, wasm]) {
      const [a, b] = [primitives.createVersionVector(), primitives.createVersionVector()];
      a.set(VV_LANES_MAX - 1, 5);
      b.set(VV_LANES_MAX - 2, 6);
      expect(primitives.vvCompare(a, b)).toBe(3);
      expect(primitives.vvMerge(b, a)).toBe(1);
      expect([primitives.vvCompare(b, a), b.lanes]).toEqual([1, VV_LANES_MAX]);
      for (const vector of [a, b]) vector.free();
    }
  });

  test("agree on random lanes", () => {
    const lane = fc.oneof(fc.constantFrom(0, 1, 2 ** 32, 2 ** 53 - 1), fc.maxSafeNat());
    const lanes = fc.array(lane, { maxLength: 70 });
    fc.assert(fc.property(lanes, lanes, agree), { seed: SEED, numRuns: 300 });
  });
});

describe("peer selection", () => {
  test("agrees on the draw and leaves the same state", () => {
    const state = fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer({ min: 1 }));
    const count = fc.oneof(
      fc.nat({ max: 40 }),
      fc.nat({ max: 3000 }),
      fc.nat({ max: 0xffffffff }),
      fc.constantFrom(3 * 2 ** 30, 2 ** 31, 2 ** 31 + 1, 0xffffffff),
    );
    const k = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 70 }), fc.nat({ max: 3000 }));
    const agree = (words: number[], peers: number, draws: number): void => {
      const results = [reference, wasm].map((primitives) => {
        const random = Uint32Array.from(words);
        const into = new Uint32Array(2500);
        const drawn = primitives.selectPeers(peers, draws, random, into);
        return { drawn, into, random };
      });
      expect(results[1]).toEqual(results[0]);
    };
    fc.assert(fc.property(state, count, k, agree), { seed: SEED, numRuns: 400 });
  });
});

describe("Merkle trees", () => {
  // Keys of few distinct nibbles, so that prefixes are shared, from the first bit to the last.
  const key = fc
    .record({
      head: fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0x80, 0xff), { minLength: 3, maxLength: 3 }),
      tail: fc.constantFrom(0, 1, 2, 15, 16, 128),
    })
    .map(({ head, tail }) => Uint8Array.from([...head, ...new Array(28).fill(7), tail]));
  const value = fc.nat({ max: 255 }).map((byte) => numberedBytes(32, byte));
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("set" as const), key, value, row: fc.nat() }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("root" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("range" as const),
        key,
        nibbles: fc.nat({ max: 63 }),
      }),
    },
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  /** Everything that can be seen of a tree below a prefix. */
  const rangeSeen = (tree: MerkleTree, prefix: Uint8Array, nibbles: number): unknown => {
    const hashes = new Uint8Array(512);
    const rows = new Uint32Array(40);
    const leaves = tree.rangeHashes(prefix, nibbles, hashes);
    const total = tree.rangeRows(prefix, nibbles, rows);
    const same = tree.rangeDiff(prefix, nibbles, hashes);
    const all = tree.rangeDiff(prefix, nibbles, new Uint8Array(512));
    return { leaves, hashes: hex(hashes), rows: [...rows], total, same, all };
  };
  const run = (tree: MerkleTree, steps: readonly Step[]): unknown[] =>
    steps.map((step) => {
      if (step.kind === "set") return tree.set(step.key, step.value, step.row);
      if (step.kind === "delete") return tree.delete(step.key);
      if (step.kind === "root") return hex(tree.root());
      return rangeSeen(tree, step.key, step.nibbles);
    });

  test("agree on every answer of random histories", () => {
    const agree = (steps: readonly Step[], prefix: Uint8Array): void => {
      const seen = [reference, wasm].map((primitives) => {
        const tree = primitives.createMerkleTree();
        const answers = run(tree, steps);
        const ranges = [0, 1, 2, 3, 5, 6, 7, 61, 62, 63].map((n) => rangeSeen(tree, prefix, n));
        const end = { answers, ranges, root: hex(tree.root()), size: tree.size };
        tree.free();
        return end;
      });
      expect(seen[1]).toEqual(seen[0]);
    };
    const history = fc.array(step, { maxLength: 120, size: "max" });
    fc.assert(fc.property(history, key, agree), { seed: SEED, numRuns: 120 });
  });

  test.each([
    ["reference", reference],
    ["wasm", wasm],
  ])(
    "of the %s kernels have an incremental root equal to one from scratch",
    (_name, primitives) => {
      const equal = (steps: readonly Step[]): void => {
        const tree = primitives.createMerkleTree();
        run(tree, steps);
        const live = new Map<string, { key: Uint8Array; value: Uint8Array }>();
        for (const step of steps) {
          if (step.kind === "set") live.set(hex(step.key), step);
          if (step.kind === "delete") live.delete(hex(step.key));
        }
        const scratch = primitives.createMerkleTree();
        for (const pair of [...live.values()].reverse()) scratch.set(pair.key, pair.value, 0);
        expect(hex(tree.root())).toBe(hex(scratch.root()));
        expect(tree.size).toBe(live.size);
        tree.free();
        scratch.free();
      };
      const history = fc.array(step, { maxLength: 80, size: "max" });
      fc.assert(fc.property(history, equal), { seed: SEED, numRuns: 60 });
    },
  );

  test("agree on a thousand hashed keys, changed a few at a time", () => {
    const trees = [reference.createMerkleTree(), wasm.createMerkleTree()];
    for (let change = 0; change < 1000; change++) {
      const at = wasm.blake3(Uint8Array.of(change, change >>> 8));
      for (const tree of trees) tree.set(at, numberedBytes(32, change), change);
      const old = wasm.blake3(Uint8Array.of(change >>> 1, change >>> 9));
      if (change % 5 === 0) for (const tree of trees) tree.delete(old);
      if (change % 13 !== 0) continue;
      expect(hex(trees[1]!.root())).toBe(hex(trees[0]!.root()));
      expect(rangeSeen(trees[1]!, at, 1)).toEqual(rangeSeen(trees[0]!, at, 1));
    }
    for (const tree of trees) tree.free();
  });

  test("agree on the deepest tree there is: one inner node per key bit", () => {
    const seen = [reference, wasm].map((primitives) => {
      const tree = primitives.createMerkleTree();
      tree.set(new Uint8Array(32), numberedBytes(32), 256);
      for (let bit = 0; bit < 256; bit++) {
        const key = new Uint8Array(32);
        key[bit >>> 3] = 128 >>> (bit & 7);
        tree.set(key, numberedBytes(32, bit), bit);
      }
      const full = { root: hex(tree.root()), range: rangeSeen(tree, new Uint8Array(32), 63) };
      tree.delete(new Uint8Array(32));
      const answers = { full, root: hex(tree.root()), size: tree.size };
      tree.free();
      return answers;
    });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).toMatchObject({ size: 256, full: { range: { leaves: 5 } } });
  });

  test("of one memory do not touch one another", () => {
    const [one, other] = [wasm.createMerkleTree(), wasm.createMerkleTree()];
    one.set(numberedBytes(32), numberedBytes(32, 1), 1);
    const before = hex(one.root());
    for (let index = 0; index < 300; index++) {
      other.set(wasm.blake3(Uint8Array.of(index, index >>> 8)), numberedBytes(32), index);
    }
    other.root();
    other.free();
    expect(hex(one.root())).toBe(before);
    one.free();
  });
});
