/**
 * Replica, frameApply: outcomes, the change list, the frontier, and what a full replica refuses.
 * Verdicts are parameters, so signatures are made up.
 */
import { describe, expect, test } from "vitest";
import {
  OP_COUNTER,
  OP_EVENT,
  OP_MAP_SET,
  OP_SET_REMOVE,
  TYPE_EVENT,
  TYPE_MAP,
} from "../../../../assembly/layout.ts";
import {
  APPLY_APPLIED,
  APPLY_BAD_SIGNATURE,
  APPLY_DUPLICATE,
  APPLY_FORK,
  APPLY_FULL,
  APPLY_MALFORMED,
  APPLY_ORPHAN,
  APPLY_SKIPPED,
  type ReplicaLimits,
} from "../../../../src/kernels/kernels.ts";
import { encodeDots, type OperationFields } from "../../../support/delta-encoder.ts";
import {
  DeltaWriter,
  deliver,
  hashOf,
  join,
  nodeId,
  resigned,
  TEST_MESH,
  text,
  utf8,
} from "../../../support/delta-writer.ts";
import { replicaKernels } from "../../../support/replicas.ts";

function put(key: string, value: string, collection = "m"): OperationFields {
  return { kind: OP_MAP_SET, collection, key, codec: 1, value: utf8(value) };
}

