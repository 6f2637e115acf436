/**
 * Replica, frameScan: one test per status and per reason of refusal. Signatures are made up here:
 * the scan only compares them.
 */
import { describe, expect, test } from "vitest";
import {
  DELTA_BODY_BYTES_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_PREFIX_BYTES,
  DELTA_RESERVED_OFFSET,
  DELTA_RESERVED2_OFFSET,
  DELTA_VERSION_OFFSET,
  KIND_RECORD,
  MESH_ID_OFFSET,
  OP_EVENT,
  RECORD_CREDENTIAL_BYTES_MAX,
  SCAN_ROWS_MAX,
} from "../../../../assembly/layout.ts";
import {
  APPLY_APPLIED,
  SCAN_CONFLICT,
  SCAN_ENDED,
  SCAN_HELD,
  SCAN_MALFORMED,
  SCAN_ORPHAN,
  SCAN_VERIFY,
} from "../../../../src/kernels/kernels.ts";

import { openReplica } from "../../../../src/kernels/reference/replica/replica.ts";
import { encodeRecordBody, type OperationFields } from "../../../support/delta-encoder.ts";
import {
  DeltaWriter,
  deliver,
  join,
  nodeId,
  patched,
  resigned,
  TEST_MESH,
} from "../../../support/delta-writer.ts";
import { createNaivePrimitives } from "../../../support/naive-primitives.ts";
import { replicaKernels } from "../../../support/replicas.ts";

const EVENT: OperationFields = {
  kind: OP_EVENT,
  collection: "c",
  key: "",
  codec: 0,
  value: new Uint8Array(3),
};

test("frameScan skips a held delta without hashing it", () => {
  const primitives = createNaivePrimitives();
  const hashed: number[] = [];
  const blake3 = (bytes: Uint8Array): Uint8Array => {
    hashed.push(bytes.length);
    return primitives.blake3(bytes);
  };
  const replica = openReplica({ ...primitives, blake3 }, { meshId: TEST_MESH });
  const writer = new DeltaWriter(nodeId(1));
  const bytes = join([writer.record(), writer.write([EVENT]), writer.write([EVENT, EVENT])]);
  deliver(replica, bytes);
  hashed.length = 0;
  const scan = replica.frameScan(bytes);
  expect([...scan.statuses]).toEqual([SCAN_HELD, SCAN_HELD, SCAN_HELD]);
  expect(hashed).toEqual([]);
});

