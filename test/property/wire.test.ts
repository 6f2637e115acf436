import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDeltaHeader, encodeDeltaHeader } from "../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../src/core/wire/delta-frame.ts";
import { FRAME_DEPART, FRAME_PROBE, FRAME_SUSPECT } from "../../src/core/wire/failure-frames.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_HELLO,
  FRAME_MEMBERS,
  FRAME_MESSAGE,
  FRAME_MESSAGE_RESULT,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_TREE,
  FRAME_WANT,
  type Frame,
} from "../../src/core/wire/frame.ts";
import { decodeMember, encodeMember } from "../../src/core/wire/member.ts";
import { decodeMessage, encodeMessage } from "../../src/core/wire/message.ts";
import { FRAME_ROLL_CALL } from "../../src/core/wire/roll-call.ts";
import { FRAMES, joined, MESH_ID, WALL_MS } from "../support/wire-samples.ts";

const RUNS = { seed: 20261121, numRuns: 300 };
const SIGNATURE = new Uint8Array(64);

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const upTo = (maxLength: number) => fc.uint8Array({ maxLength });
const hash = exactly(32);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const safe = fc.maxSafeNat();
const nodeId = hash.map((bytes) => Buffer.from(bytes).toString("hex"));
const name = { author: nodeId, epoch: u64, nonce: u64 };
const text = (bytesMax: number) =>
  fc.string({ unit: "binary", maxLength: Math.floor(bytesMax / 4) });

const range = fc.oneof(
  fc.record({
    kind: fc.constant("inner" as const),
    nibbles: fc.nat(63),
    prefix: hash,
    hashes: exactly(512),
  }),
  fc.record({
    kind: fc.constant("leaf" as const),
    nibbles: fc.nat(63),
    prefix: hash,
    entries: fc.array(fc.record({ ...name, seq: safe, hash }), { maxLength: 12 }),
  }),
);

