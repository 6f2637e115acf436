/**
 * Replica in Wasm: what it takes, what it gives back, and what happens when its memory is full.
 */
import { describe, expect, test } from "vitest";
import {
  COLLECTION_BYTES_MAX,
  OP_COUNTER,
  OP_GAUGE,
  OP_MAP_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
} from "../../../../assembly/layout.ts";
import { isMeshError } from "../../../../src/errors.ts";
import { APPLY_APPLIED, APPLY_FULL, type Replica } from "../../../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../../../src/kernels/reference/kernels.ts";
import { overMemory } from "../../../../src/kernels/wasm/kernels.ts";
import { CoreMemory, MEMORY_BYTES_MIN } from "../../../../src/kernels/wasm/memory.ts";
import { encodeDots, type OperationFields } from "../../../support/delta-encoder.ts";
import { DeltaWriter, deliver, join, nodeId, TEST_MESH } from "../../../support/delta-writer.ts";

function setup(memoryBytes = MEMORY_BYTES_MIN) {
  const memory = new CoreMemory({ memoryBytes });
  const kernels = overMemory(memory);
  const open = (): Replica => kernels.openReplica({ meshId: TEST_MESH });
  const writer = new DeltaWriter(nodeId(1), { hash: kernels.blake3 });
  const live = (): number => memory.functions.arenaLiveBytes();
  return { memory, open, writer, live, hash: kernels.blake3 };
}

function put(key: string, bytes: number): OperationFields {
  return { kind: OP_MAP_SET, collection: "m", key, codec: 0, value: new Uint8Array(bytes).fill(7) };
}

