// Local writes (C5; docs/ARCHITECTURE.md): batched, numbered, readable at once, never lost.
import { describe, expect, it } from "vitest";
import {
  DELTA_BODY_BYTES_MAX,
  DELTA_OPS_MAX,
  TYPE_COUNTER,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
  VALUE_BYTES_MAX,
} from "../../../../assembly/layout.ts";
import type { Write } from "../../../../src/core/commands.ts";
import { decodeDeltaHeader } from "../../../../src/core/wire/delta.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedPair, mapSet, Swarm, text } from "../../../support/pair.ts";

const kernels = createKernels();
const alone = () => {
  const swarm = new Swarm({ kernels });
  return { swarm, node: swarm.add() };
};
const add = (by: bigint): Write => ({ op: "counter.add", collection: "c", key: "", by });
/** First seq and operations of every delta applied, records left out. */
const shapes = (deltas: readonly Uint8Array[]) =>
  deltas
    .map((bytes) => decodeDeltaHeader(bytes, 0))
    .filter(({ firstSeq }) => firstSeq > 0)
    .map(({ firstSeq, count }) => [firstSeq, count]);

describe("local writes", () => {
  it("leave at once when none has left of late, with all of the same turn", () => {
    const { swarm, node } = alone();
    swarm.nowMs = 10;
    node.write(mapSet("a", "1"));
    node.write(mapSet("b", "2"));
    expect(node.core.deadline).toBe(10);
    expect(node.stored).toEqual([]);
    node.timeout();
    expect(shapes(node.stored)).toEqual([[1, 2]]);
  });

  it("wait for company while a delta has just left", () => {
    const { swarm, node } = alone();
    node.write(mapSet("a", "1"));
    node.timeout();
    swarm.nowMs = 1;
    node.write(mapSet("b", "2"));
    node.timeout();
    node.write(mapSet("c", "3"));
    expect(node.core.deadline).toBe(2);
    swarm.nowMs = 2;
    node.timeout();
    expect(shapes(node.stored)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it("are acknowledged in the ranges in which their deltas closed", () => {
    const { swarm, node } = alone();
    const ids = ["a", "b", "c"].map((key) => node.write(mapSet(key, "1")));
    swarm.advance(5);
    node.write(mapSet("d", "1"));
    swarm.advance(5);
    expect(ids).toEqual([1, 2, 3].map((id) => ({ kind: "write", id })));
    expect(node.eventsOf("acknowledged").map(({ first, last }) => [first, last])).toEqual([
      [1, 3],
      [4, 4],
    ]);
  });

  it("close their delta at 256 operations", () => {
    const { swarm, node } = alone();
    for (let i = 0; i <= DELTA_OPS_MAX; i++) node.write(mapSet(`k${i}`, "v"));
    expect(shapes(node.stored)).toEqual([[1, DELTA_OPS_MAX]]);
    swarm.advance(5);
    expect(shapes(node.stored)).toEqual([
      [1, DELTA_OPS_MAX],
      [DELTA_OPS_MAX + 1, 1],
    ]);
  });

  it("close their delta before it passes 64 KiB", () => {
    const { swarm, node } = alone();
    const value = new Uint8Array(30_000);
    for (const key of ["a", "b", "c"]) node.write(mapSet(key, value));
    swarm.advance(5);
    expect(shapes(node.stored)).toEqual([
      [1, 2],
      [3, 1],
    ]);
    for (const delta of node.stored) {
      expect(decodeDeltaHeader(delta, 0).bodyBytes).toBeLessThanOrEqual(DELTA_BODY_BYTES_MAX);
    }
  });

  it("carry a value of the largest size", () => {
    const { node } = alone();
    expect(node.write(mapSet("k", new Uint8Array(VALUE_BYTES_MAX))).kind).toBe("write");
    expect(node.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value.length).toBe(VALUE_BYTES_MAX);
  });

  it("add to a counter exactly once when a full delta closes under them", () => {
    const { node } = alone();
    for (let i = 0; i < DELTA_OPS_MAX + 44; i++) node.write(add(1n));
    expect(node.read(TYPE_COUNTER, "c", "").counter("c", "").plus).toBe(300n);
  });

  it("carry a counter's running totals from delta to delta", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    for (const by of [5n, -2n, 4n]) {
      a.write(add(by));
      swarm.advance(5);
    }
    expect(shapes(a.stored)).toHaveLength(3);
    expect(b.read(TYPE_COUNTER, "c", "").counter("c", "")).toEqual({ plus: 9n, minus: 2n });
    b.write(add(10n));
    swarm.advance(5);
    expect(a.read(TYPE_COUNTER, "c", "").counter("c", "")).toEqual({ plus: 19n, minus: 2n });
  });

  it("reach a value at the edge of u64 and are refused beyond", () => {
    const { node } = alone();
    expect(node.write(add(2n ** 64n - 1n)).kind).toBe("write");
    expect(node.write(add(1n))).toMatchObject({ kind: "refused", code: "MESH_VALUE_INVALID" });
    expect(node.read(TYPE_COUNTER, "c", "").counter("c", "").plus).toBe(2n ** 64n - 1n);
  });

  it("are never judged by a wall clock that has stepped back", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "before"));
    swarm.advance(5);
    a.wallOffsetMs = -10_000;
    a.write(mapSet("k", "after"));
    swarm.advance(5);
    a.write(mapSet("other", "later"));
    swarm.advance(20_000);
    expect(a.eventsOf("writes:failed")).toEqual([]);
    expect(a.eventsOf("acknowledged").at(-1)).toMatchObject({ last: 3 });
    expect(a.eventsOf("fork")).toEqual([]);
    expect(text("after")).toEqual(b.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value);
    expect(b.root).toBe(a.root);
  });

  it("win over what their author has read, whatever its wall clock says", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    b.wallOffsetMs = -400;
    a.write(mapSet("k", "first"));
    swarm.advance(5);
    b.write(mapSet("k", "second"));
    swarm.advance(5);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("second"));
  });
});

