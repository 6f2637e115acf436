/** Gaps in a chain, in both implementations. */
import { describe, expect, test } from "vitest";
import {
  DELTA_BODY_BYTES_OFFSET,
  OP_COUNTER,
  OP_MAP_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
} from "../../../../assembly/layout.ts";
import { cutRecordOf, isCutRecord, stubOf } from "../../../../src/core/wire/stub.ts";
import {
  APPLY_APPLIED,
  APPLY_FORK,
  APPLY_FULL,
  APPLY_SKIPPED,
  SCAN_CONFLICT,
  SCAN_HELD,
  SCAN_ORPHAN,
  SCAN_VERIFY,
} from "../../../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../../../src/kernels/reference/kernels.ts";
import { createWasmKernels } from "../../../../src/kernels/wasm/kernels.ts";
import { encodeDots, type OperationFields } from "../../../support/delta-encoder.ts";
import { DeltaWriter, deliver, nodeId, patched, TEST_MESH } from "../../../support/delta-writer.ts";

const kinds = [
  ["reference", createReferenceKernels()],
  ["wasm", createWasmKernels({ memoryBytes: 4 * 1024 * 1024 })],
] as const;

/** A record, then deltas of two writes to one key and one counter each. */
function overwrites(count: number) {
  const writer = new DeltaWriter(nodeId(1));
  const deltas = [writer.record()];
  for (let i = 1; i <= count; i++) {
    const total = BigInt(i);
    deltas.push(
      writer.write([
        { kind: OP_MAP_SET, collection: "m", key: "k", codec: 0, value: Uint8Array.of(i) },
        { kind: OP_COUNTER, collection: "c", key: "k", plus: total, minus: 0n },
      ]),
    );
  }
  return { writer, deltas, stubs: deltas.map(stubOf) };
}

/** The stub with no body to be missing. */
function patchedBodyBytes(stub: Uint8Array): Uint8Array {
  const other = stub.slice();
  new DataView(other.buffer).setUint32(DELTA_BODY_BYTES_OFFSET, 0, true);
  return other;
}

