// Compaction (C5; docs/decisions/0017-compaction.md): what later writes of the same author dominate
// goes from log, replica and store, and nobody can tell from the state.
import { describe, expect, it } from "vitest";
import { TYPE_COUNTER, TYPE_MAP, TYPE_SET } from "../../../../assembly/layout.ts";
import { STUB_AGE_MS_MIN } from "../../../../src/core/state/merge.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { encodeFrame, FRAME_PULL } from "../../../../src/core/wire/frame.ts";
import { FRAME_FILL, GAPS_ENTRIES_MAX } from "../../../../src/core/wire/gap-frames.ts";
import { signatureIn } from "../../../../src/core/wire/signature-in.ts";
import { carried, isStub, stubOf } from "../../../../src/core/wire/stub.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedPair, mapSet, Swarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();
const AFTER_MS = 2 * STUB_AGE_MS_MIN;
const config = { compactAfterMs: AFTER_MS, compactFromBytes: 1 };
const OVERWRITES = 50;

/** Writes one key and one counter again and again, each in a delta of its own. */
function overwrite(node: TestNode, times = OVERWRITES): void {
  for (let i = 1; i <= times; i++) {
    node.write(mapSet("k", `v${i}`));
    node.write({ op: "counter.add", collection: "c", key: "k", by: 1n });
    node.read(TYPE_MAP, "m", "k");
  }
}

/** What a node's store holds once it has followed all that it was told. */
function onDisk({ stored, compacted }: TestNode): Uint8Array[] {
  const name = (delta: Uint8Array) => Buffer.from(signatureIn(delta)).toString("hex");
  const gone = new Set(compacted.flatMap(({ dropped }) => dropped.map(name)));
  const stubs = new Map(compacted.flatMap(({ stubs }) => stubs.map((stub) => [name(stub), stub])));
  return stored
    .filter((delta) => !gone.has(name(delta)))
    .map((delta) => stubs.get(name(delta)) ?? delta);
}

function withLastByteChanged(delta: Uint8Array): Uint8Array {
  const other = delta.slice();
  other[other.length - 1]! ^= 1;
  return other;
}

function sizes(node: TestNode): number[] {
  return node.core.deltas().map(({ length }) => length);
}

