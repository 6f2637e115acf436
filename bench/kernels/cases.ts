/**
 * The kernel cases, made alike for each implementation: same inputs, same work, equal hashes.
 * Inputs are drawn from BLAKE3 of their number, so nothing here is random.
 */

import { bytesEqual } from "../../src/core/wire/member.ts";
import {
  type Primitives,
  type VersionVector,
  VV_BEHIND,
  VV_EQUAL,
} from "../../src/kernels/kernels.ts";
import { bestCompare, bestMerge } from "../js-best/version-vector.ts";
import type { MicroCase } from "../lib/micro.ts";
import { loadPeer } from "../thirdparty/load.ts";

/** The version-vector cases in JavaScript as fast as it goes, with the results of the kernels. */
export function bestCases(): MicroCase[] {
  return [bestCompareCase(), bestMergeCase()];
}

function bestCompareCase(): MicroCase {
  const a = Float64Array.from({ length: LANES }, (_, lane) => lane * 7 + 1);
  const b = Float64Array.from(a);
  return {
    name: "vv-compare-1000",
    impl: "js-best",
    n: LANES,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += bestCompare(a, b);
      if (sum !== times * VV_EQUAL) throw new Error("vv-compare-1000: wrong relation");
      return sum;
    },
    produce: () => `${bestCompare(a, b)},${bestCompare(b, a)}`,
  };
}

function bestMergeCase(): MicroCase {
  const into = new Float64Array(LANES);
  const froms = Array.from({ length: MERGE_STEPS }, (_, step) =>
    Float64Array.from({ length: LANES }, (_, lane) => mergeLane(step, lane)),
  );
  return {
    name: "vv-merge-1000",
    impl: "js-best",
    n: LANES,
    callsPerSample: MERGE_STEPS,
    prepare: () => void into.fill(1),
    run: () => {
      let raised = 0;
      for (const from of froms) raised += bestMerge(into, from);
      return raised;
    },
    produce: () => {
      into.fill(1);
      const raised = froms.map((from) => bestMerge(into, from));
      return [...raised, ...into].join();
    },
  };
}

function mergeLane(step: number, lane: number): number {
  return lane % 2 === step % 2 ? (step + 1) * 1_000 + lane : 1;
}

/** One comparison of two equal roots, as the core compares them. */
export function rootCompareCase(): MicroCase {
  const own = Uint8Array.from({ length: 32 }, (_, at) => at);
  const theirs = Array.from({ length: 16 }, () => own.slice());
  return {
    name: "root-compare",
    impl: "core",
    n: 32,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += bytesEqual(own, theirs[i & 15] ?? own) ? 1 : 0;
      return sum;
    },
    produce: () => `${bytesEqual(own, own.slice())}`,
  };
}

/** SHA-256 over 1,024 nodes of 64 bytes at once, as Merkle trees elsewhere do it; per node. */
export async function sha256Case(): Promise<MicroCase> {
  const { hashInto } = await loadPeer<{ hashInto(input: Uint8Array, output: Uint8Array): void }>(
    "@chainsafe/as-sha256",
  );
  const input = Uint8Array.from({ length: LEAVES * 64 }, (_, at) => (at * 31) & 0xff);
  const output = new Uint8Array(LEAVES * 32);
  return {
    name: "merkle-nodes-1024",
    impl: "as-sha256",
    n: LEAVES,
    callsPerSample: LEAVES,
    prepare: () => void input.fill(7, 0, 64),
    run: () => {
      hashInto(input, output);
      return output[0] ?? 0;
    },
    produce: () => {
      hashInto(input, output);
      return output.slice(64);
    },
  };
}

/** All cases of one implementation. */
export function kernelCases(kernels: Primitives): MicroCase[] {
  return [
    compareEqual(kernels),
    compareLastLane(kernels),
    merge(kernels),
    ...[64, 1_024, 65_536].map((bytes) => blake3(kernels, bytes)),
    merkleRoot(kernels),
    merkleUpdate(kernels),
    selectPeers(kernels),
  ];
}

/** Equal vectors: every lane must be read, and it is the common answer. */
function compareEqual(kernels: Primitives): MicroCase {
  const a = filled(kernels, (lane) => lane * 7 + 1);
  const b = filled(kernels, (lane) => lane * 7 + 1);
  return compareCase(kernels, { name: "vv-compare-1000", a, b, expected: VV_EQUAL });
}

/** They differ in the last lane only. */
function compareLastLane(kernels: Primitives): MicroCase {
  const a = filled(kernels, (lane) => lane * 7 + 1);
  const b = filled(kernels, (lane) => lane * 7 + (lane === LANES - 1 ? 2 : 1));
  return compareCase(kernels, { name: "vv-compare-1000-last", a, b, expected: VV_BEHIND });
}

