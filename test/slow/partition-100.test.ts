// Meshes of 100 nodes that are cut, stand still, grow and shrink: what test/simulation/partition.test.ts
// leaves to the long lanes.
import { describe, expect, it, vi } from "vitest";
import { cutsOf, grown, growsAndShrinks, survivesCuts } from "../simulation/cut-mesh.ts";

vi.setConfig({ testTimeout: 300_000 });

describe("a mesh that is cut", () => survivesCuts(cutsOf(100).slice(1)));

describe("a node with a quorum never refuses", () => {
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

  it("while the mesh grows tenfold and shrinks again, at 20 % loss", () => growsAndShrinks(0.2));
});
