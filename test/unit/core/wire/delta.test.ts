import { describe, expect, it } from "vitest";
import { RECORD_BODY_BYTES } from "../../../../assembly/layout.ts";
import { nodeIdToBytes } from "../../../../src/core/node-id.ts";
import {
  decodeDeltaHeader,
  encodeDelta,
  encodeDeltaHeader,
  encodeOperation,
  encodeRecordBody,
  type Operation,
} from "../../../../src/core/wire/delta.ts";
import { APPLY_APPLIED, SCAN_VERIFY } from "../../../../src/kernels/kernels.ts";
import { createReferencePrimitives } from "../../../../src/kernels/reference/primitives.ts";
import { openReplica } from "../../../../src/kernels/reference/replica/replica.ts";
import {
  DELTAS,
  deltaBytes,
  joined,
  MESH_ID,
  NODE,
  OPERATIONS,
  RECORD,
  run,
} from "../../../support/wire-samples.ts";

const text = (value: string): number[] => [...new TextEncoder().encode(value)];

/** kind, codec, bytes of collection, key, element (u16), payload (u32); then the four of them. */
const LAID_OUT: Readonly<Record<Operation["kind"], number[]>> = {
  "register.set": [1, 1, 6, 0, 0, 0, 0, 0, 4, 0, 0, 0, ...text("leader"), ...text('"n1"')],
  "map.set": [2, 0, 5, 0, 2, 0, 0, 0, 3, 0, 0, 0, ...text("taskst1"), 1, 2, 3],
  "map.delete": [3, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0, ...text("tasks"), 0xc3, 0xa9],
  "counter.add": [
    ...[4, 0, 4, 0, 0, 0, 0, 0, 16, 0, 0, 0, ...text("done")],
    ...[2, 1, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
  ],
  "set.add": [5, 0, 4, 0, 1, 0, 1, 0, 0, 0, 0, 0, ...text("seenkx")],
  "set.remove": [6, 0, 4, 0, 1, 0, 1, 0, 64, 0, 0, 0, ...text("seenkx"), ...run(0, 64)],
  "gauge.set": [
    ...[7, 0, 4, 0, 3, 0, 0, 0, 16, 0, 0, 0, ...text("loadcpu")],
    // -1,500,000 in two's complement, then the weight.
    ...[0xa0, 0x1c, 0xe9, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0, 0, 0],
  ],
  "event.publish": [8, 2, 6, 0, 0, 0, 0, 0, 2, 0, 0, 0, ...text("alerts"), 9, 10],
};

describe("operation (C3, C5)", () => {
  it.each(Object.values(OPERATIONS))("is laid out as documented: $kind", (operation) => {
    expect([...encodeOperation(operation)]).toEqual(LAID_OUT[operation.kind]);
  });

  it("covers every kind there is", () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(Object.keys(LAID_OUT).sort());
  });
});

describe("delta (C3, C5)", () => {
  it.each(Object.entries(DELTAS))("decodes the header it encoded: %s", (_, { header }) => {
    expect(decodeDeltaHeader(encodeDeltaHeader(header), 0)).toEqual(header);
  });

  it("lays each header field at its documented offset", () => {
    const bytes = encodeDeltaHeader({
      kind: 1,
      count: 0x0403_0201,
      bodyBytes: 0x0807_0605,
      meshId: MESH_ID,
      author: NODE,
      epoch: 0x1716_1514_1312_1110n,
      nonce: 0x2726_2524_2322_2120n,
      firstSeq: 0x0f_3635_3433_3231,
      hlc: 0x4746_4544_4342_4140n,
      prevHash: run(100, 32),
      bodyHash: run(200, 32),
    });
    expect([...bytes]).toEqual([
      ...[1, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0],
      ...MESH_ID,
      ...nodeIdToBytes(NODE),
      ...run(0x10, 8),
      ...run(0x20, 8),
      ...[0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x0f, 0],
      ...run(0x40, 8),
      ...run(100, 32),
      ...run(200, 32),
    ]);
  });

  it("puts header, signature and body end to end", () => {
    const bytes = encodeDelta(run(0, 160), new Uint8Array(64).fill(7), run(9, 3));
    expect([...bytes]).toEqual([...run(0, 160), ...new Uint8Array(64).fill(7), 9, 10, 11]);
  });

  it("reads a header in the middle of a view into a larger buffer", () => {
    const buffer = joined(run(0, 5), deltaBytes(RECORD), deltaBytes(RECORD));
    const deltas = buffer.subarray(5);
    const second = deltaBytes(RECORD).length;
    expect(decodeDeltaHeader(deltas, second)).toEqual(RECORD.header);
  });

  it("lays each field of an incarnation record at its documented offset", () => {
    const body = encodeRecordBody({
      key: run(0, 32),
      certHash: run(32, 32),
      notBeforeMs: 0x4746_4544_4342_4140n,
      notAfterMs: 0x4f4e_4d4c_4b4a_4948n,
      previousEpoch: 0x5756_5554_5352_5150n,
      previousNonce: 0x5f5e_5d5c_5b5a_5958n,
    });
    expect([...body]).toEqual([...run(0, RECORD_BODY_BYTES)]);
  });

  it("is what the replica's own decoder takes: all eight kinds behind the record", () => {
    const replica = openReplica(createReferencePrimitives(), { meshId: MESH_ID });
    const bytes = joined(...Object.values(DELTAS).map(deltaBytes));
    const scan = replica.frameScan(bytes);
    expect([...scan.statuses]).toEqual([SCAN_VERIFY, SCAN_VERIFY]);
    const { outcomes } = replica.frameApply(scan, bytes, Uint8Array.of(1, 1));
    expect([...outcomes]).toEqual([APPLY_APPLIED, APPLY_APPLIED]);
    expect(replica.counter("done", "")).toEqual({ plus: 258n, minus: 2n ** 64n - 1n });
    expect(replica.gauge("load", "cpu")).toMatchObject([{ value: -1_500_000n, weight: 2n }]);
    replica.free();
  });
});
