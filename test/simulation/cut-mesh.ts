/**
 * A grown mesh that is cut in two (C8, N12, N13; P1 to P4): the scenario that the fast and the long
 * lane run at sizes of their own.
 */
import { expect, it, onTestFinished } from "vitest";
import { quorumOf } from "../../src/core/peers/quorum.ts";
import type { Cut } from "../../src/sim/engine/cuts.ts";
import { cutBetween, GrownWorld, oneWay, range } from "../support/grown-world.ts";

const DETECTED_MS = 1_000;
const RECOVERED_MS = 5_000;

export function grown(count: number, seed: number): GrownWorld {
  const world = new GrownWorld(count, seed);
  onTestFinished(() => world.free());
  expect(world.nodes.every(({ core }) => core?.status().members === count)).toBe(true);
  return world;
}

/** Writes at one node after the other; how many were refused, by node. */
export function writeFor(world: GrownWorld, ms: number, everyMs = 20): Map<number, number> {
  const refused = new Map<number, number>();
  for (let passed = 0; passed < ms; passed += everyMs) {
    const writer = world.nodes[(passed / everyMs) % world.nodes.length];
    if (writer?.core !== undefined && !world.write(writer)) {
      refused.set(writer.index, (refused.get(writer.index) ?? 0) + 1);
    }
    world.run(everyMs);
  }
  return refused;
}

export interface Sides {
  readonly name: string;
  readonly count: number;
  /** Size of the first side. */
  readonly first: number;
  readonly cutOf: (first: number[], second: number[]) => Cut;
}

/** The cuts of the table of N12, for a mesh of one size. */
export function cutsOf(count: number): readonly Sides[] {
  return [
    { name: "30/70", count, first: count * 0.3, cutOf: cutBetween },
    { name: "50/50", count, first: count * 0.5, cutOf: cutBetween },
    { name: "one-way 30/70", count, first: count * 0.3, cutOf: oneWay },
    { name: "one-way 50/50", count, first: count * 0.5, cutOf: oneWay },
  ];
}

/** One test for each cut. */
export function survivesCuts(cuts: readonly Sides[]): void {
  it.each(cuts)("$name, of $count nodes", ({ count, first, cutOf }) => {
    const seed = count + first;
    const world = grown(count, seed);
    const sides = [range(0, first - 1), range(first, count - 1)] as const;
    const quorum = quorumOf(count).size;
    const lost = sides.filter((side) => side.length < quorum).flat();
    const kept = sides.filter((side) => side.length >= quorum).flat();
    const cutMs = world.nowMs;
    const cut = cutOf(sides[0], sides[1]);
    world.network.cuts.add(cut);

    const refused = writeFor(world, DETECTED_MS);
    expect(world.readOnly).toEqual(lost);
    expect(kept.filter((node) => refused.has(node))).toEqual([]);
    for (const { atMs } of world.eventsOf("health:changed")) {
      expect(atMs - cutMs).toBeLessThan(DETECTED_MS);
    }
    // Cut off, it stays so, also after the transport has given up its silent links.
    writeFor(world, count === 10 ? 15_000 : 2_000);
    expect(world.readOnly).toEqual(lost);
    const alarmed = new Set(world.eventsOf("partition:detected").map(({ node }) => node));
    expect(alarmed.size).toBeGreaterThanOrEqual(lost.length * 0.9);
    expect(kept.filter((node) => alarmed.has(node))).toEqual([]);

    const healMs = world.nowMs;
    world.network.cuts.remove(cut);
    while (world.readOnly.length > 0 || world.roots > 1) {
      world.run(50);
      expect(world.nowMs - healMs, "writable, with equal roots").toBeLessThan(RECOVERED_MS);
    }
    const recovered = new Set(world.eventsOf("partition:recovered").map(({ node }) => node));
    expect(recovered).toEqual(alarmed);
    expect(world.eventsOf("health:changed", healMs).every(({ node }) => lost.includes(node))).toBe(
      true,
    );
  });
}

/** Ninety come to ten within a quarter of a second, and go within two. */
export function growsAndShrinks(loss: number): void {
  const world = grown(10, 9);
  world.disturb("drop", loss);
  for (let i = 0; i < 90; i++) {
    world.schedule(world.nowMs + i * 3, () => world.add());
  }
  expect(writeFor(world, 5_000).size).toBe(0);
  expect(world.nodes[0]?.core?.status().members).toBe(100);
  for (const node of world.nodes.slice(10)) {
    world.schedule(world.nowMs + (node.index - 10) * 20, () => world.stop(node, "leave"));
  }
  world.run(8_000);
  expect(world.noted).toEqual([]);
  expect(world.readOnly).toEqual([]);
  // Most neighbours in the push tree of who left had left just before: no goodbye may go to them alone.
  expect(world.up.map(({ core }) => core?.status().members)).toEqual(Array(10).fill(10));
}
