/**
 * Replica: what a body may hold, byte by byte; every reason to refuse one, and the limits met
 * exactly.
 */
import { describe, expect, test } from "vitest";
import {
  COLLECTION_BYTES_MAX,
  DELTA_OPS_MAX,
  DOT_BYTES,
  ELEMENT_BYTES_MAX,
  KEY_BYTES_MAX,
  OP_CODEC_OFFSET,
  OP_COLLECTION_BYTES_OFFSET,
  OP_COUNTER,
  OP_ELEMENT_BYTES_OFFSET,
  OP_EVENT,
  OP_GAUGE,
  OP_HEAD_BYTES,
  OP_KEY_BYTES_OFFSET,
  OP_KIND_OFFSET,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_PAYLOAD_BYTES_OFFSET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  REMOVE_DOTS_MAX,
  VALUE_BYTES_MAX,
} from "../../../../assembly/layout.ts";
import { APPLY_APPLIED, APPLY_MALFORMED } from "../../../../src/kernels/kernels.ts";
import { parseOperations } from "../../../../src/kernels/reference/replica/operations.ts";
import { DeltaWriter, deliver, join, nodeId, TEST_MESH } from "../../../support/delta-writer.ts";
import { replicaKernels } from "../../../support/replicas.ts";

/** An operation as a liar may write it: nothing is checked. */
interface Loose {
  kind: number;
  codec?: number;
  collection?: Uint8Array;
  key?: Uint8Array;
  element?: Uint8Array;
  payload?: Uint8Array;
}

function loose(operation: Loose): Uint8Array {
  const none = new Uint8Array(0);
  const { collection = letters(1), key = none, element = none, payload = none } = operation;
  const head = new Uint8Array(OP_HEAD_BYTES);
  const view = new DataView(head.buffer);
  head[OP_KIND_OFFSET] = operation.kind;
  head[OP_CODEC_OFFSET] = operation.codec ?? 0;
  view.setUint16(OP_COLLECTION_BYTES_OFFSET, collection.length, true);
  view.setUint16(OP_KEY_BYTES_OFFSET, key.length, true);
  view.setUint16(OP_ELEMENT_BYTES_OFFSET, element.length, true);
  view.setUint32(OP_PAYLOAD_BYTES_OFFSET, payload.length, true);
  return join([head, collection, key, element, payload]);
}

function letters(count: number): Uint8Array {
  return new Uint8Array(count).fill(97);
}

function parse(body: Uint8Array, count = 1) {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return parseOperations(body, view, { start: 0, end: body.length, count });
}

