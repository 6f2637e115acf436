// Lazy announcements over links outside the tree, and what they set right (C4).
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import {
  FRAME_IHAVE,
  FRAME_PUSH,
  FRAME_TREE,
  FRAME_WANT,
} from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { mapSet, type Swarm, typeOf } from "../../../support/pair.ts";
import { TREE_NODES, treeSwarm } from "../../../support/tree-swarm.ts";

const kernels = createKernels();
/** So few that each is linked to all. */
const STAYERS = 6;

describe("push tree with announcements", () => {
  it("carries a write to everybody once", () => {
    const swarm = treeSwarm(kernels);
    const held = () => swarm.nodes.map((node) => node.cell("deltaProcessedHeld"));
    const before = held();
    swarm.nodes[5]!.write(mapSet("k", "v"));
    swarm.advance(10);
    for (const node of swarm.nodes) expect(node.root).toBe(swarm.nodes[5]!.root);
    expect(held()).toEqual(before);
  });

  it("announces outside the tree, and only to those not known to have it", () => {
    const swarm = treeSwarm(kernels);
    swarm.nodes[5]!.write(mapSet("k", "v"));
    const seen: number[] = [];
    swarm.advance(100, (frame) => {
      seen.push(typeOf(frame));
      return false;
    });
    expect(seen).toContain(FRAME_IHAVE);
    expect(seen).not.toContain(FRAME_WANT);
  });

  it("announces later where processes run late: the pushes come first", () => {
    const announced = (swarm: Swarm, ms: number): boolean => {
      let seen = false;
      swarm.advance(ms, (frame) => {
        seen ||= typeOf(frame) === FRAME_IHAVE;
        return false;
      });
      return seen;
    };
    const swarm = treeSwarm(kernels);
    swarm.nodes[5]!.write(mapSet("k", "v"));
    expect(announced(swarm, 60)).toBe(true);
    swarm.advance(3_000);
    // All processes wait for the processor: their timers fire when they were due long ago.
    swarm.nowMs += 260;
    swarm.advance(0);
    swarm.nodes[5]!.write(mapSet("l", "v"));
    expect(announced(swarm, 60)).toBe(false);
    expect(announced(swarm, 90)).toBe(true);
  });

  it("asks an announcer for what the tree did not bring, and grafts its link", () => {
    const swarm = treeSwarm(kernels);
    const [victim] = swarm.nodes;
    swarm.nodes[5]!.write(mapSet("k", "v"));
    const asked = new Set<number>();
    swarm.advance(150, (frame) => {
      if (frame.from === victim) asked.add(typeOf(frame));
      return frame.to === victim && typeOf(frame) === FRAME_PUSH;
    });
    expect(asked).toContain(FRAME_WANT);
    expect(asked).toContain(FRAME_TREE);
    expect(victim!.read(TYPE_MAP, "m").mapGet("m", "k")?.value).toBeDefined();
  });

  it("never prunes a link of the backbone", () => {
    const swarm = treeSwarm(kernels);
    const pruned: string[] = [];
    for (let i = 0; i < 20; i++) {
      swarm.nodes[i % TREE_NODES]!.write(mapSet(`more ${i}`, "v"));
      swarm.advance(100, (frame) => {
        if (typeOf(frame) === FRAME_TREE && frame.bytes.at(-1) === 0) pruned.push(frame.from.id);
        return false;
      });
    }
    expect(pruned).toEqual([]);
  });

  it("grows anew over all links when the mesh becomes small", () => {
    const swarm = treeSwarm(kernels);
    const leavers = swarm.nodes.slice(STAYERS);
    const stayers = swarm.nodes.slice(0, STAYERS);
    for (const leaver of leavers) leaver.command({ kind: "leave" });
    swarm.deliver();
    for (const leaver of leavers) {
      for (const stayer of stayers) swarm.unlink(leaver, stayer, "peer_close");
    }
    swarm.advance(3_000);
    stayers[2]!.write(mapSet("k", "v"));
    const pushes: unknown[] = [];
    swarm.advance(10, (frame) => {
      const isPush = typeOf(frame) === FRAME_PUSH && frame.from === stayers[2];
      if (isPush && !pushes.includes(frame)) pushes.push(frame);
      return false;
    });
    expect(pushes).toHaveLength(STAYERS - 1);
    for (const stayer of stayers) expect(stayer.root).toBe(stayers[2]!.root);
  });
});