describe("own reads see own writes at once", () => {
  it("of a register", () => {
    const { node } = alone();
    node.write({ op: "register.set", collection: "r", key: "", codec: 7, value: text("v") });
    const value = node.read(TYPE_REGISTER, "r", "").register("r", "");
    expect(value).toMatchObject({ codec: 7, value: text("v") });
  });

  it("of a map, set and deleted", () => {
    const { node } = alone();
    node.write(mapSet("k", "v"));
    expect([...node.read(TYPE_MAP, "m").mapKeys("m")]).toEqual(["k"]);
    node.write({ op: "map.delete", collection: "m", key: "k" });
    expect(node.read(TYPE_MAP, "m").mapSize("m")).toBe(0);
  });

  it("of a counter", () => {
    const { node } = alone();
    node.write(add(3n));
    expect(node.read(TYPE_COUNTER, "c", "").counter("c", "").plus).toBe(3n);
  });

  it("of a set, an add of the open delta and its remove included", () => {
    const { node } = alone();
    const at = { collection: "s", key: "", element: "e" };
    node.write({ op: "set.add", ...at });
    expect(node.read(TYPE_SET, "s", "").setHas("s", "", "e")).toBe(true);
    node.write({ op: "set.add", ...at });
    node.write({ op: "set.remove", ...at });
    expect(node.read(TYPE_SET, "s", "").setHas("s", "", "e")).toBe(false);
  });

  it("of a gauge", () => {
    const { node } = alone();
    node.write({ op: "gauge.set", collection: "g", key: "", value: -5n, weight: 2n });
    const [component] = node.read(TYPE_GAUGE, "g", "").gauge("g", "");
    expect(component).toMatchObject({ author: node.id, value: -5n, weight: 2n });
  });

  it("and leave the open delta alone when they read elsewhere", () => {
    const { node } = alone();
    node.write(mapSet("k", "v"));
    node.read(TYPE_MAP, "m", "other");
    node.read(TYPE_COUNTER, "m", "");
    expect(node.stored).toEqual([]);
  });
});

