// Meshes that are cut (C8, N12, N13; invariants P1 to P4): the real cores in virtual time. A node
// without a quorum is read-only within a second, one with a quorum never, and all end as one.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { quorumOf } from "../../src/core/peers/quorum.ts";
import { encodeFrame } from "../../src/core/wire/frame.ts";
import { FRAME_ROLL_CALL } from "../../src/core/wire/roll-call.ts";
import type { Cut } from "../../src/sim/engine/cuts.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { cutBetween, GrownWorld, oneWay, range } from "../support/grown-world.ts";

const DETECTED_MS = 1_000;
const RECOVERED_MS = 5_000;
/** For 100 nodes over 36 s, on a machine that is busy otherwise. */
vi.setConfig({ testTimeout: 120_000 });

function grown(count: number, seed: number): GrownWorld {
  const world = new GrownWorld(count, seed);
  onTestFinished(() => world.free());
  expect(world.nodes.every(({ core }) => core?.status().members === count)).toBe(true);
  return world;
}

/** Writes at one node after the other; how many were refused, by node. */
function writeFor(world: GrownWorld, ms: number, everyMs = 20): Map<number, number> {
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

interface Sides {
  readonly name: string;
  readonly count: number;
  /** Size of the first side. */
  readonly first: number;
  readonly cutOf: (first: number[], second: number[]) => Cut;
}

const CUTS: readonly Sides[] = [10, 100].flatMap((count) => [
  { name: "30/70", count, first: count * 0.3, cutOf: cutBetween },
  { name: "50/50", count, first: count * 0.5, cutOf: cutBetween },
  { name: "one-way 30/70", count, first: count * 0.3, cutOf: oneWay },
  { name: "one-way 50/50", count, first: count * 0.5, cutOf: oneWay },
]);

describe("a mesh that is cut", () => {
  it.each(CUTS)("$name, of $count nodes", ({ count, first, cutOf }) => {
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
});

describe("a node with a quorum never refuses", () => {
  it.each([2, 3, 4, 10].flatMap((count) => [1, 2, 3].map((seed) => ({ count, seed }))))(
    "at 20 and 30 % loss: $count nodes, seed $seed",
    ({ count, seed }) => {
      const world = grown(count, seed);
      // Of what the first loss spares, the second takes an eighth: 30 % of all.
      for (const loss of [0.2, 0.125]) {
        world.disturb("drop", loss);
        expect(writeFor(world, 60_000, 200).size).toBe(0);
      }
      expect(world.noted).toEqual([]);
    },
  );

  it("at 20 % loss: 100 nodes", () => {
    const world = grown(100, 7);
    world.disturb("drop", 0.2);
    expect(writeFor(world, 20_000, 500).size).toBe(0);
    expect(world.noted).toEqual([]);
  });

  it("while one in twenty processes stands still for five seconds, nor does one that goes on", () => {
    const world = grown(100, 8);
    for (let turn = 0; turn < 6; turn++) {
      for (let i = 0; i < 5; i++) {
        const node = world.nodes[(turn * 17 + i * 23) % 100];
        if (node !== undefined) world.pause(node, 5_000);
      }
      world.run(6_000);
    }
    expect(world.noted).toEqual([]);
  });

  it.each([0, 0.2])(
    "while a member calls without end, another number to everybody, at loss %d",
    (loss) => {
      const world = grown(10, 6);
      world.disturb("drop", loss);
      const [liar, ...others] = world.nodes as [SimNode, ...SimNode[]];
      const answered = { kind: "bitmap", members: 8, bits: Uint8Array.of(255) } as const;
      const plain = { stamp: 7, echo: 0, asks: true, roster: new Uint8Array(8), answered };
      for (let call = 0x0100_0000; world.nowMs < 12_000; world.run(10)) {
        for (const node of others) {
          call += 256;
          const frame = { type: FRAME_ROLL_CALL, call, ...plain } as const;
          const now = node.now(world.nowMs);
          node.core?.handleFrame(liar.id, encodeFrame(frame, now.wallMs), now);
          world.drain(node, liar);
        }
      }
      expect(world.noted).toEqual([]);
    },
  );

  it.each([0, 0.2])("while the mesh grows tenfold and shrinks again, at loss %d", (loss) => {
    const world = grown(10, 9);
    world.disturb("drop", loss);
    // Ninety come within a quarter of a second, and go within two.
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
  });
});

it("a world that is cut is a function of its seed", () => {
  const said = [1, 1, 2].map((seed) => {
    const world = grown(10, seed);
    world.network.cuts.add(cutBetween(range(0, 4), range(5, 9)));
    world.disturb("drop", 0.1);
    world.run(3_000);
    return JSON.stringify([world.network.counts, world.noted, world.trace.hash]);
  });
  expect(said[1]).toBe(said[0]);
  expect(said[2]).not.toBe(said[0]);
});
