// Collections of the public API (C5; docs/ARCHITECTURE.md), between two nodes.
import { describe, expect, it } from "vitest";
import type { Mesh } from "../../../../src/node/mesh.ts";
import { firstOf, join, joined } from "../../../support/meshes.ts";

const pair = () => joined(2) as Promise<[Mesh, Mesh]>;

describe("a map", () => {
  it("shows own writes at once, and others' when they come", async () => {
    const [a, b] = await pair();
    const seen = firstOf(b.map("m").watch(), ({ key }) => key === "k");
    void a.map("m").set("k", { n: 1 });
    expect(a.map("m").get("k")).toEqual({ n: 1 });
    expect(await seen).toEqual({ key: "k", value: { n: 1 }, author: a.status().nodeId });
    expect(b.map("m").get("k")).toEqual({ n: 1 });
  });

  it("has keys, entries and a size, and loses what is deleted", async () => {
    const mesh = await join();
    const map = mesh.map<number>("m");
    for (const [i, key] of ["a", "b", "c"].entries()) void map.set(key, i);
    void map.delete("b");
    expect([map.size, map.has("b"), map.has("c")]).toEqual([2, false, true]);
    expect([...map.keys()].sort()).toEqual(["a", "c"]);
    expect(Object.fromEntries(map.entries())).toEqual({ a: 0, c: 2 });
  });

  it("keeps bytes as bytes", async () => {
    const map = (await join()).map<Uint8Array>("m");
    void map.set("k", Uint8Array.of(1, 2));
    expect(map.get("k")).toEqual(Uint8Array.of(1, 2));
  });

  it("gives bytes that belong to the reader", async () => {
    const map = (await join()).map<Uint8Array>("m");
    void map.set("k", Uint8Array.of(1, 2));
    map.get("k")?.fill(9);
    expect(map.get("k")).toEqual(Uint8Array.of(1, 2));
  });

  it("takes bytes as they are at the call", async () => {
    const map = (await join()).map<Uint8Array>("m");
    const value = Uint8Array.of(1, 2);
    void map.set("k", value);
    value.fill(9);
    expect(map.get("k")).toEqual(Uint8Array.of(1, 2));
  });

  it("acknowledges a write when it is in the replica", async () => {
    const map = (await join()).map("m");
    await expect(map.set("k", 1)).resolves.toBeUndefined();
  });

  it.each([
    ["undefined", undefined],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a cycle", cycle()],
  ])("refuses %s at once", async (_what, value) => {
    const map = (await join()).map("m");
    expect(() => map.set("k", value)).toThrow(
      expect.objectContaining({ code: "MESH_VALUE_INVALID" }),
    );
  });

  it("refuses an empty key and a value over 60 KiB at once", async () => {
    const map = (await join()).map("m");
    expect(() => map.set("", 1)).toThrow(expect.objectContaining({ code: "MESH_KEY_INVALID" }));
    const value = new Uint8Array(61_441);
    expect(() => map.set("k", value)).toThrow(
      expect.objectContaining({ code: "MESH_VALUE_TOO_LARGE" }),
    );
  });
});

describe("a counter", () => {
  it("adds up what every node adds", async () => {
    const [a, b] = await pair();
    const seen = firstOf(a.counter("c").watch(), (value) => value === 12);
    void a.counter("c").add(5);
    void b.counter("c").add(10n);
    void b.counter("c").add(-3);
    expect(await seen).toBe(12);
    expect(a.counter("c").total).toBe(12n);
  });

  it("adds one by default", async () => {
    const counter = (await join()).counter("c");
    void counter.add();
    expect(counter.value).toBe(1);
  });

  it.each([0.5, Number.NaN, 2 ** 53])("refuses %d", async (by) => {
    const counter = (await join()).counter("c");
    expect(() => counter.add(by)).toThrow(expect.objectContaining({ code: "MESH_VALUE_INVALID" }));
  });

  it("acknowledges every add although a watch reads while a full delta closes", async () => {
    const counter = (await join()).counter("c");
    const watch = counter.watch();
    const acks = Array.from({ length: 600 }, () => counter.add(1));
    await Promise.all(acks);
    expect(await firstOf(watch)).toBe(600);
  });
});