const BAD_UTF8: readonly [string, number[]][] = [
  ["a lone continuation byte", [0x80]],
  ["an overlong slash", [0xc0, 0xaf]],
  ["a surrogate", [0xed, 0xa0, 0x80]],
  ["a code point above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["a cut sequence", [0xe2, 0x82]],
];

describe("an operation is malformed", () => {
  const event = { kind: OP_EVENT };
  const counter = letters(16);
  const cases: readonly [string, string, Uint8Array, number?][] = [
    ["kind", "of kind 0", loose({ kind: 0 })],
    ["kind", "of an unknown kind", loose({ kind: 9 })],
    ["collection", "without a collection", loose({ ...event, collection: letters(0) })],
    [
      "collection",
      "with too long a collection",
      loose({ ...event, collection: letters(COLLECTION_BYTES_MAX + 1) }),
    ],
    ["key", "with too long a key", loose({ ...event, key: letters(KEY_BYTES_MAX + 1) })],
    ["element", "with an element that is no set's", loose({ ...event, element: letters(1) })],
    ["element", "of a set without an element", loose({ kind: OP_SET_ADD })],
    [
      "element",
      "with too long an element",
      loose({ kind: OP_SET_ADD, element: letters(ELEMENT_BYTES_MAX + 1) }),
    ],
    [
      "payload",
      "with too long a value",
      loose({ kind: OP_MAP_SET, payload: letters(VALUE_BYTES_MAX + 1) }),
    ],
    ["payload", "deleting with a payload", loose({ kind: OP_MAP_DELETE, payload: letters(1) })],
    [
      "payload",
      "adding with a payload",
      loose({ kind: OP_SET_ADD, element: letters(1), payload: letters(1) }),
    ],
    ["payload", "counting with 15 bytes", loose({ kind: OP_COUNTER, payload: letters(15) })],
    ["payload", "gauging with 17 bytes", loose({ kind: OP_GAUGE, payload: letters(17) })],
    [
      "payload",
      "gauging with weight 0",
      loose({ kind: OP_GAUGE, payload: join([letters(8), new Uint8Array(8)]) }),
    ],
    [
      "payload",
      "removing a cut dot",
      loose({ kind: OP_SET_REMOVE, element: letters(1), payload: letters(DOT_BYTES - 1) }),
    ],
    [
      "payload",
      "removing too many dots",
      loose({
        kind: OP_SET_REMOVE,
        element: letters(1),
        payload: letters((REMOVE_DOTS_MAX + 1) * DOT_BYTES),
      }),
    ],
    ["codec", "with a codec and no value", loose({ kind: OP_COUNTER, codec: 1, payload: counter })],
    ["truncated", "with a head cut short", loose(event).subarray(0, OP_HEAD_BYTES - 1)],
    [
      "truncated",
      "reaching past the body",
      loose({ ...event, payload: letters(4) }).subarray(0, 14),
    ],
    ["truncated", "announced but missing", loose(event), 2],
    ["trailing", "followed by a byte", join([loose(event), letters(1)])],
    ["trailing", "followed by one not announced", join([loose(event), loose(event)])],
  ];
  for (const [reason, name, body, count] of cases) {
    test(`${reason}: ${name}`, () => {
      expect(parse(body, count)).toBe(reason);
    });
  }

  for (const [name, sequence] of BAD_UTF8) {
    test(`collection, key, element: ${name} in a name`, () => {
      const bad = Uint8Array.from(sequence);
      expect(parse(loose({ kind: OP_EVENT, collection: bad }))).toBe("collection");
      expect(parse(loose({ kind: OP_EVENT, key: bad }))).toBe("key");
      expect(parse(loose({ kind: OP_SET_ADD, element: bad }))).toBe("element");
      expect(parse(loose({ kind: OP_EVENT, key: join([letters(80), bad]) }))).toBe("key");
    });
  }

  test.each(replicaKernels)(
    "and %s refuses its whole delta and ends its incarnation",
    (_name, kernels) => {
      const utf8Cases = BAD_UTF8.map(([name, sequence]): (typeof cases)[number] => [
        name,
        name,
        loose({ kind: OP_SET_ADD, key: letters(70), element: Uint8Array.from(sequence) }),
      ]);
      for (const [reason, , body, count] of [...cases, ...utf8Cases]) {
        if (body.length > 65_536) continue;
        const replica = kernels.openReplica({ meshId: TEST_MESH });
        const writer = new DeltaWriter(nodeId(1));
        deliver(replica, writer.record());
        const good = loose({ kind: OP_REGISTER_SET });
        const { outcomes, changes } = deliver(
          replica,
          writer.raw(join([good, body]), { count: (count ?? 1) + 1 }),
        );
        expect([...outcomes], reason).toEqual([APPLY_MALFORMED]);
        expect(changes).toEqual([]);
        expect(replica.stats.entries).toBe(0);
        expect(replica.headAt(0)).toMatchObject({ ended: true, seq: 0 });
        replica.free();
      }
    },
  );
});

describe("operations at their limits are parsed", () => {
  const cases: readonly [string, Uint8Array, number?][] = [
    [
      "longest names",
      loose({
        kind: OP_SET_ADD,
        collection: letters(COLLECTION_BYTES_MAX),
        key: letters(KEY_BYTES_MAX),
        element: letters(ELEMENT_BYTES_MAX),
      }),
    ],
    ["largest value", loose({ kind: OP_MAP_SET, codec: 255, payload: letters(VALUE_BYTES_MAX) })],
    [
      "most dots",
      loose({
        kind: OP_SET_REMOVE,
        element: letters(1),
        payload: letters(REMOVE_DOTS_MAX * DOT_BYTES),
      }),
    ],
    [
      "most operations",
      join(new Array(DELTA_OPS_MAX).fill(loose({ kind: OP_EVENT }))),
      DELTA_OPS_MAX,
    ],
  ];
  for (const [name, body, count = 1] of cases) {
    test(name, () => {
      expect(parse(body, count)).toHaveLength(count);
    });
  }

  test("and taken by every implementation, with one root", () => {
    for (const [name, body, count = 1] of cases) {
      const roots = replicaKernels.map(([, kernels]) => {
        const replica = kernels.openReplica({ meshId: TEST_MESH });
        const writer = new DeltaWriter(nodeId(1));
        const { outcomes } = deliver(replica, writer.record(), writer.raw(body, { count }));
        expect([...outcomes], name).toEqual([APPLY_APPLIED, APPLY_APPLIED]);
        return replica.root();
      });
      expect(roots[1], name).toEqual(roots[0]);
    }
  });

  test("names of other scripts", () => {
    const name = "héllo, 世界 🌍\u0000";
    const key = new TextEncoder().encode(name);
    expect(parse(loose({ kind: OP_EVENT, collection: key, key }))).toMatchObject([
      { collection: name, key: name, addressBytes: 2 * key.length },
    ]);
  });
});
