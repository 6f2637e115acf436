// What liars may not bring about: Sybils, an eclipse, removes of what is not there yet, false repair;
// and what a node that was away brings back.
import { afterEach, describe, expect, it } from "vitest";
import { DOT_BYTES, TYPE_COUNTER, TYPE_MAP, TYPE_SET } from "../../assembly/layout.ts";
import { MEMBERS_MAX } from "../../src/core/peers/membership.ts";
import { FRAME_DELTA } from "../../src/core/wire/delta-frame.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_IHAVE,
  FRAME_MEMBERS,
  FRAME_PUSH,
  FRAME_SYNC,
  type Frame,
} from "../../src/core/wire/frame.ts";
import { DEFAULT_LIMITS } from "../../src/kernels/limits.ts";
import type { SimNode } from "../../src/sim/engine/node.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim } from "../../src/sim/run.ts";
import { SmallMesh } from "../support/small-mesh.ts";

const NODES = 7;
/** All that brings state, or leads to it. */
const STATE = new Set<number>([FRAME_PUSH, FRAME_DELTA, FRAME_IHAVE, FRAME_SYNC]);
/** 2 ceil(log2 7) + 6 rounds of 100 ms. */
const CONVERGED_MS = 1_200;

let mesh: SmallMesh;
afterEach(() => mesh?.world.free());

function set(src: string, key: string, at = 0): Fault {
  return { at, do: "op.set", src, collection: "state", key, value: 1 };
}

function holds(node: SimNode, key: string): boolean {
  return mesh.read(node, TYPE_MAP, "state", key).mapGet("state", key) !== undefined;
}

describe("Sybils in an open mesh", () => {
  it.each(["answer", "withhold"] as const)("that %s leave the others equal and writable", (as) => {
    mesh = new SmallMesh(NODES);
    mesh.apply({ at: 0, do: "byz.sybil", node: "n1", as, count: 30, perSecond: 20 });
    mesh.run(4_000);
    expect(mesh.statuses().map(({ members, readOnly }) => [members, readOnly])).toEqual(
      Array.from({ length: NODES - 1 }, () => [NODES + 30, false]),
    );
    mesh.apply(set("n0", "a"), set("n6", "b"));
    mesh.run(CONVERGED_MS);
    expect(mesh.roots).toBe(1);
    for (const node of mesh.correct)
      expect([holds(node, "a"), holds(node, "b")]).toEqual([true, true]);
  });

  it("that only their inventor knows fill no more than a view, and part no two nodes", () => {
    mesh = new SmallMesh(NODES);
    const count = MEMBERS_MAX + 500;
    mesh.apply({ at: 0, do: "byz.sybil", node: "n1", as: "silent", count, perSecond: 1_000 });
    mesh.run(count + 6_000);
    for (const { core } of mesh.correct) {
      expect(core?.membership.isPartial).toBe(true);
      expect(core?.membership.present().length).toBeLessThanOrEqual(MEMBERS_MAX);
      expect(core?.status().links).toBeGreaterThan(0);
    }
    mesh.apply(set("n0", "a"), set("n6", "b"));
    mesh.run(CONVERGED_MS);
    expect(mesh.roots).toBe(1);
    for (const node of mesh.correct)
      expect([holds(node, "a"), holds(node, "b")]).toEqual([true, true]);
  });

  it("that nobody answers for take the quorum with the first silence: said in SECURITY.md", () => {
    mesh = new SmallMesh(NODES);
    mesh.apply({ at: 0, do: "byz.sybil", node: "n1", as: "silent", count: 20, perSecond: 20 });
    mesh.run(3_000);
    expect(mesh.statuses().every(({ readOnly }) => !readOnly)).toBe(true);
    mesh.apply({ at: 0, do: "node.crash", node: "n5" });
    mesh.run(15_000);
    expect(mesh.statuses().every(({ readOnly }) => readOnly)).toBe(true);
    expect(mesh.roots).toBe(1);
  });
});

