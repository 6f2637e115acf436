import { describe, expect, test } from "vitest";
import { VV_LANES_MAX } from "../../../assembly/layout.ts";
import { isMeshError } from "../../../src/errors.ts";
import {
  type Primitives,
  type VersionVector,
  VV_AHEAD,
  VV_BEHIND,
  VV_CONCURRENT,
  VV_EQUAL,
} from "../../../src/kernels/kernels.ts";
import { createReferencePrimitives } from "../../../src/kernels/reference/primitives.ts";
import { createWasmKernels } from "../../../src/kernels/wasm/kernels.ts";
import { implementations } from "../../support/primitives.ts";

function vectorOf(primitives: Primitives, values: readonly number[]): VersionVector {
  const vector = primitives.createVersionVector();
  values.forEach((value, lane) => {
    vector.set(lane, value);
  });
  return vector;
}

describe.each(implementations)("version vectors of the %s kernels", (_name, primitives) => {
  test.each([
    ["equal when every lane is", [1, 2, 3], [1, 2, 3], VV_EQUAL],
    ["ahead with one higher lane", [1, 2, 4], [1, 2, 3], VV_AHEAD],
    ["behind with one lower lane", [0, 2, 3], [1, 2, 3], VV_BEHIND],
    ["concurrent when each has a higher lane", [2, 1], [1, 2], VV_CONCURRENT],
    ["concurrent across a SIMD row's halves", [0, 5, 0, 0], [0, 0, 0, 5], VV_CONCURRENT],
    ["equal to one that lacks its zero lanes", [7, 0, 0, 0, 0], [7], VV_EQUAL],
    ["ahead of one that lacks a lane", [7, 0, 0, 0, 1], [7], VV_AHEAD],
    ["behind one with a lane that it lacks", [7], [7, 0, 0, 1], VV_BEHIND],
    ["concurrent with a longer one that is lower", [8], [7, 0, 1], VV_CONCURRENT],
    ["ahead by a lane only in the high word", [2 ** 40], [2 ** 32 - 1], VV_AHEAD],
    ["ordered up to the largest seq", [2 ** 53 - 1], [2 ** 53 - 2], VV_AHEAD],
    ["equal when both are empty", [], [], VV_EQUAL],
    ["behind when only it is empty", [], [1], VV_BEHIND],
  ])("are %s", (_what, left, right, relation) => {
    const [a, b] = [vectorOf(primitives, left), vectorOf(primitives, right)];
    expect(primitives.vvCompare(a, b)).toBe(relation);
    a.free();
    b.free();
  });

  test("merge to the lane-wise maximum and count the lanes that rose", () => {
    const into = vectorOf(primitives, [5, 1, 9, 0]);
    const from = vectorOf(primitives, [4, 2, 9, 0, 0, 3]);
    expect(primitives.vvMerge(into, from)).toBe(2);
    expect([0, 1, 2, 3, 4, 5, 6].map((lane) => into.get(lane))).toEqual([5, 2, 9, 0, 0, 3, 0]);
    expect(into.lanes).toBe(6);
  });

  test("merge into themselves without change", () => {
    const vector = vectorOf(primitives, [3, 4]);
    expect(primitives.vvMerge(vector, vector)).toBe(0);
    expect([vector.get(0), vector.get(1)]).toEqual([3, 4]);
  });

  test("keep their lanes while growing to the last one", () => {
    const vector = vectorOf(primitives, [1, 2 ** 53 - 1]);
    vector.set(VV_LANES_MAX - 1, 7);
    expect([vector.get(0), vector.get(1), vector.get(2)]).toEqual([1, 2 ** 53 - 1, 0]);
    expect(vector.get(VV_LANES_MAX - 1)).toBe(7);
    expect(vector.lanes).toBe(VV_LANES_MAX);
    vector.free();
  });

  test("refuse a lane past the last with MESH_STATE_FULL and stay as they were", () => {
    const vector = vectorOf(primitives, [1]);
    const refused = (): void => vector.set(VV_LANES_MAX, 1);
    expect(refused).toThrow(expect.toSatisfy((e) => isMeshError(e, "MESH_STATE_FULL")));
    expect(vector.lanes).toBe(1);
  });

  test.each([-1, 1.5, 2 ** 53])("refuse the value %d", (value) => {
    const vector = primitives.createVersionVector();
    expect(() => vector.set(0, value)).toThrow(/safe integer/);
  });

  test("read zero in every lane once cleared", () => {
    const vector = vectorOf(primitives, [1, 2, 3]);
    vector.clear();
    expect(vector.lanes).toBe(0);
    vector.set(2, 1);
    expect([0, 1, 2, 3].map((lane) => vector.get(lane))).toEqual([0, 0, 1, 0]);
  });

  test("refuse to be written after free", () => {
    const vector = vectorOf(primitives, [1]);
    vector.free();
    vector.free();
    expect(() => vector.set(0, 1)).toThrow(/after free/);
  });
});

test("vectors of two instances are not compared", () => {
  const own = createWasmKernels().createVersionVector();
  const other = createWasmKernels({ memoryBytes: 4 * 1024 * 1024 }).createVersionVector();
  const reference = createReferencePrimitives();
  expect(() => createWasmKernels().vvCompare(own, other)).toThrow(/another instance/);
  expect(() => reference.vvMerge(reference.createVersionVector(), own)).toThrow(/another instance/);
});