function compareCase(
  kernels: Primitives,
  { name, a, b, expected }: { name: string; a: VersionVector; b: VersionVector; expected: number },
): MicroCase {
  return {
    name,
    impl: kernels.implementation,
    n: LANES,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += kernels.vvCompare(a, b);
      if (sum !== times * expected) throw new Error(`${name}: wrong relation`);
      return sum;
    },
    produce: () => `${kernels.vvCompare(a, b)},${kernels.vvCompare(b, a)}`,
  };
}

/**
 * Merging a vector that raises every second lane, eight different ones in a row; the target is
 * reset between samples, untimed. One sample is the eight merges, divided by eight.
 */
function merge(kernels: Primitives): MicroCase {
  const into = kernels.createVersionVector();
  const froms = Array.from({ length: MERGE_STEPS }, (_, step) =>
    filled(kernels, (lane) => mergeLane(step, lane)),
  );
  const reset = (): void => {
    for (let lane = 0; lane < LANES; lane++) into.set(lane, 1);
  };
  return {
    name: "vv-merge-1000",
    impl: kernels.implementation,
    n: LANES,
    callsPerSample: MERGE_STEPS,
    prepare: reset,
    run: () => {
      let raised = 0;
      for (const from of froms) raised += kernels.vvMerge(into, from);
      return raised;
    },
    produce: () => {
      reset();
      const raised = froms.map((from) => kernels.vvMerge(into, from));
      return [...raised, ...Array.from({ length: LANES }, (_, lane) => into.get(lane))].join();
    },
  };
}

function blake3(kernels: Primitives, bytes: number): MicroCase {
  const input = Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + (at >>> 8)) & 0xff);
  return {
    name: `blake3-${bytes}`,
    impl: kernels.implementation,
    n: bytes,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) {
        input[0] = i; // another input each time
        sum += kernels.blake3(input)[0] ?? 0;
      }
      return sum;
    },
    produce: () => {
      input[0] = 0;
      return kernels.blake3(input);
    },
  };
}

/** The root alone, 1,024 of 1,024 leaves changed since the last one; the changes are untimed. */
function merkleRoot(kernels: Primitives): MicroCase {
  const { tree, change } = leaves(kernels);
  let step = 0;
  return {
    name: "merkle-root-1024-dirty",
    impl: kernels.implementation,
    n: LEAVES,
    prepare: () => {
      change(++step);
    },
    run: () => tree.root()[0] ?? 0,
    produce: () => {
      change(0);
      return tree.root();
    },
  };
}

/** The same with the changes inside the timing: what it costs however the work is split. */
function merkleUpdate(kernels: Primitives): MicroCase {
  const { tree, change } = leaves(kernels);
  let step = 0;
  return {
    name: "merkle-set-1024-and-root",
    impl: kernels.implementation,
    n: LEAVES,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) {
        change(++step);
        sum += tree.root()[0] ?? 0;
      }
      return sum;
    },
    produce: () => {
      change(0);
      return tree.root();
    },
  };
}

function leaves(kernels: Primitives) {
  const tree = kernels.createMerkleTree();
  const keys = Array.from({ length: LEAVES }, (_, row) => kernels.blake3(u32Bytes(row)));
  const values = [1, 2].map((round) =>
    Array.from({ length: LEAVES }, (_, row) => kernels.blake3(u32Bytes(row + round * LEAVES))),
  );
  /** Sets every leaf to its value of an odd or an even step. */
  const change = (step: number): void => {
    const of = values[step % 2];
    for (const [row, key] of keys.entries()) tree.set(key, of?.[row] ?? key, row);
  };
  return { tree, change };
}

function selectPeers(kernels: Primitives): MicroCase {
  const random = Uint32Array.of(1, 2, 3, 4);
  const into = new Uint32Array(SELECTED);
  return {
    name: "select-10-of-1000",
    impl: kernels.implementation,
    n: PEERS,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) {
        kernels.selectPeers(PEERS, SELECTED, random, into);
        sum += into[0] ?? 0;
      }
      return sum;
    },
    produce: () => {
      random.set([1, 2, 3, 4]);
      const draws: number[] = [];
      for (let i = 0; i < 1_000; i++) {
        kernels.selectPeers(PEERS, SELECTED, random, into);
        draws.push(...into);
      }
      return draws.join();
    },
  };
}

function filled(kernels: Primitives, laneValue: (lane: number) => number): VersionVector {
  const vector = kernels.createVersionVector();
  for (let lane = 0; lane < LANES; lane++) vector.set(lane, laneValue(lane));
  return vector;
}

function u32Bytes(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

const LANES = 1_000;
const LEAVES = 1_024;
const PEERS = 1_000;
const SELECTED = 10;
const MERGE_STEPS = 8;