describe("a local write is refused", () => {
  const value = new Uint8Array(0);
  const gauge = { op: "gauge.set", collection: "g", key: "" } as const;
  const cases: [string, Write, string][] = [
    [
      "with an empty collection",
      { op: "map.delete", collection: "", key: "k" },
      "MESH_KEY_INVALID",
    ],
    [
      "with a collection of 129 bytes",
      { op: "map.delete", collection: "c".repeat(129), key: "k" },
      "MESH_KEY_INVALID",
    ],
    ["with an empty map key", mapSet("", "v"), "MESH_KEY_INVALID"],
    ["with a key of 1,025 bytes", mapSet("k".repeat(1_025), "v"), "MESH_KEY_INVALID"],
    [
      "with a key of 342 three-byte characters",
      mapSet("\u20ac".repeat(342), "v"),
      "MESH_KEY_INVALID",
    ],
    ["with half a surrogate pair in the key", mapSet("\ud800", "v"), "MESH_KEY_INVALID"],
    [
      "with an empty element",
      { op: "set.add", collection: "s", key: "", element: "" },
      "MESH_KEY_INVALID",
    ],
    [
      "with an element of 1,025 bytes",
      { op: "set.add", collection: "s", key: "", element: "e".repeat(1_025) },
      "MESH_KEY_INVALID",
    ],
    [
      "with a value of 60 KiB and a byte",
      mapSet("k", new Uint8Array(VALUE_BYTES_MAX + 1)),
      "MESH_VALUE_TOO_LARGE",
    ],
    [
      "with an event of 60 KiB and a byte",
      {
        op: "event.publish",
        collection: "t",
        codec: 0,
        value: new Uint8Array(VALUE_BYTES_MAX + 1),
      },
      "MESH_VALUE_TOO_LARGE",
    ],
    ["with a gauge beyond i64", { ...gauge, value: 2n ** 63n, weight: 1n }, "MESH_VALUE_INVALID"],
    [
      "with a gauge below i64",
      { ...gauge, value: -(2n ** 63n) - 1n, weight: 1n },
      "MESH_VALUE_INVALID",
    ],
    ["with a weight of zero", { ...gauge, value: 1n, weight: 0n }, "MESH_VALUE_INVALID"],
    [
      "with a negative total beyond u64",
      { op: "counter.add", collection: "c", key: "", by: -(2n ** 64n) },
      "MESH_VALUE_INVALID",
    ],
  ];

  it.each(cases)("%s", (_name, write, code) => {
    const { node } = alone();
    expect(node.write(write)).toMatchObject({ kind: "refused", code });
    expect(node.core.deadline).toBeGreaterThan(2);
  });

  it("and the bounds themselves are not", () => {
    const { node } = alone();
    const writes: Write[] = [
      { op: "map.set", collection: "c".repeat(128), key: "k".repeat(1_024), codec: 0, value },
      mapSet("\u20ac".repeat(341), "v"),
      { ...gauge, value: -(2n ** 63n), weight: 2n ** 63n - 1n },
      { op: "set.add", collection: "s", key: "", element: "e".repeat(1_024) },
    ];
    expect(writes.map((write) => node.write(write).kind)).toEqual(writes.map(() => "write"));
  });

  it("for good reason when the replica is full, and its counters go on from where they were", () => {
    const full = createKernels();
    const bounded = {
      ...full,
      openReplica: (options: Parameters<typeof full.openReplica>[0]) =>
        full.openReplica({ ...options, limits: { entriesMax: 2 } }),
    };
    const swarm = new Swarm({ kernels: bounded });
    const node = swarm.add();
    node.write(add(1n));
    swarm.advance(5);
    node.write(mapSet("a", "1"));
    node.write(mapSet("b", "1"));
    node.write(add(1n));
    swarm.advance(5);
    expect(node.eventsOf("writes:failed")).toMatchObject([{ first: 2, last: 4 }]);
    node.write(add(1n));
    expect(node.read(TYPE_COUNTER, "c", "").counter("c", "").plus).toBe(2n);
  });
});