describe("an eclipsed node", () => {
  const LIARS = ["n1", "n2"];
  const victim = (): SimNode => mesh.node(5);

  it("is read-only within a second, and neither told of others' writes nor heard", () => {
    mesh = new SmallMesh(NODES);
    mesh.apply({ at: 0, do: "byz.eclipse", node: LIARS, victim: "n5", for: 8_000 });
    mesh.run(1_000);
    expect(victim().core?.readOnly).toBe(true);
    mesh.apply(set("n0", "a"), set("n5", "b"));
    mesh.run(6_000);
    expect(victim().core?.status()).toMatchObject({ readOnly: true, health: "partitioned" });
    expect([...victim().links.keys()].toSorted()).toEqual([1, 2]);
    expect(holds(victim(), "a")).toBe(false);
    const others = mesh.correct.filter((node) => node !== victim());
    for (const node of others)
      expect([holds(node, "a"), node.core?.readOnly]).toEqual([true, false]);
  });

  it("is equal and writable soon after one honest link, while the liars go on", () => {
    mesh = new SmallMesh(NODES);
    mesh.apply(
      { at: 0, do: "byz.eclipse", node: LIARS, victim: "n5", for: 8_000 },
      set("n0", "a", 2_000),
      // From then on the victim reaches n3 alone, beside liars that hand nothing on.
      { at: 7_999, do: "net.partition", groups: [["n5"], ["n0", "n4", "n6"]], for: 30_000 },
      { at: 8_000, do: "byz.behave", node: LIARS, as: "withhold", for: 30_000 },
    );
    mesh.run(8_000);
    let linkedMs = 0;
    for (; !victim().links.has(3) && linkedMs < 20_000; linkedMs += 50) mesh.run(50);
    expect(victim().links.has(3)).toBe(true);
    mesh.run(CONVERGED_MS);
    expect(holds(victim(), "a")).toBe(true);
    expect(mesh.roots).toBe(1);
    mesh.run(5_000 - CONVERGED_MS);
    expect(victim().core?.readOnly).toBe(false);
  });
});

describe("a node that was away until it was forgotten", () => {
  const AWAY: Fault = { at: 2_000, do: "node.away", node: "n6", for: 20_000 };
  const element = { collection: "tags", key: "k", element: "old" };

  it("brings nothing back that was removed, nobody who left, and counts nothing twice", () => {
    mesh = new SmallMesh(NODES, { config: { durable: true, departAfterMs: 5_000 } });
    mesh.apply(
      { at: 0, do: "op.add", src: "n6", ...element },
      { at: 100, do: "op.add", src: "n0", ...element, element: "kept" },
      { at: 200, do: "op.inc", src: "n6", collection: "count", key: "k", by: 5 },
      AWAY,
      { at: 3_000, do: "op.remove", src: "n0", ...element },
      { at: 3_100, do: "op.inc", src: "n0", collection: "count", key: "k", by: 2 },
      { at: 4_000, do: "node.leave", node: "n5" },
    );
    mesh.run(1_900);
    const members = mesh.node(6).core?.memberRecords() ?? [];
    mesh.run(18_100);
    // Forgotten: five are left of seven.
    expect(mesh.statuses().map(({ members }) => members)).toEqual([5, 5, 5, 5, 5]);
    mesh.run(2_000 + 5_000);
    // What it knew of members, once more, to everybody.
    const stale = encodeFrame(
      { type: FRAME_MEMBERS, members },
      mesh.node(6).now(mesh.world.nowMs).wallMs,
    );
    for (const node of mesh.correct) mesh.world.transmit(mesh.node(6), node, stale);
    mesh.apply({ at: 0, do: "op.inc", src: "n6", collection: "count", key: "k", by: 3 });
    mesh.run(CONVERGED_MS);
    expect(mesh.roots).toBe(1);
    expect(mesh.correct).toHaveLength(6);
    for (const node of mesh.correct) {
      expect([...mesh.read(node, TYPE_SET, "tags", "k").setElements("tags", "k")]).toEqual([
        "kept",
      ]);
      expect(mesh.read(node, TYPE_COUNTER, "count", "k").counter("count", "k").plus).toBe(10n);
      expect(node.core?.status()).toMatchObject({ members: 6, readOnly: false });
    }
  });
});

describe("removes of dots that nobody has issued", () => {
  const AT = { collection: "shared", key: "k1", element: "e1" };

  /** Two nodes add again and again, under seqs that a liar, if there is one, has named. */
  function addUnder(liar?: Fault): SmallMesh {
    mesh = new SmallMesh(NODES);
    for (const src of ["n0", "n4"]) mesh.apply({ at: 0, do: "op.add", src, ...AT, element: "e0" });
    if (liar !== undefined) mesh.apply(liar);
    for (let i = 0; i < 20; i++) {
      mesh.apply({ at: 2_000 + 50 * i, do: "op.add", src: i % 2 === 0 ? "n0" : "n4", ...AT });
    }
    mesh.run(4_500);
    return mesh;
  }

  function dotsAt(node: SimNode): number {
    const replica = mesh.read(node, TYPE_SET, AT.collection, AT.key);
    return replica.setDots(AT.collection, AT.key, AT.element).length / DOT_BYTES;
  }

  it("of f liars leave one root at all correct nodes, as many as they are", () => {
    const faults = Array.from({ length: 10 }, (_, i): Fault => {
      const as = "future-remove";
      return { at: 500, do: "byz.behave", node: `n${1 + 3 * i}`, as, for: 8_000 };
    });
    const result = runSim({ seed: 1, nodes: 31, durationMs: 8_000, faults });
    expect(result.violations).toEqual([]);
    expect(result.distinctRoots).toBe(1);
  });

  it("take up to the bound of their author, and no add of another", () => {
    const honest = addUnder();
    const dots = dotsAt(honest.node(0));
    expect(dots).toBeGreaterThan(0);
    honest.world.free();
    addUnder({ at: 500, do: "byz.behave", node: "n1", as: "future-remove", for: 5_000 });
    expect(mesh.roots).toBe(1);
    for (const node of mesh.correct) {
      expect(dotsAt(node)).toBe(dots);
      const { pendingDots } = mesh.read(node, TYPE_SET, AT.collection, AT.key).stats;
      expect(pendingDots).toBeGreaterThan(500);
      expect(pendingDots).toBeLessThanOrEqual(DEFAULT_LIMITS.pendingDotsMax);
    }
    // A remove of what is there goes on working.
    mesh.apply({ at: 0, do: "op.remove", src: "n4", ...AT });
    mesh.run(CONVERGED_MS);
    for (const node of mesh.correct) expect(dotsAt(node)).toBe(0);
  });
});