describe("a log of overwrites", () => {
  it("shrinks to the record, a stub and the newest delta, and the root stays", () => {
    const [swarm, a, b] = linkedPair({ kernels, config });
    overwrite(a);
    swarm.advance(1_000);
    const { root } = a;
    expect(a.core.status().deltas).toBeGreaterThan(OVERWRITES);
    swarm.advance(AFTER_MS + 60_000);
    for (const node of [a, b]) {
      const held = node.core.deltas();
      expect(held.map(isStub)).toEqual([false, true, false]);
      expect(node.root).toBe(root);
      expect(node.cell("logDropped")).toBe(OVERWRITES - 1);
      const read = node.read(TYPE_COUNTER, "c", "k").counter("c", "k");
      expect(read.plus).toBe(BigInt(OVERWRITES));
    }
  });

  it("is whole as long as its deltas are young", () => {
    const [swarm, a] = linkedPair({ kernels, config });
    overwrite(a);
    swarm.advance(AFTER_MS / 2);
    expect(sizes(a)).toHaveLength(OVERWRITES + 1);
  });

  it("keeps what somebody else has overwritten, and a remove of what has not come back", () => {
    const [swarm, a, b] = linkedPair({ kernels, config });
    a.write(mapSet("k", "a"));
    a.write({ op: "set.add", collection: "s", key: "s", element: "x" });
    a.read(TYPE_MAP, "m", "k");
    a.write({ op: "set.remove", collection: "s", key: "s", element: "x" });
    swarm.advance(1_000);
    b.write(mapSet("k", "b"));
    swarm.advance(AFTER_MS + 60_000);
    expect(a.core.deltas().some(isStub)).toBe(false);
  });

  it("keeps of an element that comes and goes the last time", () => {
    const [swarm, a, b] = linkedPair({ kernels, config });
    const x = { collection: "s", key: "s", element: "x" } as const;
    for (let i = 0; i < OVERWRITES; i++) {
      a.write({ op: "set.add", ...x });
      a.read(TYPE_SET, "s", "s");
      swarm.advance(10);
      // Whoever removes it names the add, and both are covered by the next one.
      const remover = i % 2 === 0 ? a : b;
      remover.write({ op: "set.remove", ...x });
      remover.read(TYPE_SET, "s", "s");
      swarm.advance(10);
    }
    const { root } = a;
    swarm.advance(AFTER_MS + 60_000);
    for (const node of [a, b]) {
      expect(node.root).toBe(root);
      expect(node.core.deltas().length).toBeLessThan(10);
      expect(node.read(TYPE_SET, "s", "s").setHas("s", "s", "x")).toBe(false);
    }
    const c = swarm.add();
    swarm.link(a, c);
    swarm.advance(2_000);
    expect(c.root).toBe(root);
  });

  it("is brought to a newcomer by stubs, which then has the same root and log", () => {
    const [swarm, a] = linkedPair({ kernels, config });
    overwrite(a);
    swarm.advance(AFTER_MS + 60_000);
    a.write(mapSet("other", "v"));
    const c = swarm.add({ config: { compactFromBytes: Number.POSITIVE_INFINITY } });
    swarm.link(a, c);
    swarm.advance(2_000);
    expect(c.root).toBe(a.root);
    expect(c.core.deltas().map(isStub)).toEqual([false, true, false, false]);
    expect(c.cell("deltaProcessedPassed")).toBe(1);
    expect(c.cell("deltaProcessedBadSignature")).toBe(0);
  });

  it("is brought to a member that held a part of it, and counts nothing twice", () => {
    const [swarm, a, b] = linkedPair({ kernels, config });
    overwrite(a, 10);
    swarm.advance(1_000);
    swarm.unlink(a, b);
    overwrite(a, 30);
    swarm.advance(AFTER_MS + 60_000);
    expect(b.core.deltas().length).toBeLessThan(4);
    swarm.link(a, b);
    swarm.advance(2_000);
    expect(b.root).toBe(a.root);
    expect(b.read(TYPE_COUNTER, "c", "k").counter("c", "k").plus).toBe(40n);
  });

  it("comes back from the store as it was, stubs and all", () => {
    const [swarm, a] = linkedPair({ kernels, config });
    overwrite(a);
    swarm.advance(AFTER_MS + 60_000);
    a.write(mapSet("k", "last"));
    swarm.advance(100);
    const disk = onDisk(a);
    expect(disk.map(isStub)).toEqual([false, true, false, false]);
    const again = new Swarm({ kernels, config }).add({ identity: 1, life: 77 });
    const part = { kind: "deltas", ...carried(disk) } as const;
    const checks = again.core.restoreChecks(part, a.now) ?? [];
    expect(checks).toHaveLength(4);
    expect(again.core.handleRestored(part, new Uint8Array(4).fill(1), a.now)).toBe(true);
    expect(again.root).toBe(a.root);
  });

  it("refuses a store in which a delta is missing without a stub", () => {
    const [swarm, a] = linkedPair({ kernels, config });
    overwrite(a, 3);
    swarm.advance(100);
    const damaged = a.stored.filter((_, i) => i !== 2);
    const again = swarm.add({ identity: 1, life: 77 });
    const part = { kind: "deltas", ...carried(damaged) } as const;
    expect(again.core.restoreChecks(part, a.now)).toBeUndefined();
  });
});

describe("an author that is expunged", () => {
  it("takes its stubs along, and what others wrote since is there", () => {
    const [swarm, a, b] = linkedPair({ kernels, config });
    const LIAR = { identity: 9, life: 7 };
    const write = (node: TestNode, value: string): void => {
      node.write(mapSet("k", value));
      node.read(TYPE_MAP, "m", "k");
    };
    a.write(mapSet("k", "a's"));
    swarm.advance(100);
    const twin = swarm.add(LIAR);
    swarm.nodes.pop();
    for (let i = 1; i <= OVERWRITES; i++) write(twin, `other ${i}`);
    const liar = swarm.add(LIAR);
    swarm.link(a, liar);
    swarm.deliver();
    for (let i = 1; i <= OVERWRITES; i++) write(liar, `v${i}`);
    swarm.advance(AFTER_MS + 60_000);
    expect(b.core.deltas().some(isStub)).toBe(true);
    // What lies in a gap proves nothing; what stands beside a whole delta does.
    a.push(b, twin.stored[3]!);
    expect(a.core.proofs).toHaveLength(0);
    a.push(b, twin.stored[OVERWRITES]!);
    swarm.advance(3_000);
    for (const node of [a, b]) {
      expect(node.core.proofs).toHaveLength(1);
      expect(node.core.deltas().some(isStub)).toBe(false);
      const value = node.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value;
      expect(Buffer.from(value ?? []).toString()).toBe("a's");
      expect(node.root).toBe(a.root);
    }
  });
});