describe("a replica in linear memory", () => {
  test("takes less than a KiB while it is idle: 10,000 share one memory", () => {
    const { open, live, memory } = setup(64 * 1024 * 1024);
    const replicas = Array.from({ length: 10_000 }, open);
    expect(live() / replicas.length).toBeLessThan(1024);
    const writer = new DeltaWriter(nodeId(1));
    const bytes = join([writer.record(), writer.write([put("k", 3)])]);
    for (const replica of replicas) deliver(replica, bytes);
    const roots = replicas.map((replica) => replica.root().join());
    expect(new Set(roots).size).toBe(1);
    expect(live() / replicas.length).toBeLessThan(2048);
    // What the record says is there once.
    expect(memory.functions.identitiesHeld()).toBe(1);
    for (const replica of replicas) replica.free();
    expect(live()).toBe(0);
    expect(memory.functions.identitiesHeld()).toBe(0);
  });

  test("takes at most 1 KiB an agent: 1,000 agents on 10 nodes, 4 gauges each, root included", () => {
    const { open, live, hash } = setup(16 * 1024 * 1024);
    const replica = open();
    for (let node = 0; node < 10; node++) {
      const writer = new DeltaWriter(nodeId(node), { hash });
      deliver(replica, writer.record());
      for (let agent = 0; agent < 100; agent += 50) {
        deliver(replica, writer.write(gauges(node, agent, 50)));
      }
    }
    expect(replica.root()).not.toEqual(new Uint8Array(32));
    expect(replica.stats.entries).toBe(4000);
    expect(live() / 1000).toBeLessThanOrEqual(1024);
  });

  test("gives everything back: entries, values, dots, pending dots, marks, trees", () => {
    const { open, writer, live, hash } = setup();
    const replica = open();
    const adder = new DeltaWriter(nodeId(2), { hash });
    const element = { collection: "s", key: "", element: "e" };
    const [record, add] = [adder.record(), adder.write([{ kind: OP_SET_ADD, ...element }])];
    const dots = encodeDots([adder.dot(1)]);
    const operations: OperationFields[] = [
      put("a", 500),
      { kind: OP_COUNTER, collection: "n", key: "", plus: 1n, minus: 0n },
      { kind: OP_SET_REMOVE, ...element, dots },
      { kind: OP_SET_ADD, ...element },
    ];
    deliver(replica, writer.record(), writer.write(operations));
    expect(replica.stats.pendingDots).toBe(1);
    replica.root();
    deliver(replica, record, add, writer.write([put("a", 0), put("b", 1)]));
    replica.free();
    expect(live()).toBe(0);
  });

  test("is not to be used after it was freed, and may be freed again", () => {
    const { open } = setup();
    const replica = open();
    replica.free();
    replica.free();
    expect(() => replica.root()).toThrow(/after free/);
    expect(() => replica.frameScan(new Uint8Array(0))).toThrow(/after free/);
  });

  test("applies a scan that others have followed, once", () => {
    const { open, writer } = setup();
    const [one, two] = [open(), open()];
    const bytes = join([writer.record(), writer.write([put("a", 9)])]);
    const scan = one.frameScan(bytes);
    deliver(two, bytes);
    const { outcomes, changes } = one.frameApply(scan, bytes, Uint8Array.of(1, 1));
    expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_APPLIED]);
    expect(changes.map(({ key, payload }) => [key, payload.length])).toEqual([["a", 9]]);
    expect(one.root()).toEqual(two.root());
    two.frameScan(bytes);
    expect(() => one.frameApply(scan, bytes, Uint8Array.of(1, 1))).toThrow(/once/);
    expect(() => one.frameApply(two.frameScan(bytes), bytes, Uint8Array.of())).toThrow(/another/);
  });

  test("reads nothing by names that no entry can have", () => {
    const { open, writer } = setup();
    const replica = open();
    deliver(replica, writer.record(), writer.write([put("\ufffd", 1)]));
    expect(replica.mapGet("m", "\ufffd")).toBeDefined();
    expect(replica.mapGet("m", "\ud800")).toBeUndefined(); // a lone surrogate is not that key
    const long = "x".repeat(COLLECTION_BYTES_MAX + 1);
    expect(replica.mapGet(long, "")).toBeUndefined();
    expect(replica.mapSize(long)).toBe(0);
    expect([...replica.mapKeys(`${"x".repeat(COLLECTION_BYTES_MAX - 1)}ж`)]).toEqual([]);
  });

  test("scans a frame of more than 1 MiB, and returns its room", () => {
    const { open, live, hash } = setup(16 * 1024 * 1024);
    const replica = open();
    const writer = new DeltaWriter(nodeId(1), { hash });
    const deltas = [writer.record()];
    for (let i = 0; i < 40; i++) deltas.push(writer.write([put(`${i}`, 60_000)]));
    const { outcomes, changes } = deliver(replica, ...deltas);
    expect(outcomes.every((outcome) => outcome === APPLY_APPLIED)).toBe(true);
    expect(changes.at(-1)?.payload).toEqual(new Uint8Array(60_000).fill(7));
    replica.free();
    open().frameScan(new Uint8Array(0));
    expect(live()).toBeLessThan(1024);
  });
});