describe("peers that lie where others catch up", () => {
  it("do not keep a joiner from what honest members hold, though all its seeds lie", () => {
    mesh = new SmallMesh(10);
    // n0 to n2 are everybody's seeds.
    mesh.apply({
      at: 0,
      do: "byz.behave",
      node: ["n0", "n1", "n2"],
      as: "lie-repair",
      for: 60_000,
    });
    for (let i = 0; i < 60; i++) mesh.apply(set(`n${3 + (i % 7)}`, `k${i}`, 20 * i));
    mesh.run(3_000);
    mesh.apply({ at: 0, do: "node.join" });
    mesh.run(2_000);
    expect(mesh.roots).toBe(1);
    for (let i = 0; i < 60; i++) expect(holds(mesh.node(10), `k${i}`)).toBe(true);
  });

  it("do not keep a node that lost its disk from being equal", () => {
    mesh = new SmallMesh(NODES);
    mesh.apply({ at: 0, do: "byz.behave", node: ["n0", "n2"], as: "lie-repair", for: 60_000 });
    for (let i = 0; i < 60; i++) mesh.apply(set(`n${3 + (i % 4)}`, `k${i}`, 20 * i));
    mesh.apply({ at: 2_000, do: "node.restart", node: "n4", disk: "lost" });
    mesh.run(2_000 + CONVERGED_MS + 500);
    expect(mesh.roots).toBe(1);
  });
});

describe("a node that comes back from a cut", () => {
  const CUT: Fault = {
    at: 500,
    do: "net.partition",
    groups: [["n3"], ["n0", "n1", "n2", "n4", "n5", "n6"]],
    for: 10_000,
  };

  it("is writable within 5 s beside a liar that answers probes and never agrees", () => {
    mesh = new SmallMesh(NODES);
    const { world } = mesh;
    world.misbehaviour.corrupt(mesh.node(5));
    world.misbehaviour.send = (from, to, bytes) => {
      const decoded = decodeFrame(bytes);
      if (decoded.kind !== "frame" || STATE.has(decoded.frame.type)) return;
      const { frame, wallMs } = decoded;
      // Whatever it says of its root is another each time.
      const root =
        "root" in frame ? frame.root.map((byte) => byte ^ (1 + (world.nowMs & 127))) : [];
      const lie = "root" in frame ? { ...frame, root } : frame;
      world.transmit(from, to, encodeFrame(lie as Frame, wallMs));
    };
    mesh.apply(CUT, set("n0", "a", 2_000));
    mesh.run(10_400);
    expect(mesh.node(3).core?.health).toBe("partitioned");
    mesh.run(5_100);
    expect(mesh.node(3).core?.health).toBe("healthy");
    expect(holds(mesh.node(3), "a")).toBe(true);
  });
});

describe("a run with every lie", () => {
  const faults: Fault[] = [
    { at: 1_000, do: "byz.behave", node: "n1", as: "future-remove", for: 4_000 },
    { at: 1_000, do: "byz.behave", node: "n2", as: "lie-repair", for: 4_000 },
    { at: 1_500, do: "byz.sybil", node: "n1", as: "withhold", count: 5, perSecond: 10 },
    { at: 2_000, do: "byz.sybil", node: "n2", as: "silent", count: 5, perSecond: 10 },
    { at: 2_000, do: "byz.eclipse", node: ["n1", "n2"], victim: "n4", for: 3_000 },
    { at: 2_500, do: "node.away", node: "n6", for: 3_000 },
  ];
  const options: SimOptions = { seed: 1, nodes: NODES, durationMs: 6_000, faults };

  it("is the same run twice, and keeps its invariants", () => {
    const [first, second] = [runSim(options), runSim(options)];
    expect(first.traceHash).toBe(second.traceHash);
    expect(first.violations).toEqual([]);
  });
});