describe("a stub", () => {
  it("that is young is not believed: nobody passes over what is on its way", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    overwrite(a, 3);
    swarm.drop(() => true);
    const [record, first, second, third] = a.stored as [Uint8Array, ...Uint8Array[]];
    const root = new Uint8Array(32);
    const lie = { type: FRAME_DELTA, more: false, root } as const;
    b.frame(
      a,
      encodeFrame({ ...lie, ...carried([record, stubOf(second!), third!]) }, a.now.wallMs),
    );
    expect(b.cell("deltaProcessedPassed")).toBe(0);
    b.push(a, first!, second!);
    expect(b.core.deltas()).toHaveLength(4);
    expect(b.cell("deltaProcessedApplied")).toBe(4);
  });

  it("that its author did not sign is not believed, and costs its sender", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    overwrite(a, 3);
    swarm.drop(() => true);
    swarm.advance(STUB_AGE_MS_MIN + 1, () => true);
    const [record, , second] = a.stored as [Uint8Array, ...Uint8Array[]];
    const forged = stubOf(second!);
    forged[forged.length - 1]! ^= 1;
    const root = new Uint8Array(32);
    const frame = { type: FRAME_DELTA, more: false, root, ...carried([record, forged]) } as const;
    b.frame(a, frame);
    expect(b.cell("deltaProcessedBadSignature")).toBe(1);
    expect(b.core.deltas()).toHaveLength(1);
  });
});