describe.each(replicaKernels)("%s", (_name, kernels) => {
  function setup() {
    return {
      replica: kernels.openReplica({ meshId: TEST_MESH }),
      writer: new DeltaWriter(nodeId(1)),
    };
  }

  describe("frameScan", () => {
    test("asks for a record's signature under the author's key", () => {
      const { replica, writer } = setup();
      const scan = replica.frameScan(writer.record());
      expect([...scan.statuses]).toEqual([SCAN_VERIFY]);
      expect(scan.keys).toEqual(new Uint8Array(32).fill(1));
      expect(scan.complete).toBe(true);
    });

    test("chains a delta to an earlier row and takes the key from its record", () => {
      const { replica, writer } = setup();
      const bytes = join([writer.record(), writer.write([EVENT]), writer.write([EVENT])]);
      const scan = replica.frameScan(bytes);
      expect([...scan.statuses]).toEqual([SCAN_VERIFY, SCAN_VERIFY, SCAN_VERIFY]);
      expect(scan.keys.subarray(64)).toEqual(new Uint8Array(32).fill(9));
      expect(replica.incarnations).toBe(0);
    });

    test("knows a delta repeated within one frame as held", () => {
      const { replica, writer } = setup();
      const [record, delta] = [writer.record(), writer.write([EVENT])];
      const scan = replica.frameScan(join([record, record, delta, delta]));
      expect([...scan.statuses]).toEqual([SCAN_VERIFY, SCAN_HELD, SCAN_VERIFY, SCAN_HELD]);
    });

    test("reports another signature at a held place as a conflict, with the incarnation's key", () => {
      const { replica, writer } = setup();
      const [record, delta] = [writer.record(), writer.write([EVENT])];
      deliver(replica, record, delta);
      const scan = replica.frameScan(join([resigned(record), resigned(delta)]));
      expect([...scan.statuses]).toEqual([SCAN_CONFLICT, SCAN_CONFLICT]);
      expect(scan.keys).toEqual(join([new Uint8Array(32).fill(1), new Uint8Array(32).fill(9)]));
    });

    test("reports a delta that starts inside a held one as a conflict", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record());
      const twin = writer.fork();
      deliver(replica, writer.write([EVENT, EVENT, EVENT]));
      const scan = replica.frameScan(twin.write([EVENT], { firstSeq: 2 }));
      expect([...scan.statuses]).toEqual([SCAN_CONFLICT]);
    });

    test("reports a conflict with an earlier row of the same bytes", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record());
      const twin = writer.fork();
      const scan = replica.frameScan(join([writer.write([EVENT]), twin.write([EVENT, EVENT])]));
      expect([...scan.statuses]).toEqual([SCAN_VERIFY, SCAN_CONFLICT]);
    });

    test("reports a gap, an unknown incarnation and another branch as orphans", () => {
      const { replica, writer } = setup();
      const stranger = new DeltaWriter(nodeId(2));
      stranger.record();
      deliver(replica, writer.record());
      const twin = writer.fork();
      writer.write([EVENT]);
      const gap = writer.write([EVENT]);
      const branch = twin.write([EVENT], { prevHash: new Uint8Array(32).fill(5) });
      const scan = replica.frameScan(join([gap, stranger.write([EVENT]), branch]));
      expect([...scan.statuses]).toEqual([SCAN_ORPHAN, SCAN_ORPHAN, SCAN_ORPHAN]);
    });

    test("takes an orphan once its ancestor is there", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record());
      const ancestor = writer.write([EVENT]);
      const orphan = writer.write([EVENT]);
      expect([...replica.frameScan(orphan).statuses]).toEqual([SCAN_ORPHAN]);
      deliver(replica, ancestor);
      expect([...deliver(replica, orphan).outcomes]).toEqual([APPLY_APPLIED]);
    });

    test("reports what follows in an ended incarnation as ended", () => {
      const { replica, writer } = setup();
      deliver(replica, writer.record(), writer.raw(Uint8Array.of(0xff)));
      const scan = replica.frameScan(writer.write([EVENT]));
      expect([...scan.statuses]).toEqual([SCAN_ENDED]);
    });

    test("stops at truncated bytes and keeps the rows before them", () => {
      const { replica, writer } = setup();
      const bytes = join([writer.record(), writer.write([EVENT])]);
      for (const cut of [1, 20, DELTA_PREFIX_BYTES]) {
        const scan = replica.frameScan(bytes.subarray(0, bytes.length - cut));
        expect([...scan.statuses]).toEqual([SCAN_VERIFY]);
        expect(scan.complete).toBe(false);
      }
    });

    test("looks at a bounded number of deltas", () => {
      const { replica, writer } = setup();
      const record = writer.record();
      deliver(replica, record);
      const scan = replica.frameScan(join(new Array(SCAN_ROWS_MAX + 1).fill(record)));
      expect(scan.count).toBe(SCAN_ROWS_MAX);
      expect(scan.complete).toBe(false);
    });

    test("finds nothing in no bytes", () => {
      const scan = setup().replica.frameScan(new Uint8Array(0));
      expect(scan).toMatchObject({ count: 0, complete: true });
    });

    test("reads a frame at any offset of its buffer", () => {
      const { replica, writer } = setup();
      const delta = writer.record();
      const buffer = join([new Uint8Array(13), delta]);
      const scan = replica.frameScan(buffer.subarray(13));
      expect([...scan.statuses]).toEqual([SCAN_VERIFY]);
    });
  });

  describe("frameScan finds malformed", () => {
    const cases: readonly [string, number, number][] = [
      ["version", DELTA_VERSION_OFFSET, 2],
      ["kind", DELTA_KIND_OFFSET, 2],
      ["reserved", DELTA_RESERVED_OFFSET, 1],
      ["reserved", DELTA_RESERVED2_OFFSET + 3, 1],
      ["mesh", MESH_ID_OFFSET + 15, 0],
      ["count", DELTA_COUNT_OFFSET, 0],
      ["count", DELTA_COUNT_OFFSET + 1, 2],
      ["body_bytes", DELTA_BODY_BYTES_OFFSET + 3, 1],
      ["seq", DELTA_FIRST_SEQ_OFFSET, 0],
      ["seq", DELTA_FIRST_SEQ_OFFSET + 6, 0x20],
      ["seq", DELTA_FIRST_SEQ_OFFSET + 7, 0xff],
      ["body_hash", DELTA_PREFIX_BYTES, 0],
    ];
    for (const [reason, offset, value] of cases) {
      test(`${reason}: operations with byte ${offset} set to ${value}`, () => {
        const { replica, writer } = setup();
        deliver(replica, writer.record());
        const scan = replica.frameScan(patched(writer.write([EVENT]), offset, value));
        expect([...scan.statuses]).toEqual([SCAN_MALFORMED]);
        expect(scan.reasons).toEqual([reason]);
      });
    }

    test.each([95, 96 + RECORD_CREDENTIAL_BYTES_MAX + 1])(
      "body_bytes: a record of %i bytes",
      (bytes) => {
        const { replica, writer } = setup();
        const record = writer.raw(new Uint8Array(bytes), { kind: KIND_RECORD, firstSeq: 0 });
        expect(replica.frameScan(record).reasons).toEqual(["body_bytes"]);
      },
    );

    test.each([1, 300, RECORD_CREDENTIAL_BYTES_MAX])(
      "takes a record with the credential that it names, %i bytes, and no other",
      (bytes) => {
        const { replica, writer } = setup();
        const credential = Uint8Array.from({ length: bytes }, (_, i) => (i % 255) + 1);
        const record = writer.certified(credential);
        for (const offset of [0, bytes - 1]) {
          const at = DELTA_PREFIX_BYTES + 96 + offset;
          expect(replica.frameScan(patched(record, at, 0)).reasons).toEqual(["body_hash"]);
        }
        expect(deliver(replica, record).outcomes).toEqual(Uint8Array.of(APPLY_APPLIED));
        expect([...replica.frameScan(record).statuses]).toEqual([SCAN_HELD]);
        expect(deliver(replica, writer.write([EVENT])).outcomes[0]).toBe(APPLY_APPLIED);
      },
    );

    test("count and seq: a record that claims operations or a later seq", () => {
      const { replica, writer } = setup();
      expect(replica.frameScan(writer.record({ count: 2 })).reasons).toEqual(["count"]);
      expect(replica.frameScan(writer.record({ firstSeq: 1 })).reasons).toEqual(["seq"]);
    });

    test("record: a previous incarnation without its hash, or one that is not lower", () => {
      const { replica, writer } = setup();
      const record = (prevEpoch: bigint, prevNonce: bigint, prevHash: number) => {
        const zeros = new Uint8Array(32);
        const times = { notBefore: 0n, notAfter: 0n };
        const body = encodeRecordBody({
          key: zeros,
          certHash: zeros,
          prevEpoch,
          prevNonce,
          ...times,
        });
        const hash = new Uint8Array(32).fill(prevHash);
        const header = { kind: KIND_RECORD, firstSeq: 0, epoch: 3n, nonce: 3n, prevHash: hash };
        return replica.frameScan(writer.raw(body, { ...header, kind: KIND_RECORD })).reasons[0];
      };
      expect(record(0n, 0n, 0)).toBe("");
      expect(record(2n, 9n, 1)).toBe("");
      expect(record(3n, 2n, 1)).toBe("");
      expect(record(3n, 3n, 1)).toBe("record");
      expect(record(2n, 9n, 0)).toBe("record");
      expect(record(0n, 0n, 1)).toBe("record");
      expect(record(0n, 1n, 0)).toBe("record");
    });

    test("hlc: a delta that does not rise above the one before it", () => {
      const { replica, writer } = setup();
      const { hlc } = writer;
      deliver(replica, writer.record());
      const delta = writer.write([EVENT], { hlc: hlc + 1n });
      expect(replica.frameScan(delta).reasons).toEqual(["hlc"]);
    });

    test("nothing in a held delta whose body was altered on the way: it is not read", () => {
      const { replica, writer } = setup();
      const record = writer.record();
      const held = writer.write([EVENT]);
      deliver(replica, record, held);
      const scan = replica.frameScan(patched(held, DELTA_PREFIX_BYTES, 0));
      expect([...scan.statuses]).toEqual([SCAN_HELD]);
    });
  });
});