describe("a full memory", () => {
  test("refuses deltas as full, keeps the state, and takes what does not grow", () => {
    const { open, writer } = setup();
    const replica = open();
    const roomy = createReferenceKernels().openReplica({ meshId: TEST_MESH });
    const record = writer.record();
    deliver(replica, record);
    deliver(roomy, record);
    let keys = 0;
    let refused = 0;
    // Refused deltas are forked away: the next one takes their place in the chain.
    for (let head = writer; refused < 3; keys++) {
      const next = head.fork();
      const value = 300 - 100 * refused;
      const delta = next.write(Array.from({ length: 8 }, (_, i) => put(`key ${keys}.${i}`, value)));
      const root = replica.root();
      const [outcome] = deliver(replica, delta).outcomes;
      if (outcome === APPLY_FULL) {
        expect(replica.root()).toEqual(root);
        refused += 1;
        continue;
      }
      expect(outcome).toBe(APPLY_APPLIED);
      deliver(roomy, delta);
      head = next;
      writer.seq = next.seq;
      writer.hlc = next.hlc;
      writer.head = next.head;
    }
    expect(keys).toBeGreaterThan(9);
    expect(replica.root()).toEqual(roomy.root());
    expect(replica.stats).toEqual(roomy.stats);
    // A value of the same size takes the block of the one before it, as long as marks have room.
    const same = writer.write([put("key 0.0", 300)]);
    expect([...deliver(replica, same).outcomes]).toEqual([APPLY_APPLIED]);
    deliver(roomy, same);
    expect(replica.root()).toEqual(roomy.root());
    roomy.free();
  });

  test("has the same end however large the deltas are: each whole or not at all", () => {
    for (const count of [1, 7, 60, 200]) {
      const { open, writer, live } = setup();
      const replica = open();
      deliver(replica, writer.record());
      let applied = 0;
      for (let from = 0; ; from += count) {
        const operations = Array.from({ length: count }, (_, i) =>
          put(`${from + i}`, (i % 5) * 20),
        );
        const [outcome] = deliver(replica, writer.write(operations)).outcomes;
        if (outcome !== APPLY_APPLIED) break;
        applied += count;
      }
      expect(replica.mapSize("m")).toBe(applied);
      expect(replica.root()).not.toEqual(new Uint8Array(32)); // its leaves had room kept for them
      replica.free();
      expect(live()).toBe(0);
    }
  });

  test("refuses another replica or incarnation with MESH_STATE_FULL or as full", () => {
    const { open, hash, live } = setup();
    const replicas: Replica[] = [];
    const isFull = (error: unknown): boolean => isMeshError(error, "MESH_STATE_FULL");
    expect(() => {
      while (true) replicas.push(open());
    }).toThrow(expect.toSatisfy(isFull));
    const held = live();
    replicas.pop()?.free();
    const [replica] = replicas;
    for (let id = 0; ; id++) {
      const [outcome] = deliver(replica!, new DeltaWriter(nodeId(id), { hash }).record()).outcomes;
      if (outcome === APPLY_FULL) break;
      expect(outcome).toBe(APPLY_APPLIED);
    }
    expect(live()).toBeLessThanOrEqual(held);
    for (const other of replicas) other.free();
    expect(live()).toBe(0);
  });
});

describe("a replica writes its own blocks and regions only", () => {
  test("blocks of others and bytes past the frame stay as they are", () => {
    const { memory, open, writer } = setup();
    const canaries: number[] = [];
    const plant = (): void => {
      const block = memory.functions.allocate(64);
      memory.u8.fill(0xaa, block, block + 64);
      canaries.push(block);
    };
    const replica = open();
    plant();
    const deltas = [writer.record()];
    for (let i = 0; i < 30; i++) {
      const many = Array.from({ length: 1 + (i % 3) }, (_, j) => put(`${i}.${j}`, 16 * (i % 5)));
      deltas.push(writer.write(many));
    }
    for (const delta of deltas) {
      const frame = memory.functions.frameReserve(delta.length);
      memory.u8.fill(0xbb, frame + delta.length, frame + delta.length + 256);
      deliver(replica, delta);
      plant();
      replica.root();
      const past = memory.u8.subarray(frame + delta.length, frame + delta.length + 256);
      expect(past.every((byte) => byte === 0xbb)).toBe(true);
    }
    replica.free();
    for (const block of canaries) {
      expect(memory.u8.subarray(block, block + 64).every((byte) => byte === 0xaa)).toBe(true);
    }
  });
});

function gauges(node: number, first: number, count: number): OperationFields[] {
  return Array.from({ length: 4 * count }, (_, i) => ({
    kind: OP_GAUGE,
    collection: `load${i % 4}`,
    key: `agent-${node}-${first + (i >> 2)}`,
    value: BigInt(i),
    weight: 1n,
  }));
}