describe("a node that was made to pass over what is not dominated", () => {
  const NEVER = { compactFromBytes: Number.POSITIVE_INFINITY };

  /** A newcomer that a liar has given stubs for the only write of `k` and for a set's add. */
  function deceived(): readonly [Swarm, TestNode, TestNode] {
    const swarm = new Swarm({ kernels, config: NEVER });
    const [a, liar, c] = [swarm.add(), swarm.add(), swarm.add()];
    a.write(mapSet("k", "v"));
    a.read(TYPE_MAP, "m", "k");
    a.write({ op: "set.add", collection: "s", key: "s", element: "x" });
    a.write({ op: "set.add", collection: "s", key: "s", element: "y" });
    a.read(TYPE_SET, "s", "s");
    a.write({ op: "set.remove", collection: "s", key: "s", element: "y" });
    a.read(TYPE_SET, "s", "s");
    a.write(mapSet("last", "v"));
    a.read(TYPE_MAP, "m", "last");
    swarm.advance(STUB_AGE_MS_MIN + 1_000);
    swarm.link(liar, c);
    swarm.deliver();
    const [record, map, add, remove, last] = a.stored as [Uint8Array, ...Uint8Array[]];
    const lie = carried([record, stubOf(remove!), last!]);
    c.frame(liar, { type: FRAME_DELTA, more: false, root: new Uint8Array(32), ...lie });
    expect(c.core.deltas().map(isStub)).toEqual([false, true, false]);
    // What the liar has left out is taken for held from now on.
    c.push(liar, map!, add!);
    expect(c.core.deltas()).toHaveLength(3);
    swarm.unlink(liar, c);
    return [swarm, a, c];
  }

  it("asks an honest peer what is missing, and comes to the same root", () => {
    const [swarm, a, c] = deceived();
    swarm.link(a, c);
    swarm.advance(1_000);
    expect(c.root).not.toBe(a.root);
    swarm.advance(20_000);
    expect(c.root).toBe(a.root);
    expect(c.core.deltas().some(isStub)).toBe(false);
    expect(c.cell("deltaProcessedFilled")).toBe(3);
    expect(c.read(TYPE_MAP, "m", "k").mapGet("m", "k")).toBeDefined();
    expect([...c.read(TYPE_SET, "s", "s").setElements("s", "s")]).toEqual(["x"]);
    const told = c.eventsOf("changes").flatMap(({ changes }) => changes.map(({ key }) => key));
    expect(told).toContain("k");
  });

  it.each([
    ["a body that its author did not sign", (_, map) => [withLastByteChanged(map)]],
    ["a delta whose predecessor is missing", (_, __, add) => [add]],
    ["deltas with a hole between them", (_, map, __, remove) => [map, remove]],
    ["a delta of which a byte is missing", (_, map) => [map.slice(0, -1)]],
    ["what lies outside of its gap", (_, map, add, remove, last) => [map, add, remove, last]],
    ["a record", (record) => [record]],
  ] as readonly (readonly [string, (...stored: Uint8Array[]) => Uint8Array[]])[])(
    "does not take %s, and asks again",
    (_, lie) => {
      const [swarm, a, c] = deceived();
      swarm.link(a, c);
      swarm.advance(5_000, ({ bytes }) => bytes[1] === FRAME_FILL);
      c.frame(a, { type: FRAME_FILL, ...carried(lie(...a.stored)) });
      swarm.advance(1_000, ({ bytes }) => bytes[1] === FRAME_FILL);
      expect(c.cell("deltaProcessedFilled")).toBe(0);
      expect(c.core.deltas()).toHaveLength(3);
      swarm.advance(30_000);
      expect(c.root).toBe(a.root);
    },
  );

  it("finds the wrong one among more gaps in a chain than one question takes", () => {
    const swarm = new Swarm({ kernels, config });
    const [a, liar] = [swarm.add(), swarm.add()];
    const c = swarm.add({ config: NEVER });
    // Between writes that stay lies one each that the next of its key covers: gaps in every log.
    const gaps = GAPS_ENTRIES_MAX + 20;
    for (let i = 0; i <= gaps; i++) {
      for (const key of [`u${i}`, "k"]) {
        a.write(mapSet(key, `${i}`));
        a.read(TYPE_MAP, "m", key);
      }
    }
    swarm.advance(AFTER_MS + 60_000);
    const held = a.core.deltas();
    expect(held.filter(isStub)).toHaveLength(gaps);
    const lie = held.length - 4;
    const told = held.map((delta, at) => (at === lie ? stubOf(delta) : delta));
    swarm.link(liar, c);
    swarm.deliver();
    c.frame(liar, { type: FRAME_DELTA, more: false, root: new Uint8Array(32), ...carried(told) });
    swarm.unlink(liar, c);
    expect(c.read(TYPE_MAP, "m", `u${gaps - 1}`).mapGet("m", `u${gaps - 1}`)).toBeUndefined();
    swarm.link(a, c);
    swarm.advance(600_000);
    expect(c.root).toBe(a.root);
    expect(c.read(TYPE_MAP, "m", `u${gaps - 1}`).mapGet("m", `u${gaps - 1}`)).toBeDefined();
  });

  it("takes nothing that it did not ask for", () => {
    const [swarm, a, c] = deceived();
    swarm.link(a, c);
    swarm.deliver();
    const [, map, add, remove] = a.stored as [Uint8Array, ...Uint8Array[]];
    c.frame(a, { type: FRAME_FILL, ...carried([map!, add!, remove!]) });
    expect(c.core.deltas()).toHaveLength(3);
  });

  it("does not make its replica anew for a peer that shows false roots", () => {
    const [swarm, a, b] = linkedPair({ kernels, config });
    overwrite(a);
    swarm.advance(AFTER_MS + 60_000);
    const { root } = b;
    // The peer's log is as short: it has nothing to say about the gaps.
    for (let i = 0; i < 200; i++) {
      const frontierRoot = b.read(0, "", undefined).frontierRoot();
      const membersDigest = new Uint8Array(32);
      const pull = { type: FRAME_PULL, stamp: 1, frontierRoot, membersDigest } as const;
      b.frame(a, { ...pull, root: new Uint8Array(32).fill(i) });
      swarm.advance(100);
    }
    expect(b.root).toBe(root);
    expect(b.cell("deltaProcessedFilled")).toBe(0);
  });
});