describe("a set", () => {
  it("has what was added and not what was removed, everywhere", async () => {
    const [a, b] = await pair();
    const added = firstOf(b.set("s").watch(), ({ element }) => element === "y");
    void a.set("s").add("x");
    void a.set("s").add("y");
    expect(await added).toEqual({ element: "y", present: true });
    const removed = firstOf(a.set("s").watch(), ({ present }) => !present);
    void b.set("s").delete("x");
    expect(await removed).toEqual({ element: "x", present: false });
    expect([a.set("s").values(), a.set("s").size, a.set("s").has("x")]).toEqual([["y"], 1, false]);
  });

  it("refuses an empty element", async () => {
    const set = (await join()).set("s");
    expect(() => set.add("")).toThrow(expect.objectContaining({ code: "MESH_KEY_INVALID" }));
  });
});

describe("a register", () => {
  it("holds the last value written", async () => {
    const [a, b] = await pair();
    expect(a.register("r").get()).toBeUndefined();
    const seen = firstOf(a.register<string>("r").watch(), (value) => value === "two");
    void a.register("r").set("one");
    await firstOf(b.register("r").watch());
    void b.register("r").set("two");
    expect(await seen).toBe("two");
  });
});

describe("a gauge", () => {
  it("folds the last value of every node, weighted", async () => {
    const [a, b] = await pair();
    void a.gauge("g").set(99);
    void a.gauge("g").set(1);
    void b.gauge("g").set(4, { weight: 2 });
    // What came before the mark of the same author has come too.
    const marks = [
      firstOf(a.map("mark").watch()),
      firstOf(b.map("mark").watch(), ({ key }) => key === "a"),
    ];
    void a.map("mark").set("a", 1);
    void b.map("mark").set("b", 1);
    await Promise.all(marks);
    await firstOf(a.map("mark").watch({ initial: true }), ({ key }) => key === "b");
    expect(a.gauge("g").fold()).toEqual({ count: 2, sum: 5, min: 1, max: 4, mean: 3 });
    expect(a.gauge("g").values()).toEqual(
      new Map([
        [a.status().nodeId, 1],
        [b.status().nodeId, 4],
      ]),
    );
  });

  it("is all zero when nobody has written", async () => {
    const fold = (await join()).gauge("g").fold();
    expect(fold).toEqual({ count: 0, sum: 0, min: 0, max: 0, mean: 0 });
  });

  it.each([
    [Number.NaN, 1],
    [1e10, 1],
    [1, 0],
    [1, 0.5],
  ])("refuses %d with weight %d", async (value, weight) => {
    const gauge = (await join()).gauge("g");
    expect(() => gauge.set(value, { weight })).toThrow(
      expect.objectContaining({ code: "MESH_VALUE_INVALID" }),
    );
  });
});

describe("a topic", () => {
  it("brings events to whoever listens, the own node included, and keeps none", async () => {
    const [a, b] = await pair();
    const heard = [a, b].map((mesh) => firstOf(mesh.topic("t").subscribe()));
    const before = a.status().stateRoot;
    void a.topic("t").publish({ level: "warn" });
    const event = { body: { level: "warn" }, author: a.status().nodeId };
    expect(await Promise.all(heard)).toEqual([event, event]);
    expect(a.status().stateRoot).toBe(before);
  });

  it("brings the events of one node in the order it published them", async () => {
    const [a, b] = await pair();
    const events = b.topic<number>("t").subscribe()[Symbol.asyncIterator]();
    const next = events.next();
    for (let i = 0; i < 10; i++) void a.topic("t").publish(i);
    const bodies = [(await next).value.body];
    while (bodies.length < 10) bodies.push((await events.next()).value.body);
    expect(bodies).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("names", () => {
  it.each(["map", "counter", "set", "register", "gauge", "topic"] as const)(
    "of a %s are text without $ first",
    async (kind) => {
      const mesh = await join();
      for (const name of ["", "$agents"]) {
        expect(() => mesh[kind](name)).toThrow(
          expect.objectContaining({ code: "MESH_KEY_INVALID" }),
        );
      }
    },
  );

  it("of one kind are not those of another", async () => {
    const mesh = await join();
    void mesh.counter("x").add(1);
    void mesh.map("x").set("k", 1);
    void mesh.register("x").set(1);
    expect([mesh.counter("x").value, mesh.map("x").size]).toEqual([1, 1]);
  });
});

function cycle(): unknown {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}