describe.each(kinds)("a %s replica", (_, kernels) => {
  const open = (deltasMax = 100) =>
    kernels.openReplica({ meshId: TEST_MESH, limits: { deltasMax } });

  test("with a stub for dominated deltas has the root and head of one that applied them", () => {
    const { deltas, stubs } = overwrites(5);
    const [whole, gapped] = [open(), open()];
    deliver(whole, ...deltas);
    const { outcomes, changes } = deliver(gapped, deltas[0]!, stubs[4]!, deltas[5]!);
    expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_APPLIED, APPLY_APPLIED]);
    expect(changes.map(({ delta }) => delta)).toEqual([2, 2]);
    expect(gapped.root()).toEqual(whole.root());
    expect(gapped.headAt(0)).toEqual(whole.headAt(0));
  });

  test("has the head that a stub names, its stamp too", () => {
    const { deltas, stubs } = overwrites(5);
    const [whole, gapped] = [open(), open()];
    deliver(whole, ...deltas.slice(0, 5));
    deliver(gapped, deltas[0]!, stubs[4]!);
    expect(gapped.headAt(0)).toEqual(whole.headAt(0));
    expect(gapped.stats.entries).toBe(0);
  });

  test("takes stubs that follow each other for one gap", () => {
    const { deltas, stubs } = overwrites(5);
    const replica = open(3);
    deliver(replica, deltas[0]!);
    for (const stub of [stubs[1]!, stubs[2]!, stubs[4]!]) {
      expect([...deliver(replica, stub).outcomes]).toEqual([APPLY_APPLIED]);
    }
    expect([...deliver(replica, deltas[5]!).outcomes]).toEqual([APPLY_APPLIED]);
  });

  test("refuses a stub next in the chain that names another head, and one without an ancestor", () => {
    const { deltas, stubs } = overwrites(2);
    const twin = new DeltaWriter(nodeId(1));
    twin.record();
    const value = Uint8Array.of(7);
    const write: OperationFields = { kind: OP_MAP_SET, collection: "m", key: "z", codec: 0, value };
    const branch = [twin.write([write, write]), twin.write([write])];
    const replica = open();
    expect(replica.frameScan(stubs[1]!, [0]).statuses[0]).toBe(SCAN_ORPHAN);
    deliver(replica, deltas[0]!, deltas[1]!);
    expect(replica.frameScan(stubOf(branch[1]!), [0]).statuses[0]).toBe(SCAN_ORPHAN);
    expect(replica.frameScan(stubs[2]!, [0]).statuses[0]).toBe(SCAN_VERIFY);
  });

  test("refuses a record without its body, and a stub of a delta that has none", () => {
    const { deltas, stubs } = overwrites(1);
    const replica = open();
    const bodiless = replica.frameScan(stubs[0]!, [0]);
    expect([bodiless.count, bodiless.complete]).toEqual([0, false]);
    deliver(replica, deltas[0]!);
    const empty = patchedBodyBytes(stubs[1]!);
    expect(replica.frameScan(empty, [0]).reasons[0]).toBe("body_bytes");
    // Not called a stub, it is a delta whose body is not the one it names.
    expect(replica.frameScan(empty).reasons[0]).toBe("body_hash");
  });

  test("takes a record without its credential for the record that it is", () => {
    const credential = Uint8Array.from({ length: 300 }, (_, i) => (i % 255) + 1);
    const record = new DeltaWriter(nodeId(1)).certified(credential);
    const cut = cutRecordOf(record);
    expect([isCutRecord(record), isCutRecord(cut)]).toEqual([false, true]);
    const [whole, bare] = [open(), open()];
    deliver(whole, record);
    expect([...deliver(bare, cut).outcomes]).toEqual([APPLY_APPLIED]);
    expect(bare.headAt(0)).toEqual(whole.headAt(0));
    expect(bare.root()).toEqual(whole.root());
    // The other form of a record that is held is held.
    expect(bare.frameScan(record).statuses[0]).toBe(SCAN_HELD);
    expect(whole.frameScan(cut, [0]).statuses[0]).toBe(SCAN_HELD);
  });

  test("refuses a cut record whose body is another, which has no credential, or which is not called cut", () => {
    const record = new DeltaWriter(nodeId(1)).certified(new Uint8Array(300).fill(1));
    const cut = cutRecordOf(record);
    const replica = open();
    const other = patched(cut, cut.length - 1, 77);
    expect(replica.frameScan(other, [0]).reasons[0]).toBe("body_hash");
    const plain = new DeltaWriter(nodeId(1)).record();
    expect(replica.frameScan(plain, [0]).reasons[0]).toBe("body_bytes");
    expect(replica.frameScan(cut).complete).toBe(false);
    expect(replica.frameScan(record.subarray(0, 300), [0]).complete).toBe(false);
  });

  test("whose head is a gap knows another delta that ends there for a fork", () => {
    const { deltas, stubs } = overwrites(3);
    const twin = new DeltaWriter(nodeId(1));
    const value = Uint8Array.of(7);
    const write: OperationFields = { kind: OP_MAP_SET, collection: "m", key: "z", codec: 0, value };
    twin.record();
    const branch = [twin.write([write, write]), twin.write([write, write, write, write])];
    const replica = open();
    deliver(replica, deltas[0]!, stubs[3]!);
    for (const head of [branch[1]!, stubOf(branch[1]!)]) {
      const scan = replica.frameScan(head, head.length === stubs[3]!.length ? [0] : []);
      expect(scan.statuses[0]).toBe(SCAN_CONFLICT);
      expect([...deliver(replica, head).outcomes]).toEqual([APPLY_FORK]);
    }
    // What ends before it lies in the gap, and the head itself is held, stub or not.
    for (const held of [branch[0]!, deltas[3]!]) {
      expect(replica.frameScan(held).statuses[0]).toBe(SCAN_HELD);
    }
    expect(replica.frameScan(stubs[3]!, [0]).statuses[0]).toBe(SCAN_HELD);
  });

  test("knows the stub of a delta that it holds, and of one in a gap, as held", () => {
    const { deltas, stubs } = overwrites(5);
    const replica = open();
    deliver(replica, ...deltas);
    expect(replica.forget(0, 3)).toBe(true);
    for (const stub of [stubs[1]!, stubs[2]!, stubs[5]!]) {
      expect(replica.frameScan(stub, [0]).statuses[0]).toBe(SCAN_HELD);
    }
  });

  test("takes a delta that lies in a gap for held, whatever its signature", () => {
    const { deltas, stubs } = overwrites(5);
    const [skipped, forgetful] = [open(), open()];
    deliver(skipped, deltas[0]!, stubs[4]!);
    deliver(forgetful, ...deltas);
    for (const seq of [3, 1, 7]) expect(forgetful.forget(0, seq)).toBe(true);
    for (const replica of [skipped, forgetful]) {
      for (const delta of [deltas[1]!, deltas[2]!, deltas[4]!]) {
        expect(replica.frameScan(delta).statuses[0]).toBe(SCAN_HELD);
        expect([...deliver(replica, delta).outcomes]).toEqual([APPLY_SKIPPED]);
      }
    }
  });

  test("knows a delta that reaches out of a gap into a held one as a fork", () => {
    const { deltas } = overwrites(3);
    const replica = open();
    deliver(replica, ...deltas);
    expect(replica.forget(0, 1)).toBe(true);
    const twin = new DeltaWriter(nodeId(1));
    twin.record();
    const value = new Uint8Array(1);
    const write: OperationFields = { kind: OP_MAP_SET, collection: "m", key: "z", codec: 0, value };
    const straddling = twin.write([write, write, write]);
    expect(replica.frameScan(straddling).statuses[0]).toBe(SCAN_CONFLICT);
    expect([...deliver(replica, straddling).outcomes]).toEqual([APPLY_FORK]);
  });

  test("has room for as many more deltas as marks were reclaimed", () => {
    const { writer, deltas } = overwrites(5);
    const replica = open(6);
    deliver(replica, ...deltas);
    const value = Uint8Array.of(9);
    const next = writer.write([{ kind: OP_MAP_SET, collection: "m", key: "k", codec: 0, value }]);
    expect([...deliver(replica, next).outcomes]).toEqual([APPLY_FULL]);
    const before = replica.root();
    for (const seq of [1, 3, 5, 7]) expect(replica.forget(0, seq)).toBe(true);
    expect(replica.reclaim(0)).toBe(3);
    expect(replica.root()).toEqual(before);
    expect([...deliver(replica, next).outcomes]).toEqual([APPLY_APPLIED]);
    expect(replica.frameScan(deltas[5]!).statuses[0]).toBe(SCAN_HELD);
  });

  test("refuses to forget its head, its record, a gap and what it does not hold", () => {
    const { deltas } = overwrites(3);
    const replica = open();
    deliver(replica, ...deltas);
    expect(replica.forget(0, 1)).toBe(true);
    for (const seq of [0, 1, 2, 5, 7]) expect(replica.forget(0, seq)).toBe(false);
    expect(replica.forget(1, 3)).toBe(false);
    expect(replica.reclaim(1)).toBe(0);
  });

  test("refuses a stub beyond its bound of marks", () => {
    const { deltas, stubs } = overwrites(3);
    const replica = open(2);
    deliver(replica, ...deltas.slice(0, 2));
    expect([...deliver(replica, stubs[2]!).outcomes]).toEqual([APPLY_FULL]);
    expect(replica.headAt(0)?.seq).toBe(2);
  });

  test("waits no longer for an add in a gap that a remove has named", () => {
    const adder = new DeltaWriter(nodeId(2));
    const remover = new DeltaWriter(nodeId(3));
    const element = { collection: "s", key: "k", element: "x" };
    const record = adder.record();
    const add = adder.write([{ kind: OP_SET_ADD, ...element }]);
    const dots = encodeDots([adder.dot(1)]);
    const replica = open();
    deliver(replica, record, remover.record());
    deliver(replica, remover.write([{ kind: OP_SET_REMOVE, ...element, dots }]));
    expect(replica.stats.pendingDots).toBe(1);
    deliver(replica, stubOf(add));
    expect(replica.stats.pendingDots).toBe(0);
  });
});
