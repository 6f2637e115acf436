// Meshes that are cut (C8, N12, N13; invariants P1 to P4): the real cores in virtual time. A node
// without a quorum is read-only within a second, one with a quorum never, and all end as one. More of
// the same at 100 nodes: test/slow/partition-100.test.ts.
import { describe, expect, it, vi } from "vitest";
import { encodeFrame } from "../../src/core/wire/frame.ts";
import { FRAME_ROLL_CALL } from "../../src/core/wire/roll-call.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import { cutBetween, range } from "../support/grown-world.ts";
import { cutsOf, grown, growsAndShrinks, survivesCuts, writeFor } from "./cut-mesh.ts";

/** For 100 nodes over 36 s, on a machine that is busy otherwise. */
vi.setConfig({ testTimeout: 120_000 });

describe("a mesh that is cut", () => survivesCuts([...cutsOf(10), ...cutsOf(100).slice(0, 1)]));

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

  it("while the mesh grows tenfold and shrinks again", () => growsAndShrinks(0));
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
