import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/random.ts";
import { chiSquare, chiSquareBound } from "../../support/chi-square.ts";

function take(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

describe("random stream", () => {
  it("follows the published xoshiro128** 1.1 outputs for state 1, 2, 3, 4", () => {
    const random = new Random(Uint32Array.of(1, 2, 3, 4));
    // rand_xoshiro's vector, made with the authors' C code.
    expect(take(10, () => random.nextU32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  it("seeds its four words from the published splitmix64 outputs for 0", () => {
    expect([...Random.fromSeed(0n).state]).toEqual([
      0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a,
    ]);
  });

  it("advances the state it was given, so that kernel draws continue the stream", () => {
    const state = Uint32Array.of(1, 2, 3, 4);
    new Random(state).nextU32();
    expect(new Random(state).nextU32()).toBe(0);
  });

  it("gives each seed a stream of its own", () => {
    const seeds = [
      0n,
      1n,
      1n << 63n,
      new Uint8Array(0),
      new Uint8Array(1),
      new Uint8Array(8),
      new Uint8Array(9),
      Uint8Array.of(1),
      Uint8Array.of(0, 1),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1),
    ];
    const firsts = seeds.map((seed) => take(4, bound(Random.fromSeed(seed))).join());
    expect(new Set(firsts).size).toBe(seeds.length);
  });

  it("repeats a stream for equal seed bytes", () => {
    const draws = () => take(20, bound(Random.fromSeed(Uint8Array.of(1, 2, 3))));
    expect(draws()).toEqual(draws());
  });

  it("refuses a state of zeros, from which it could never leave", () => {
    expect(() => new Random(new Uint32Array(4))).toThrow(/not all zero/);
  });

  it("draws below a bound without favouring small values", () => {
    const random = Random.fromSeed(7n);
    // Three quarters of 2^32: a plain remainder would hit the first third twice as often.
    const n = 3 * 2 ** 30;
    const counts = new Array<number>(3).fill(0);
    for (let i = 0; i < 30_000; i++) counts[Math.floor(random.below(n) / 2 ** 30)]!++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(2));
  });

  it("reaches every value below a small bound and none outside", () => {
    const random = Random.fromSeed(8n);
    const seen = new Set(take(200, () => random.below(5)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(random.below(1)).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1])("treats below(%d) as a defect", (n) => {
    expect(() => Random.fromSeed(1n).below(n)).toThrow(/below\(\)/);
  });

  it("spreads floats evenly over [0, 1)", () => {
    const random = Random.fromSeed(9n);
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) counts[Math.floor(random.float() * 16)]!++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(15));
  });

  it("shuffles into each of the 24 orders of four equally often", () => {
    const random = Random.fromSeed(10n);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle([0, 1, 2, 3]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareBound(23));
  });

  it("draws a sample in at most one step per item taken when it shuffles the head", () => {
    const items = Array.from({ length: 1_000 }, (_, i) => i);
    const random = Random.fromSeed(11n);
    random.shuffleHead(items, 3);
    const moved = items.filter((item, i) => item !== i).length;
    expect(moved).toBeLessThanOrEqual(6);
    expect(new Set(items).size).toBe(1_000);
  });
});

function bound(random: Random): () => number {
  return () => random.nextU32();
}
