/**
 * Replica: each CRDT by example, mostly as two replicas that get the same deltas in two orders.
 */
import { describe, expect, test } from "vitest";
import {
  DOT_BYTES,
  OP_COUNTER,
  OP_GAUGE,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
} from "../../../../assembly/layout.ts";
import type { Replica } from "../../../../src/kernels/kernels.ts";
import { type Dot, encodeDots, type OperationFields } from "../../../support/delta-encoder.ts";
import {
  DeltaWriter,
  deliver,
  nodeId,
  patched,
  TEST_MESH,
  text,
  utf8,
} from "../../../support/delta-writer.ts";
import { replicaKernels } from "../../../support/replicas.ts";

const EMPTY_ROOT = new Uint8Array(32);

describe.each(replicaKernels)("%s", (_name, kernels) => {
  function setup() {
    const open = (): Replica => kernels.openReplica({ meshId: TEST_MESH });
    return {
      one: open(),
      two: open(),
      a: new DeltaWriter(nodeId(1)),
      b: new DeltaWriter(nodeId(2)),
    };
  }

  function expectEqualState(one: Replica, two: Replica): void {
    expect(one.stateRoot()).toEqual(two.stateRoot());
    expect(one.frontierRoot()).toEqual(two.frontierRoot());
    expect(one.root()).toEqual(two.root());
    expect(one.stats).toEqual(two.stats);
  }

  describe("a register", () => {
    const set = (value: string): OperationFields => ({
      kind: OP_REGISTER_SET,
      collection: "r",
      key: "k",
      codec: 2,
      value: utf8(value),
    });

    test("takes the write with the higher clock, in either order", () => {
      const { one, two, a, b } = setup();
      const early = [a.record(), a.write([set("early")], { hlc: 5000n << 16n })];
      const late = [b.record(), b.write([set("late")], { hlc: 5001n << 16n })];
      deliver(one, ...early, ...late);
      const { changes } = deliver(two, ...late, ...early);
      expect(text(one.register("r", "k")?.value)).toBe("late");
      expect(one.register("r", "k")).toMatchObject({
        codec: 2,
        stamp: { author: nodeId(2), seq: 1 },
      });
      expect(changes.map((change) => change.changed)).toEqual([true, false]);
      expectEqualState(one, two);
    });

    test("breaks a tie of clocks by author bytes", () => {
      const { one, two, a, b } = setup();
      const hlc = 5000n << 16n;
      const low = [a.record(), a.write([set("low")], { hlc })];
      const high = [b.record(), b.write([set("high")], { hlc })];
      deliver(one, ...low, ...high);
      deliver(two, ...high, ...low);
      expect(text(one.register("r", "k")?.value)).toBe("high");
      expectEqualState(one, two);
    });

    test("breaks a tie within one author by epoch, then nonce", () => {
      const { one, two } = setup();
      const hlc = 5000n << 16n;
      const lives = [
        [1n, 9n],
        [2n, 1n],
        [2n, 2n],
      ] as const;
      const deltas = lives.map(([epoch, nonce]) => {
        const life = new DeltaWriter(nodeId(1), { epoch, nonce });
        return [life.record(), life.write([set(`${epoch}.${nonce}`)], { hlc })];
      });
      deliver(one, ...deltas.flat());
      deliver(two, ...deltas.reverse().flat());
      expect(text(one.register("r", "k")?.value)).toBe("2.2");
      expectEqualState(one, two);
    });

    test("takes the later of two writes of one delta", () => {
      const { one, a } = setup();
      deliver(one, a.record(), a.write([set("first"), set("second")]));
      expect(text(one.register("r", "k")?.value)).toBe("second");
    });
  });

  describe("a map", () => {
    const set = (key: string, value: string): OperationFields => ({
      kind: OP_MAP_SET,
      collection: "m",
      key,
      codec: 0,
      value: utf8(value),
    });
    const remove = (key: string): OperationFields => ({
      kind: OP_MAP_DELETE,
      collection: "m",
      key,
    });

    test("is kept apart from a register of the same name", () => {
      const { one, a } = setup();
      deliver(one, a.record(), a.write([set("k", "v")]));
      expect(one.register("m", "k")).toBeUndefined();
      expect([...one.mapKeys("m")]).toEqual(["k"]);
    });

    test("keeps a deleted key from coming back by an older write", () => {
      const { one, two, a, b } = setup();
      const write = [a.record(), a.write([set("k", "v")], { hlc: 5000n << 16n })];
      const erase = [b.record(), b.write([remove("k")], { hlc: 5001n << 16n })];
      deliver(one, ...write);
      const erased = deliver(one, ...erase);
      deliver(two, ...erase, ...write);
      expect(erased.changes[0]).toMatchObject({
        live: false,
        changed: true,
        payload: new Uint8Array(0),
      });
      expect(one.mapGet("m", "k")).toBeUndefined();
      expect(one.mapSize("m")).toBe(0);
      expect([...one.mapKeys("m")]).toEqual([]);
      expect(one.stats).toMatchObject({ entries: 1, tombstones: 1 });
      expectEqualState(one, two);
    });

    test("leaves nothing of a deleted key in stateRoot", () => {
      const { one, a } = setup();
      deliver(one, a.record(), a.write([set("k", "v")]));
      expect(one.stateRoot()).not.toEqual(EMPTY_ROOT);
      deliver(one, a.write([remove("k")]));
      expect(one.stateRoot()).toEqual(EMPTY_ROOT);
    });

    test("says that deleting what is not there changes nothing", () => {
      const { one, a } = setup();
      const { changes } = deliver(one, a.record(), a.write([remove("k")]));
      expect(changes[0]).toMatchObject({ live: false, changed: false });
    });

    test("takes a key again by a newer write", () => {
      const { one, a } = setup();
      deliver(
        one,
        a.record(),
        a.write([set("k", "1")]),
        a.write([remove("k")]),
        a.write([set("k", "2")]),
      );
      expect(text(one.mapGet("m", "k")?.value)).toBe("2");
      expect(one.stats.tombstones).toBe(0);
    });

    test("holds an empty value as a value", () => {
      const { one, a } = setup();
      deliver(one, a.record(), a.write([set("", "")]));
      expect(one.mapGet("m", "")?.value).toEqual(new Uint8Array(0));
      expect(one.mapSize("m")).toBe(1);
    });
  });

  describe("a counter", () => {
    const total = (plus: bigint, minus: bigint): OperationFields => ({
      kind: OP_COUNTER,
      collection: "n",
      key: "k",
      plus,
      minus,
    });

    test("sums the running totals of every incarnation", () => {
      const { one, a, b } = setup();
      const again = new DeltaWriter(nodeId(1), { epoch: 2n });
      const big = 2n ** 64n - 1n;
      deliver(one, a.record(), a.write([total(3n, 1n), total(5n, 1n)]));
      deliver(
        one,
        b.record(),
        b.write([total(big, 2n)]),
        again.record(),
        again.write([total(7n, 0n)]),
      );
      expect(one.counter("n", "k")).toEqual({ plus: 12n + big, minus: 3n });
      expect(one.counterOwn("n", "k", again)).toEqual({ plus: 7n, minus: 0n });
      expect(one.counterOwn("n", "k", { author: nodeId(3), epoch: 1n, nonce: 1n }).plus).toBe(0n);
      expect(one.counter("n", "other")).toEqual({ plus: 0n, minus: 0n });
    });

    test("says whether the totals changed", () => {
      const { one, a } = setup();
      const { changes } = deliver(
        one,
        a.record(),
        a.write([total(1n, 0n), total(1n, 0n), total(1n, 1n)]),
      );
      expect(changes.map((change) => change.changed)).toEqual([true, false, true]);
    });

    const falls: readonly [string, OperationFields[]][] = [
      ["its plus falls below an earlier delta's", [total(4n, 1n)]],
      ["its minus falls below an earlier delta's", [total(5n, 0n)]],
      ["it falls across a 32-bit boundary", [total(2n ** 32n, 1n), total(2n ** 32n - 1n, 1n)]],
      ["it falls within the delta", [total(9n, 9n), total(9n, 8n)]],
    ];
    for (const [name, operations] of falls) {
      test(`ends its incarnation when ${name}`, () => {
        const { one, a } = setup();
        deliver(one, a.record(), a.write([total(5n, 1n)]));
        deliver(one, a.write(operations));
        expect(one.headAt(0)?.ended).toBe(true);
        expect(one.counter("n", "k")).toEqual({ plus: 5n, minus: 1n });
      });
    }

    test("may start lower in a new incarnation", () => {
      const { one, a } = setup();
      const again = new DeltaWriter(nodeId(1), { epoch: 2n });
      deliver(
        one,
        a.record(),
        a.write([total(5n, 1n)]),
        again.record(),
        again.write([total(1n, 0n)]),
      );
      expect(one.headAt(1)?.ended).toBe(false);
      expect(one.counter("n", "k").plus).toBe(6n);
    });
  });

  describe("a gauge", () => {
    const gauge = (value: bigint, weight = 1n): OperationFields => ({
      kind: OP_GAUGE,
      collection: "g",
      key: "k",
      value,
      weight,
    });

    test("holds the last value of each author, signed, in order of author", () => {
      const { one, a, b } = setup();
      const least = -(2n ** 63n);
      deliver(one, b.record(), b.write([gauge(1n), gauge(least, 2n ** 64n - 1n)]));
      deliver(one, a.record(), a.write([gauge(7n)]));
      expect(one.gauge("g", "k")).toEqual([
        { author: nodeId(1), value: 7n, weight: 1n },
        { author: nodeId(2), value: least, weight: 2n ** 64n - 1n },
      ]);
      expect(one.gauge("g", "other")).toEqual([]);
    });

    test("ignores an older incarnation that comes late", () => {
      const { one, two, a } = setup();
      const again = new DeltaWriter(nodeId(1), { epoch: 2n });
      const old = [a.record(), a.write([gauge(1n)]), a.write([gauge(2n)])];
      const fresh = [again.record(), again.write([gauge(3n)])];
      deliver(one, ...old, ...fresh);
      const { changes } = deliver(two, ...fresh, ...old);
      expect(two.gauge("g", "k")).toEqual([{ author: nodeId(1), value: 3n, weight: 1n }]);
      expect(changes.map((change) => change.changed)).toEqual([true, false, false]);
      expectEqualState(one, two);
    });
  });

  describe("a set", () => {
    const add = (element = "e"): OperationFields => ({
      kind: OP_SET_ADD,
      collection: "s",
      key: "k",
      element,
    });
    const remove = (dots: readonly Dot[] | Uint8Array, element = "e"): OperationFields => ({
      kind: OP_SET_REMOVE,
      collection: "s",
      key: "k",
      element,
      dots: dots instanceof Uint8Array ? dots : encodeDots(dots),
    });

    test("holds what was added until its dots are removed", () => {
      const { one, a, b } = setup();
      const added = deliver(one, a.record(), a.write([add(), add("f")]));
      expect(added.changes.map(({ live, changed }) => [live, changed])).toEqual([
        [true, true],
        [true, true],
      ]);
      expect(one.setHas("s", "k", "e")).toBe(true);
      expect([...one.setElements("s", "k")]).toEqual(["e", "f"]);
      expect(one.setSize("s", "k")).toBe(2);
      expect(one.setDots("s", "k", "e")).toEqual(encodeDots([a.dot(1)]));
      const removed = deliver(one, b.record(), b.write([remove(one.setDots("s", "k", "e"))]));
      expect(removed.changes[0]).toMatchObject({ live: false, changed: true, element: "e" });
      expect([...one.setElements("s", "k")]).toEqual(["f"]);
    });

    test("leaves nothing of an element without dots, in memory or in stateRoot", () => {
      const { one, a } = setup();
      deliver(one, a.record(), a.write([add()]));
      deliver(one, a.write([remove([a.dot(1)])]));
      expect(one.stateRoot()).toEqual(EMPTY_ROOT);
      expect(one.stats).toEqual({ entries: 0, tombstones: 0, pendingDots: 0, stateBytes: 0 });
    });

    test("lets an add win over a concurrent remove", () => {
      const { one, two, a, b } = setup();
      const c = new DeltaWriter(nodeId(3));
      const first = [a.record(), a.write([add()])];
      const removal = [b.record(), b.write([remove([a.dot(1)])])];
      const second = [c.record(), c.write([add()])];
      deliver(one, ...first, ...removal, ...second);
      deliver(two, ...second, ...first, ...removal);
      expect(one.setHas("s", "k", "e")).toBe(true);
      expectEqualState(one, two);
    });

    test("replaces an incarnation's own older dot by its newer one", () => {
      const { one, a } = setup();
      deliver(one, a.record(), a.write([add()]), a.write([add()]));
      expect(one.setDots("s", "k", "e")).toEqual(encodeDots([a.dot(2)]));
    });

    test("survives a remove that names only the replaced dot", () => {
      const { one, two, a, b } = setup();
      const adds = [a.record(), a.write([add()])];
      const removal = [b.record(), b.write([remove([a.dot(1)])])];
      adds.push(a.write([add()]));
      deliver(one, ...adds, ...removal);
      deliver(two, ...removal, ...adds);
      expect(one.setHas("s", "k", "e")).toBe(true);
      expectEqualState(one, two);
    });

    test("kills an add that comes after its remove, and the dot it would have replaced", () => {
      const { one, two, a, b } = setup();
      const adds = [a.record(), a.write([add()]), a.write([add()])];
      const removal = [b.record(), b.write([remove([a.dot(2)])])];
      deliver(one, ...adds, ...removal);
      deliver(two, ...removal);
      expect(two.stats.pendingDots).toBe(1);
      deliver(two, adds[0]!, adds[1]!);
      expect(two.setHas("s", "k", "e")).toBe(true);
      const { changes } = deliver(two, adds[2]!);
      expect(changes[0]).toMatchObject({ live: false, changed: true });
      expect(two.stats.pendingDots).toBe(0);
      expectEqualState(one, two);
    });

    const misses: readonly [string, (dot: Dot) => OperationFields][] = [
      ["another hash", (dot) => remove([{ ...dot, hash: dot.hash ^ 1n }])],
      ["another end of its hash", (dot) => remove([{ ...dot, hash: dot.hash ^ (1n << 63n) }])],
      ["another element", (dot) => remove([dot], "f")],
      ["another nonce", (dot) => remove([{ ...dot, nonce: 77n }])],
      ["another seq", (dot) => remove([{ ...dot, seq: dot.seq + 1 }])],
      ["seq 0", (dot) => remove([{ ...dot, seq: 0 }])],
    ];
    for (const [name, removal] of misses) {
      test(`is untouched by a dot with ${name}, whichever comes first`, () => {
        const { one, two, a, b } = setup();
        const adds = [a.record(), a.write([add()])];
        const removes = [b.record(), b.write([removal(a.dot(1))])];
        adds.push(a.write([add("g")]));
        deliver(one, ...adds, ...removes);
        deliver(two, ...removes, ...adds);
        expect(one.setHas("s", "k", "e")).toBe(true);
        expectEqualState(one, two);
      });
    }

    test("forgets pending dots of a seq that turned out to be something else", () => {
      const { one, a, b } = setup();
      const record = a.record();
      const delta = a.write([
        { kind: OP_REGISTER_SET, collection: "r", key: "", codec: 0, value: utf8("") },
      ]);
      deliver(one, b.record(), b.write([remove([a.dot(1)])]));
      expect(one.stats.pendingDots).toBe(1);
      deliver(one, record, delta);
      expect(one.stats.pendingDots).toBe(0);
    });

    test("forgets pending dots of an incarnation that ends, and takes no new ones", () => {
      const { one, two, a, b } = setup();
      const ending = [a.record(), a.raw(Uint8Array.of(0))];
      const removal = [b.record(), b.write([remove([{ ...a.dot(1), seq: 50 }])])];
      deliver(one, ...removal, ...ending);
      deliver(two, ...ending, ...removal);
      expect(one.stats.pendingDots).toBe(0);
      expectEqualState(one, two);
    });

    test("waits for no dot of the removing delta itself: none can be named by its hash", () => {
      const { one, a } = setup();
      const record = a.record();
      const own = (seq: number): Dot => ({ ...a.dot(1), seq });
      deliver(one, record, a.write([add(), remove([own(1), own(2), own(3)]), add("f")]));
      expect(one.stats.pendingDots).toBe(0);
      expect([...one.setElements("s", "k")]).toEqual(["e", "f"]);
    });

    test("ignores a dot whose seq no operation can have", () => {
      const { one, a } = setup();
      const dots = encodeDots([a.dot(1)]);
      const operation = remove(patched(dots, DOT_BYTES - 9, 0xff));
      deliver(one, a.record(), a.write([operation]));
      expect(one.stats.pendingDots).toBe(0);
    });

    test("counts a dot named by two authors once for each, whatever the order", () => {
      const { one, two, a, b } = setup();
      const target = new DeltaWriter(nodeId(3));
      target.record();
      const dot = { ...target.dot(1), seq: 1 };
      const first = [a.record(), a.write([remove([dot, dot])])];
      const second = [b.record(), b.write([remove([dot])])];
      deliver(one, ...first, ...second);
      deliver(two, ...second, ...first);
      expect(one.stats.pendingDots).toBe(2);
      expectEqualState(one, two);
    });
  });
});
