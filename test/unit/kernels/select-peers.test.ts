import { describe, expect, test } from "vitest";
import { nextU32 } from "../../../src/kernels/reference/random.ts";
import { implementations } from "../../support/primitives.ts";

describe.each(implementations)("peer selection of the %s kernels", (_name, primitives) => {
  const seed = (): Uint32Array => Uint32Array.of(1, 2, 3, 4);

  test.each([
    [10, 10],
    [1000, 10],
    [1000, 32],
    [1000, 33],
    [1000, 999],
    [1000, 1000],
    [1_000_000, 10],
    [0xffffffff, 40],
  ])("draws distinct indices below %i, %i of them", (count, k) => {
    const into = new Uint32Array(k);
    expect(primitives.selectPeers(count, k, seed(), into)).toBe(k);
    expect(new Set(into).size).toBe(k);
    expect(into.every((index) => index < count)).toBe(true);
  });

  test("draws no more than there are, than asked for, or than fit", () => {
    const into = new Uint32Array(8);
    expect(primitives.selectPeers(3, 8, seed(), into)).toBe(3);
    expect(primitives.selectPeers(9, 2, seed(), into)).toBe(2);
    expect(primitives.selectPeers(99, 99, seed(), into)).toBe(8);
    expect(primitives.selectPeers(0, 8, seed(), into)).toBe(0);
  });

  test("leaves what is past the draw untouched", () => {
    const into = new Uint32Array(4).fill(77);
    primitives.selectPeers(50, 2, seed(), into);
    expect([...into.subarray(2)]).toEqual([77, 77]);
  });

  test("draws every index and every pair equally often", () => {
    const [count, k, trials] = [8, 3, 20_000];
    const random = seed();
    const into = new Uint32Array(k);
    const pairs = new Float64Array(count * count);
    for (let trial = 0; trial < trials; trial++) {
      primitives.selectPeers(count, k, random, into);
      for (const a of into) for (const b of into) pairs[a * count + b]! += 1;
    }
    const single = (trials * k) / count;
    const pair = (trials * k * (k - 1)) / (count * (count - 1));
    let singles = 0;
    let joint = 0;
    for (let a = 0; a < count; a++) {
      singles += (pairs[a * count + a]! - single) ** 2 / single;
      for (let b = 0; b < a; b++) joint += (pairs[a * count + b]! - pair) ** 2 / pair;
    }
    // 99.9 % quantiles of chi-square with 7 and 27 degrees of freedom: 24.3 and 55.5.
    expect(singles).toBeLessThan(24.3);
    expect(joint).toBeLessThan(55.5);
  });

  test("is unbiased where a plain remainder would favour the lower third", () => {
    const bound = 3 * 2 ** 30; // 2^32 mod bound = 2^30
    const random = seed();
    const into = new Uint32Array(1);
    const thirds = [0, 0, 0];
    for (let trial = 0; trial < 30_000; trial++) {
      primitives.selectPeers(bound, 1, random, into);
      thirds[Math.floor(into[0]! / 2 ** 30)]! += 1;
    }
    const chiSquare = thirds.reduce((sum, seen) => sum + (seen - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(13.8); // 99.9 % quantile, 2 degrees of freedom
  });

  test("refuses a state that would never leave zero", () => {
    const draw = (): number =>
      primitives.selectPeers(10, 3, new Uint32Array(4), new Uint32Array(3));
    expect(draw).toThrow(/random state/);
  });
});

test("xoshiro128** gives the numbers of its published sequence", () => {
  const state = Uint32Array.of(1, 2, 3, 4);
  const drawn = Array.from({ length: 10 }, () => nextU32(state));
  expect(drawn).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
    4258142804,
  ]);
});