const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant(FRAME_HELLO),
    meshId: exactly(16),
    gossip: fc.boolean(),
    heard: fc.boolean(),
    member: upTo(2560),
  }),
  fc.record({ type: fc.constant(FRAME_TREE), eager: fc.boolean() }),
  fc.record({
    type: fc.constant(FRAME_PROBE),
    stamp: u32,
    echo: u32,
    root: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant(FRAME_SUSPECT),
    words: fc.array(
      fc.record({
        member: nodeId,
        epoch: u64,
        counter: u32,
        state: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
        by: nodeId,
      }),
      { maxLength: 8 },
    ),
  }),
  fc.record({
    type: fc.constant(FRAME_DEPART),
    statements: fc.array(exactly(160), { maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant(FRAME_ROLL_CALL),
    call: u32,
    stamp: u32.filter((stamp) => stamp !== 0),
    echo: u32,
    asks: fc.boolean(),
    roster: exactly(8),
    answered: fc.oneof(
      upTo(250).map((bits) => ({ kind: "bitmap" as const, members: bits.length * 8, bits })),
      fc.record({
        kind: fc.constant("list" as const),
        prefixes: fc.array(u32, { maxLength: 50 }),
      }),
    ),
  }),
  fc.record({
    type: fc.constant(FRAME_PUSH),
    reached: fc.nat({ max: 65_535 }),
    root: hash,
    deltas: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  }),
  fc.record({
    type: fc.constant(FRAME_PULL),
    stamp: u32,
    root: hash,
    frontierRoot: hash,
    membersDigest: hash,
  }),
  fc.record({
    type: fc.constant(FRAME_SYNC),
    echo: u32,
    root: hash,
    membersDigest: hash,
    ranges: fc.array(range, { maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant(FRAME_WANT),
    wants: fc.array(
      fc.record({ ...name, after: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER - 1 }) }),
      { maxLength: 30 },
    ),
  }),
  fc.record({
    type: fc.constant(FRAME_DELTA),
    more: fc.boolean(),
    root: hash,
    deltas: upTo(600),
  }),
  fc.record({ type: fc.constant(FRAME_MEMBERS), members: fc.array(upTo(300), { maxLength: 8 }) }),
  fc.record({
    type: fc.constant(FRAME_MESSAGE),
    message: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  }),
  fc.record({
    type: fc.constant(FRAME_MESSAGE_RESULT),
    id: u64,
    result: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
  }),
);

const member = fc.record(
  {
    id: nodeId,
    epoch: u64,
    counter: u32,
    left: fc.boolean(),
    region: text(64),
    zone: text(64),
    addresses: fc.array(text(256), { maxLength: 8 }),
    credential: fc.uint8Array({ maxLength: 2_560 }),
  },
  { requiredKeys: ["id", "epoch", "counter", "left", "region", "zone", "addresses"] },
);

const message = fc.record({
  id: u64,
  fromNode: nodeId,
  toNode: nodeId,
  fromAgent: text(128),
  toAgent: text(128),
  wallMs: safe,
  codec: fc.nat(255),
  body: upTo(400),
});

const header = fc.record({
  kind: fc.nat(255),
  count: u32,
  bodyBytes: u32,
  meshId: exactly(16),
  author: nodeId,
  epoch: u64,
  nonce: u64,
  firstSeq: safe,
  hlc: u64,
  prevHash: hash,
  bodyHash: hash,
});

describe("wire format (C3)", () => {
  it("decodes every frame it encodes, to the same frame and the same bytes", () => {
    fc.assert(
      fc.property(frame, safe, (sent, wallMs) => {
        const bytes = encodeFrame(sent, wallMs);
        expect(decodeFrame(bytes)).toEqual({ kind: "frame", frame: sent, wallMs });
        const decoded = decodeFrame(bytes);
        if (decoded.kind === "frame") expect(encodeFrame(decoded.frame, wallMs)).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it("gives a verdict on any bytes, and what it takes it writes again byte for byte", () => {
    const noise = fc.oneof(
      upTo(400),
      fc.tuple(fc.nat(12), upTo(400)).map(([type, bytes]) => {
        const head = [1, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        return joined(Uint8Array.from(head), bytes);
      }),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        const decoded = decodeFrame(bytes);
        if (decoded.kind === "frame") {
          expect(encodeFrame(decoded.frame, decoded.wallMs)).toEqual(bytes);
        }
      }),
      { ...RUNS, numRuns: 1000 },
    );
  });

  it("gives a verdict on a valid frame with any bytes changed", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const samples = Object.values(FRAMES).map((sample) => encodeFrame(sample, WALL_MS));
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (sample, changes) => {
          const bytes = sample.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const decoded = decodeFrame(bytes);
          if (decoded.kind === "refused") {
            expect(["malformed", "version", "trailing"]).toContain(decoded.reason);
          } else {
            expect(encodeFrame(decoded.frame, decoded.wallMs)).toEqual(bytes);
          }
        },
      ),
      { ...RUNS, numRuns: 1000 },
    );
  });

  it("decodes every member record it encodes", () => {
    fc.assert(
      fc.property(member, (record) => {
        const bytes = joined(encodeMember(record, MESH_ID), SIGNATURE);
        expect(decodeMember(bytes, MESH_ID)).toEqual({ record, bytes });
      }),
      RUNS,
    );
  });

  it("decodes every direct message it encodes", () => {
    fc.assert(
      fc.property(message, (sent) => {
        const bytes = joined(encodeMessage(sent, MESH_ID), SIGNATURE);
        expect(decodeMessage(bytes, MESH_ID)).toEqual(sent);
      }),
      RUNS,
    );
  });

  it("gives a verdict on signed objects with any bytes changed", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const signed = fc.oneof(
      member.map((record) => joined(encodeMember(record, MESH_ID), SIGNATURE)),
      message.map((sent) => joined(encodeMessage(sent, MESH_ID), SIGNATURE)),
    );
    fc.assert(
      fc.property(signed, fc.array(change, { maxLength: 3 }), (bytes, changes) => {
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const taken = decodeMember(bytes, MESH_ID);
        if (taken !== undefined) {
          const again = encodeMember(taken.record, MESH_ID);
          expect(again).toEqual(bytes.slice(0, -SIGNATURE.length));
        }
        const heard = decodeMessage(bytes, MESH_ID);
        if (heard !== undefined) {
          expect(encodeMessage(heard, MESH_ID)).toEqual(bytes.slice(0, -SIGNATURE.length));
        }
      }),
      RUNS,
    );
  });

  it("decodes every delta header it encodes", () => {
    fc.assert(
      fc.property(header, u16, (sent, before) => {
        const at = before % 64;
        const bytes = joined(new Uint8Array(at), encodeDeltaHeader(sent));
        expect(decodeDeltaHeader(bytes, at)).toEqual(sent);
      }),
      RUNS,
    );
  });
});