describe.each(replicaKernels)("%s", (_name, kernels) => {
  function setup(limits: Partial<ReplicaLimits> = {}) {
    const replica = kernels.openReplica({ meshId: TEST_MESH, limits });
    return { replica, writer: new DeltaWriter(nodeId(1)) };
  }

  describe("frameApply", () => {
    test("advances the frontier, its vector and its root", () => {
      const { replica, writer } = setup();
      const before = replica.frontierRoot();
      const [record, delta] = [writer.record(), writer.write([put("a", "1"), put("b", "2")])];
      expect([...deliver(replica, record, delta).outcomes]).toEqual([APPLY_APPLIED, APPLY_APPLIED]);
      const head = replica.head(nodeId(1), 1n, 1n);
      expect(head).toEqual(replica.headAt(0));
      expect(head).toMatchObject({ row: 0, seq: 2, ended: false, author: nodeId(1) });
      expect(head?.hash).toEqual(hashOf(delta));
      expect(head?.hlc).toBe(writer.hlc);
      expect(replica.frontier.get(0)).toBe(2);
      expect(replica.frontierRoot()).not.toEqual(before);
      expect(replica.frontierTree.size).toBe(1);
    });

    test("lists each operation as a change with its stamp", () => {
      const { replica, writer } = setup();
      const event: OperationFields = {
        kind: OP_EVENT,
        collection: "t",
        key: "k",
        codec: 3,
        value: utf8("hi"),
      };
      const { changes } = deliver(replica, writer.record(), writer.write([put("a", "1"), event]));
      expect(changes).toHaveLength(2);
      expect(changes[0]).toMatchObject({
        type: TYPE_MAP,
        collection: "m",
        key: "a",
        element: "",
        live: true,
        changed: true,
        delta: 1,
        codec: 1,
        payload: utf8("1"),
        stamp: { author: nodeId(1), epoch: 1n, nonce: 1n, seq: 1, hlc: writer.hlc },
      });
      expect(changes[0]?.stamp.hash).toBe(writer.dot(1).hash);
      expect(changes[1]).toMatchObject({ type: TYPE_EVENT, live: true, changed: true, codec: 3 });
    });

    test("keeps events out of stateRoot", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record());
      const event: OperationFields = {
        kind: OP_EVENT,
        collection: "t",
        key: "",
        codec: 0,
        value: utf8("x"),
      };
      deliver(replica, writer.write([event]));
      expect(replica.stateRoot()).toEqual(new Uint8Array(32));
      expect(replica.stats.entries).toBe(0);
    });

    test("applies nothing under a bad signature, nor what chains to it", () => {
      const { replica, writer } = setup();
      const bytes = join([
        writer.record(),
        writer.write([put("a", "1")]),
        writer.write([put("b", "1")]),
      ]);
      const scan = replica.frameScan(bytes);
      const { outcomes, changes } = replica.frameApply(scan, bytes, Uint8Array.of(1, 0, 1));
      expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_BAD_SIGNATURE, APPLY_ORPHAN]);
      expect(changes).toEqual([]);
      expect(replica.mapSize("m")).toBe(0);
    });

    test("counts a missing verdict as bad", () => {
      const { replica, writer } = setup();
      const bytes = writer.record();
      const { outcomes } = replica.frameApply(replica.frameScan(bytes), bytes, new Uint8Array(0));
      expect([...outcomes]).toEqual([APPLY_BAD_SIGNATURE]);
    });

    test("skips held rows", () => {
      const { replica, writer } = setup();
      const record = writer.record();
      deliver(replica, record);
      expect([...deliver(replica, record).outcomes]).toEqual([APPLY_SKIPPED]);
    });

    test("reports a fork without changing state", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record());
      const twin = writer.fork();
      deliver(replica, writer.write([put("a", "honest")]));
      const root = replica.root();
      const { outcomes, changes } = deliver(replica, twin.write([put("a", "forked")]));
      expect([...outcomes]).toEqual([APPLY_FORK]);
      expect(changes).toEqual([]);
      expect(replica.root()).toEqual(root);
    });

    test("reports a second record of an incarnation as a fork", () => {
      const { replica, writer } = setup();
      const twin = writer.fork();
      deliver(replica, writer.record());
      const other = twin.record({}, new Uint8Array(32).fill(8));
      expect([...deliver(replica, other).outcomes]).toEqual([APPLY_FORK]);
    });

    test("tells the same header under another signature from a fork", () => {
      const { replica, writer } = setup();
      const [record, delta] = [writer.record(), writer.write([put("a", "1")])];
      deliver(replica, record, delta);
      const { outcomes } = deliver(replica, resigned(record), resigned(delta));
      expect([...outcomes]).toEqual([APPLY_DUPLICATE, APPLY_DUPLICATE]);
    });

    test("reports a bad signature on a conflict as such", () => {
      const { replica, writer } = setup();
      const record = writer.record();
      deliver(replica, record);
      const bytes = resigned(record);
      const { outcomes } = replica.frameApply(replica.frameScan(bytes), bytes, Uint8Array.of(0));
      expect([...outcomes]).toEqual([APPLY_BAD_SIGNATURE]);
    });

    test("accuses nobody when the row that was conflicted with failed", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record());
      const twin = writer.fork();
      const bytes = join([writer.write([put("a", "1")]), twin.write([put("a", "2")])]);
      const { outcomes } = replica.frameApply(replica.frameScan(bytes), bytes, Uint8Array.of(0, 1));
      expect([...outcomes]).toEqual([APPLY_BAD_SIGNATURE, APPLY_SKIPPED]);
    });

    test("accuses nobody by a signature under a forged record's key", () => {
      const { replica, writer } = setup();
      const forger = new DeltaWriter(nodeId(1));
      const record = forger.record({}, new Uint8Array(32).fill(66));
      const twin = forger.fork();
      const frame = join([record, forger.write([put("a", "1")]), twin.write([put("a", "2")])]);
      const scan = replica.frameScan(frame);
      deliver(replica, writer.record(), writer.write([put("a", "true")]));
      const { outcomes } = replica.frameApply(scan, frame, Uint8Array.of(0, 1, 1));
      expect([...outcomes]).toEqual([APPLY_BAD_SIGNATURE, APPLY_SKIPPED, APPLY_SKIPPED]);
    });

    test("ends the incarnation of a validly signed malformed delta, whole delta refused", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record(), writer.write([put("a", "1")]));
      const root = replica.root();
      const twin = writer.fork();
      const good = twin.write([put("b", "2")]);
      const bad = writer.raw(join([good.subarray(224), Uint8Array.of(0)]));
      const { outcomes, changes } = deliver(replica, bad, writer.write([put("c", "3")]));
      expect([...outcomes]).toEqual([APPLY_MALFORMED, APPLY_SKIPPED]);
      expect(changes).toEqual([]);
      expect(replica.root()).toEqual(root);
      expect(replica.head(nodeId(1), 1n, 1n)?.ended).toBe(true);
      expect(replica.mapGet("m", "b")).toBeUndefined();
    });

    test("takes a new incarnation of an author whose last one was ended", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record(), writer.raw(Uint8Array.of(1)));
      const next = new DeltaWriter(nodeId(1), { epoch: 2n });
      deliver(replica, next.record(), next.write([put("a", "again")]));
      expect(text(replica.mapGet("m", "a")?.value)).toBe("again");
      expect(replica.latest(nodeId(1))?.epoch).toBe(2n);
    });

    test("finds the newest incarnation by epoch, then nonce, in any order of arrival", () => {
      const { replica } = setup();
      for (const [row, [epoch, nonce]] of (
        [
          [2n, 5n],
          [3n, 1n],
          [1n, 9n],
          [3n, 7n],
          [3n, 4n],
        ] as const
      ).entries()) {
        const record = new DeltaWriter(nodeId(1), { epoch, nonce }).record();
        expect(replica.rowOf(record)).toBeUndefined();
        deliver(replica, record);
        expect(replica.rowOf(record)).toBe(row);
      }
      expect(replica.latest(nodeId(1))).toMatchObject({ epoch: 3n, nonce: 7n });
      expect(replica.head(nodeId(1), 2n, 5n)?.row).toBe(0);
      expect(replica.head(nodeId(1), 2n, 4n)).toBeUndefined();
      expect(replica.latest(nodeId(2))).toBeUndefined();
      expect(replica.head("not a node id", 1n, 1n)).toBeUndefined();
      expect(replica.headAt(99)).toBeUndefined();
    });

    test("refuses a scan's rows that something else has overtaken", () => {
      const { replica, writer } = setup();
      const bytes = join([writer.record(), writer.write([put("a", "1")])]);
      const stale = replica.frameScan(bytes);
      deliver(replica, bytes);
      const { outcomes } = replica.frameApply(stale, bytes, Uint8Array.of(1, 1));
      expect([...outcomes]).toEqual([APPLY_SKIPPED, APPLY_SKIPPED]);
    });

    test("treats names of object internals as plain text", () => {
      const { replica, writer } = setup();
      const names = ["__proto__", "constructor", "toString"];
      const operations = names.map((name) => put(name, name, "__proto__"));
      deliver(replica, writer.record(), writer.write(operations));
      expect([...replica.mapKeys("__proto__")]).toEqual(names);
      expect(replica.mapGet("m", "__proto__")).toBeUndefined();
    });

    test("keeps two keys apart that differ by a byte order mark only", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record(), writer.write([put("\ufeffk", "bom"), put("k", "plain")]));
      expect(text(replica.mapGet("m", "\ufeffk")?.value)).toBe("bom");
      expect(replica.mapSize("m")).toBe(2);
    });

    test("copies what it keeps and what it returns", () => {
      const { replica, writer } = setup();
      const bytes = Buffer.from(join([writer.record(), writer.write([put("a", "1")])]));
      const { changes } = deliver(replica, bytes);
      const root = replica.root();
      bytes.fill(0);
      changes[0]!.payload.fill(0);
      replica.mapGet("m", "a")!.value.fill(0);
      replica.headAt(0)!.hash.fill(0);
      expect(text(replica.mapGet("m", "a")?.value)).toBe("1");
      expect(replica.root()).toEqual(root);
      expect(replica.headAt(0)?.hash).toEqual(writer.head);
    });
  });

  describe("a full replica refuses a delta whole", () => {
    test("past entriesMax, and still takes what adds no entry", () => {
      const { replica, writer } = setup({ entriesMax: 2 });
      deliver(replica, writer.record(), writer.write([put("a", "1"), put("b", "1")]));
      const root = replica.root();
      const twin = writer.fork();
      const refused = deliver(replica, twin.write([put("a", "2"), put("c", "1")]));
      expect([...refused.outcomes]).toEqual([APPLY_FULL]);
      expect(refused.changes).toEqual([]);
      expect(replica.root()).toEqual(root);
      expect([...deliver(replica, writer.write([put("a", "2")])).outcomes]).toEqual([
        APPLY_APPLIED,
      ]);
    });

    test("past stateBytesMax, and still takes a value no longer than the one it replaces", () => {
      const { replica, writer } = setup({ stateBytesMax: 200 });
      deliver(replica, writer.record(), writer.write([put("a", "x".repeat(100))]));
      const used = replica.stats.stateBytes;
      expect(used).toBe(5 + 2 + 73 + 100);
      const twin = writer.fork();
      expect([...deliver(replica, twin.write([put("b", "1")])).outcomes]).toEqual([APPLY_FULL]);
      expect(replica.stats.stateBytes).toBe(used);
      const same = deliver(replica, writer.write([put("a", "y".repeat(100))]));
      expect([...same.outcomes]).toEqual([APPLY_APPLIED]);
      expect([...deliver(replica, writer.write([put("a", "z")])).outcomes]).toEqual([
        APPLY_APPLIED,
      ]);
      expect(replica.stats.stateBytes).toBe(used - 99);
    });

    test("past incarnationsMax", () => {
      const { replica, writer } = setup({ incarnationsMax: 1 });
      const other = new DeltaWriter(nodeId(2));
      const { outcomes } = deliver(
        replica,
        writer.record(),
        other.record(),
        other.write([put("a", "1")]),
      );
      expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_FULL, APPLY_ORPHAN]);
    });

    test("past deltasMax", () => {
      const { replica, writer } = setup({ deltasMax: 2 });
      const { outcomes } = deliver(
        replica,
        writer.record(),
        writer.write([put("a", "1")]),
        writer.write([put("b", "1")]),
        new DeltaWriter(nodeId(2)).record(),
      );
      expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_APPLIED, APPLY_FULL, APPLY_FULL]);
    });

    test("past pendingDotsMax, until the adds have come", () => {
      const { replica, writer } = setup({ pendingDotsMax: 1 });
      const adder = new DeltaWriter(nodeId(2));
      const adds = [adder.record()];
      const dots = [];
      for (let i = 0; i < 2; i++) {
        adds.push(adder.write([put(`k${i}`, "1")]));
        dots.push(adder.dot(i + 1));
      }
      const element = { collection: "s", key: "", element: "e" };
      const remove = writer.fork();
      const record = remove.record();
      const delta = remove.write([{ kind: OP_SET_REMOVE, ...element, dots: encodeDots(dots) }]);
      expect([...deliver(replica, record, delta).outcomes]).toEqual([APPLY_APPLIED, APPLY_FULL]);
      expect(replica.stats.pendingDots).toBe(0);
      deliver(replica, ...adds);
      expect([...deliver(replica, delta).outcomes]).toEqual([APPLY_APPLIED]);
    });

    test("past the pending dots of its author, others unhindered", () => {
      const { replica } = setup({ pendingDotsMax: 512 });
      const [liar, honest] = [new DeltaWriter(nodeId(1)), new DeltaWriter(nodeId(2))];
      const never = (seq: number) => ({ author: nodeId(9), epoch: 1n, nonce: 1n, seq, hash: 0n });
      const remove = (from: number, count: number): OperationFields => ({
        kind: OP_SET_REMOVE,
        collection: "s",
        key: "",
        element: "e",
        dots: encodeDots(Array.from({ length: count }, (_, i) => never(from + i))),
      });
      deliver(replica, liar.record(), honest.record(), liar.write([remove(1, 512)]));
      expect(replica.stats.pendingDots).toBe(512);
      expect([...deliver(replica, liar.write([remove(600, 1)])).outcomes]).toEqual([APPLY_FULL]);
      expect([...deliver(replica, honest.write([remove(600, 1)])).outcomes]).toEqual([
        APPLY_APPLIED,
      ]);
    });

    test("near a limit counts a counter that exists already as no growth", () => {
      const { replica, writer } = setup({ entriesMax: 1 });
      const add = (plus: bigint): OperationFields => ({
        kind: OP_COUNTER,
        collection: "n",
        key: "",
        plus,
        minus: 0n,
      });
      deliver(replica, writer.record(), writer.write([add(1n)]));
      const { outcomes } = deliver(replica, writer.write([add(2n), add(3n)]));
      expect([...outcomes]).toEqual([APPLY_APPLIED]);
      expect(replica.counter("n", "").plus).toBe(3n);
    });
  });
});
