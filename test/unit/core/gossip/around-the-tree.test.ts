// Writes while the push tree has holes: a parent that is gone, a newcomer without one (C4, N22).
import { describe, expect, it } from "vitest";
import { Backbone, levelOf } from "../../../../src/core/gossip/backbone.ts";
import { GRAFT_DELAY_MS_MIN } from "../../../../src/core/gossip/missing.ts";
import { hexFromBytes } from "../../../../src/core/node-id.ts";
import { FRAME_IHAVE, FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { mapSet, type Swarm, type TestNode, text, typeOf } from "../../../support/pair.ts";
import { TREE_NODES, treeSwarm } from "../../../support/tree-swarm.ts";

const kernels = createKernels();
/** A lone write leaves at once; frames take no time. */
const AT_ONCE_MS = 1;

function backboneOf(swarm: Swarm): Backbone {
  const backbone = new Backbone();
  for (const { id } of swarm.nodes) backbone.add(id);
  return backbone;
}

function parentOf(swarm: Swarm, node: TestNode): TestNode | undefined {
  const parent = backboneOf(swarm).parentOf(node.id, () => true);
  return swarm.nodes.find(({ id }) => id === parent);
}

/** A node that hangs on another, and that other. */
function someChild(swarm: Swarm): readonly [TestNode, TestNode] {
  for (const node of swarm.nodes) {
    const parent = parentOf(swarm, node);
    if (parent !== undefined) return [node, parent];
  }
  throw new Error("nobody hangs on anybody");
}

function someOther(swarm: Swarm, ...than: readonly TestNode[]): TestNode {
  const other = swarm.nodes.find((node) => !than.includes(node));
  if (other === undefined) throw new Error("there is nobody else");
  return other;
}

describe("around the push tree", () => {
  it("announces at once to the two predecessors on the ring, and to nobody else", () => {
    const swarm = treeSwarm(kernels);
    const ring = swarm.nodes.map(({ id }) => id).sort();
    const told = new Map<TestNode, Set<string>>();
    swarm.nodes[5]!.write(mapSet("k", "v"));
    swarm.advance(AT_ONCE_MS, (frame) => {
      if (typeOf(frame) !== FRAME_IHAVE) return false;
      told.set(frame.from, (told.get(frame.from) ?? new Set()).add(frame.to.id));
      return false;
    });
    expect(told.size).toBeGreaterThan(TREE_NODES / 2);
    for (const [from, peers] of told) {
      const at = ring.indexOf(from.id);
      const before = [1, 2].map((back) => ring[(at - back + TREE_NODES) % TREE_NODES]);
      for (const peer of peers) expect(before).toContain(peer);
    }
  });

  it("brings a write past a parent that has just died in little more than the least wait", () => {
    const swarm = treeSwarm(kernels);
    const [child, parent] = someChild(swarm);
    const author = someOther(swarm, child, parent);
    author.write(mapSet("k", "v"));
    swarm.advance(
      GRAFT_DELAY_MS_MIN + AT_ONCE_MS,
      (frame) => frame.to === child && typeOf(frame) === FRAME_PUSH,
    );
    expect(child.root).toBe(author.root);
  });

  it("waits for no link to break when the parent says that it leaves", () => {
    const swarm = treeSwarm(kernels);
    const [child, parent] = someChild(swarm);
    const author = someOther(swarm, child, parent);
    parent.command({ kind: "leave" });
    swarm.deliver();
    author.write(mapSet("k", "v"));
    swarm.advance(AT_ONCE_MS, (frame) => frame.to === parent || frame.from === parent);
    for (const node of swarm.nodes) {
      if (node !== parent) expect(node.root).toBe(author.root);
    }
  });

  it("pushes to a newcomer over its first link, before it hangs on anybody", () => {
    const swarm = treeSwarm(kernels);
    const [seed, author] = [swarm.nodes[3]!, swarm.nodes[5]!];
    const newcomer = swarm.add();
    swarm.link(newcomer, seed);
    swarm.deliver();
    author.write(mapSet("k", "v"));
    const pushed: TestNode[] = [];
    swarm.advance(AT_ONCE_MS, (frame) => {
      if (frame.to === newcomer && typeOf(frame) === FRAME_PUSH) pushed.push(frame.from);
      return false;
    });
    expect(pushed).toContain(seed);
    expect(newcomer.root).toBe(author.root);
  });

  it("takes what stood in for the backbone out of the tree again", () => {
    const swarm = treeSwarm(kernels);
    const newcomer = swarm.add();
    for (const node of swarm.nodes.slice(0, TREE_NODES)) swarm.link(newcomer, node);
    swarm.advance(2_000);
    const parent = parentOf(swarm, newcomer);
    expect(newcomer.core.pushPeers()).toEqual([parent?.id]);
    for (const node of swarm.nodes.slice(0, TREE_NODES)) {
      expect(node.core.pushPeers().includes(newcomer.id)).toBe(node === parent);
    }
  });

  it("hangs on the old parent until the new one is linked", () => {
    const swarm = treeSwarm(kernels);
    const [identity, child] = betterParent(swarm);
    const old = parentOf(swarm, child)!;
    const better = swarm.add({ identity });
    const seed = someOther(swarm, child, better);
    swarm.link(better, seed);
    swarm.advance(1_000);
    expect(parentOf(swarm, child)).toBe(better);
    expect(old.core.pushPeers()).toContain(child.id);
    swarm.link(child, better);
    swarm.advance(1_000);
    expect(better.core.pushPeers()).toContain(child.id);
    expect(old.core.pushPeers()).not.toContain(child.id);
  });
});

/** An identity whose node some present one would hang on, in place of its parent. */
function betterParent(swarm: Swarm): readonly [number, TestNode] {
  for (let identity = 1_000; ; identity++) {
    const { publicKey } = swarm.crypto.createSigningKey(
      kernels.blake3(text(`identity ${identity}`)),
    );
    const id = hexFromBytes(publicKey);
    if (levelOf(id) !== 1) continue;
    const grown = backboneOf(swarm);
    grown.add(id);
    const child = swarm.nodes.find(
      (node) => parentOf(swarm, node) !== undefined && grown.parentOf(node.id, () => true) === id,
    );
    if (child !== undefined) return [identity, child];
  }
}
