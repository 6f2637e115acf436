/** One value of everything that travels, with fixed keys: the source of the golden vectors. */
import { KIND_OPERATIONS, KIND_RECORD } from "../../assembly/layout.ts";
import { hexFromBytes } from "../../src/core/node-id.ts";
import type { SigningKey } from "../../src/core/trust/crypto.ts";
import {
  type DeltaHeader,
  encodeDelta,
  encodeDeltaHeader,
  encodeOperation,
  encodeRecordBody,
  type Operation,
} from "../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../src/core/wire/delta-frame.ts";
import { type Departure, encodeDeparture } from "../../src/core/wire/departure.ts";
import { FRAME_DEPART, FRAME_PROBE, FRAME_SUSPECT } from "../../src/core/wire/failure-frames.ts";
import {
  BUCKET_BYTES,
  FRAME_BUCKETS,
  FRAME_HELLO,
  FRAME_IHAVE,
  FRAME_MEMBERS,
  FRAME_MESSAGE,
  FRAME_MESSAGE_RESULT,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_TREE,
  FRAME_WANT,
  type Frame,
  MEMBER_BUCKETS,
} from "../../src/core/wire/frame.ts";
import { FRAME_FILL, FRAME_GAPS } from "../../src/core/wire/gap-frames.ts";
import { encodeMember, type MemberRecord } from "../../src/core/wire/member.ts";
import { type DirectMessage, encodeMessage } from "../../src/core/wire/message.ts";
import { FRAME_PROOF, PROOF_ASK, PROOF_TELL } from "../../src/core/wire/proof-frame.ts";
import { FRAME_ROLL_CALL } from "../../src/core/wire/roll-call.ts";
import { FRAME_STORED } from "../../src/core/wire/stored.ts";
import { cutRecordOf, stubOf } from "../../src/core/wire/stub.ts";
import {
  WORD_ALIVE,
  WORD_ASKED,
  WORD_SUSPECT,
  WORD_UNREACHABLE,
} from "../../src/core/wire/suspect.ts";
import { blake3 } from "../../src/kernels/reference/blake3.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";

export const crypto = createCrypto();
export const MESH_ID = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
export const WALL_MS = 1_700_000_000_123;
export const IDENTITY = crypto.createSigningKey(new Uint8Array(32).fill(1));
export const INCARNATION_KEY = crypto.createSigningKey(new Uint8Array(32).fill(2));
export const NODE = hexFromBytes(IDENTITY.publicKey);
export const OTHER_NODE = hexFromBytes(INCARNATION_KEY.publicKey);

/** `length` bytes counting up from `first`. */
export function run(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => first + i);
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** `signed` and its signature, end to end. */
export function sealed(signed: Uint8Array, key: SigningKey = IDENTITY): Uint8Array {
  return joined(signed, crypto.sign(signed, key));
}

export const MEMBERS: Readonly<Record<string, MemberRecord>> = {
  plain: {
    id: NODE,
    epoch: 1_700_000_000_001n,
    counter: 3,
    left: false,
    region: "eu-west-1",
    zone: "a",
    addresses: [`/ip4/127.0.0.1/udp/9000/quic-v1`, "/ip4/127.0.0.1/tcp/9001"],
  },
  left: {
    id: NODE,
    epoch: 0xffff_ffff_ffff_ffffn,
    counter: 0xffff_ffff,
    left: true,
    region: "région-\u{1f30d}",
    zone: "",
    addresses: [],
  },
  certified: {
    id: NODE,
    epoch: 1_700_000_000_001n,
    counter: 4,
    left: false,
    region: "eu-west-1",
    zone: "a",
    addresses: ["/ip4/127.0.0.1/tcp/9001"],
    credential: Uint8Array.from({ length: 300 }, (_, i) => i & 0xff),
  },
};

export const MESSAGES: Readonly<Record<string, DirectMessage>> = {
  plain: {
    id: 7n,
    fromNode: NODE,
    toNode: OTHER_NODE,
    fromAgent: "coder-7",
    toAgent: "planner-1",
    wallMs: WALL_MS,
    codec: 1,
    body: new TextEncoder().encode('{"done":"t1"}'),
  },
  empty: {
    id: 0xffff_ffff_ffff_ffffn,
    fromNode: NODE,
    toNode: NODE,
    fromAgent: "é",
    toAgent: "",
    wallMs: 0,
    codec: 255,
    body: new Uint8Array(0),
  },
};

export const DEPARTURE: Departure = {
  member: OTHER_NODE,
  epoch: 1_700_000_000_001n,
  counter: 3,
  by: NODE,
};

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "register.set": {
    kind: "register.set",
    collection: "leader",
    key: "",
    codec: 1,
    value: new TextEncoder().encode('"n1"'),
  },
  "map.set": { kind: "map.set", collection: "tasks", key: "t1", codec: 0, value: run(1, 3) },
  "map.delete": { kind: "map.delete", collection: "tasks", key: "é" },
  "counter.add": {
    kind: "counter.add",
    collection: "done",
    key: "",
    plus: 258n,
    minus: 0xffff_ffff_ffff_ffffn,
  },
  "set.add": { kind: "set.add", collection: "seen", key: "k", element: "x" },
  "set.remove": {
    kind: "set.remove",
    collection: "seen",
    key: "k",
    element: "x",
    dots: run(0, 64),
  },
  "gauge.set": {
    kind: "gauge.set",
    collection: "load",
    key: "cpu",
    value: -1_500_000n,
    weight: 2n,
  },
  "event.publish": { kind: "event.publish", collection: "alerts", codec: 2, value: run(9, 2) },
};

export interface DeltaSample {
  readonly header: DeltaHeader;
  readonly body: Uint8Array;
  readonly key: SigningKey;
}

export const RECORD = deltaOf(
  encodeRecordBody({
    key: INCARNATION_KEY.publicKey,
    certHash: new Uint8Array(32),
    notBeforeMs: BigInt(WALL_MS),
    notAfterMs: 0xffff_ffff_ffff_ffffn,
    previousEpoch: 0n,
    previousNonce: 0n,
  }),
  IDENTITY,
  { kind: KIND_RECORD, count: 1, firstSeq: 0 },
);

export const DELTAS: Readonly<Record<string, DeltaSample>> = {
  record: RECORD,
  operations: deltaOf(joined(...Object.values(OPERATIONS).map(encodeOperation)), INCARNATION_KEY, {
    kind: KIND_OPERATIONS,
    count: Object.keys(OPERATIONS).length,
    firstSeq: 1,
    hlc: RECORD.header.hlc + 1n,
    prevHash: blake3(encodeDeltaHeader(RECORD.header)),
  }),
};

/** A delta of NODE around a body; fields that are not given are those of its first record. */
function deltaOf(
  body: Uint8Array,
  key: SigningKey,
  fields: Partial<DeltaHeader> = {},
): DeltaSample {
  const header: DeltaHeader = {
    kind: KIND_OPERATIONS,
    count: 1,
    bodyBytes: body.length,
    meshId: MESH_ID,
    author: NODE,
    epoch: 1_700_000_000_001n,
    nonce: 0x0102_0304_0506_0708n,
    firstSeq: 1,
    hlc: BigInt(WALL_MS) << 16n,
    prevHash: new Uint8Array(32),
    bodyHash: blake3(body),
    ...fields,
  };
  return { header, body, key };
}

export function deltaBytes({ header, body, key }: DeltaSample): Uint8Array {
  const signed = encodeDeltaHeader(header);
  return encodeDelta(signed, crypto.sign(signed, key), body);
}

const MEMBER = sealed(encodeMember(MEMBERS.plain as MemberRecord, MESH_ID));
const MESSAGE = sealed(encodeMessage(MESSAGES.plain as DirectMessage, MESH_ID));
const STATEMENT = sealed(encodeDeparture(DEPARTURE, MESH_ID));
const WORD = { member: OTHER_NODE, epoch: 1_700_000_000_001n, counter: 3, by: NODE };
const LATER: DeltaSample = deltaOf(run(1, 20), INCARNATION_KEY, { firstSeq: 9, count: 2 });
const CREDENTIAL = run(1, 100);
const CERTIFIED_BODY = encodeRecordBody({
  key: INCARNATION_KEY.publicKey,
  certHash: blake3(CREDENTIAL),
  notBeforeMs: BigInt(WALL_MS),
  notAfterMs: BigInt(WALL_MS + 3_600_000),
  previousEpoch: 0n,
  previousNonce: 0n,
});
const CERTIFIED: DeltaSample = deltaOf(joined(CERTIFIED_BODY, CREDENTIAL), IDENTITY, {
  kind: KIND_RECORD,
  firstSeq: 0,
  bodyHash: blake3(CERTIFIED_BODY),
});
const NAME = { author: NODE, epoch: 1_700_000_000_001n, nonce: 5n };

export const FRAMES: Readonly<Record<string, Frame>> = {
  hello: { type: FRAME_HELLO, meshId: MESH_ID, gossip: true, heard: false, member: MEMBER },
  "hello heard without gossip": {
    type: FRAME_HELLO,
    meshId: MESH_ID,
    gossip: false,
    heard: true,
    member: MEMBER,
  },
  push: { type: FRAME_PUSH, reached: 7, root: run(1, 32), deltas: deltaBytes(RECORD) },
  pull: {
    type: FRAME_PULL,
    stamp: 0xdead_beef,
    root: run(1, 32),
    frontierRoot: run(33, 32),
    membersDigest: run(65, 32),
  },
  "sync equal": {
    type: FRAME_SYNC,
    echo: 0xdead_beef,
    root: run(1, 32),
    membersDigest: run(65, 32),
    ranges: [],
  },
  "sync ranges": {
    type: FRAME_SYNC,
    echo: 0,
    root: run(1, 32),
    membersDigest: run(65, 32),
    ranges: [
      { kind: "inner", nibbles: 1, prefix: run(0x10, 32), hashes: new Uint8Array(512).fill(7) },
      {
        kind: "leaf",
        nibbles: 63,
        prefix: run(0x20, 32),
        entries: [
          { ...NAME, seq: 2 ** 53 - 1, hash: run(1, 32) },
          { ...NAME, author: OTHER_NODE, seq: 0, hash: run(2, 32) },
        ],
      },
      { kind: "leaf", nibbles: 0, prefix: new Uint8Array(32), entries: [] },
    ],
  },
  want: {
    type: FRAME_WANT,
    wants: [
      { ...NAME, after: -1 },
      { ...NAME, author: OTHER_NODE, after: 41 },
    ],
  },
  delta: { type: FRAME_DELTA, more: true, root: run(1, 32), deltas: deltaBytes(RECORD) },
  "delta stubs": {
    type: FRAME_DELTA,
    more: false,
    root: run(1, 32),
    stubs: [1, 3],
    deltas: joined(
      deltaBytes(RECORD),
      stubOf(deltaBytes(LATER)),
      deltaBytes(LATER),
      stubOf(deltaBytes(LATER)),
    ),
  },
  "delta cut record": {
    type: FRAME_DELTA,
    more: false,
    root: run(1, 32),
    stubs: [0, 1],
    deltas: joined(cutRecordOf(deltaBytes(CERTIFIED)), stubOf(deltaBytes(LATER))),
  },
  gaps: {
    type: FRAME_GAPS,
    gaps: [
      { ...NAME, after: 0, upTo: 41 },
      { ...NAME, author: OTHER_NODE, after: 7, upTo: 8 },
    ],
  },
  fill: { type: FRAME_FILL, deltas: deltaBytes(LATER) },
  "fill stubs": {
    type: FRAME_FILL,
    stubs: [0],
    deltas: joined(stubOf(deltaBytes(LATER)), deltaBytes(LATER)),
  },
  "delta follows": {
    type: FRAME_DELTA,
    more: false,
    follows: true,
    root: run(1, 32),
    deltas: deltaBytes(RECORD),
  },
  "delta empty": { type: FRAME_DELTA, more: false, root: run(1, 32), deltas: new Uint8Array(0) },
  members: { type: FRAME_MEMBERS, members: [MEMBER, MEMBER] },
  "members none": { type: FRAME_MEMBERS, members: [] },
  message: { type: FRAME_MESSAGE, message: MESSAGE },
  "tree graft": { type: FRAME_TREE, eager: true },
  "tree prune": { type: FRAME_TREE, eager: false },
  "tree child": { type: FRAME_TREE, eager: true, child: true },
  "ihave of two": {
    type: FRAME_IHAVE,
    root: run(1, 32),
    heads: [
      { ...NAME, seq: 3 },
      { ...NAME, author: OTHER_NODE, seq: 2 ** 40 },
    ],
  },
  "buckets asked": {
    type: FRAME_BUCKETS,
    asks: true,
    digests: new Uint8Array(MEMBER_BUCKETS * BUCKET_BYTES).fill(5),
  },
  "roll call bitmap": {
    type: FRAME_ROLL_CALL,
    call: 0x0000_0301,
    stamp: 0xdead_beef,
    echo: 0,
    asks: true,
    roster: run(1, 8),
    answered: { kind: "bitmap", members: 12, bits: Uint8Array.of(0b1000_0001, 0b0000_1000) },
  },
  "roll call list": {
    type: FRAME_ROLL_CALL,
    call: 0xffff_ff00,
    stamp: 1,
    echo: 0xdead_beef,
    asks: false,
    roster: run(1, 8),
    answered: { kind: "list", prefixes: [0x0102_0304, 0xffff_ffff] },
  },
  "proof ask": { type: FRAME_PROOF, step: PROOF_ASK, digest: run(3, 32), proofs: [] },
  "proof tell": {
    type: FRAME_PROOF,
    step: PROOF_TELL,
    digest: run(3, 32),
    proofs: [
      { bytes: run(1, 446), credential: run(0, 0) },
      { bytes: run(2, 300), credential: run(0, 0) },
    ],
  },
  "proof certified": {
    type: FRAME_PROOF,
    step: PROOF_TELL,
    digest: run(3, 32),
    proofs: [
      { bytes: run(1, 446), credential: run(4, 309) },
      { bytes: run(2, 300), credential: run(5, 309) },
    ],
  },
  "stored ask": { type: FRAME_STORED, ask: true, author: NODE, epoch: 9n, nonce: 5n, seq: 41 },
  "stored answer": {
    type: FRAME_STORED,
    ask: false,
    author: OTHER_NODE,
    epoch: 0xffff_ffff_ffff_ffffn,
    nonce: 0x0102_0304_0506_0708n,
    seq: 2 ** 53 - 1,
  },
  "message accepted": { type: FRAME_MESSAGE_RESULT, id: 7n, result: 0 },
  "message refused": { type: FRAME_MESSAGE_RESULT, id: 0xffff_ffff_ffff_ffffn, result: 3 },
  probe: { type: FRAME_PROBE, stamp: 0xdead_beef, echo: 0, root: run(1, 8) },
  "probe echo": { type: FRAME_PROBE, stamp: 0, echo: 0xdead_beef, root: run(9, 8) },
  "suspect words": {
    type: FRAME_SUSPECT,
    words: [
      { ...WORD, state: WORD_ASKED },
      { ...WORD, state: WORD_SUSPECT },
      { ...WORD, state: WORD_UNREACHABLE, epoch: 0xffff_ffff_ffff_ffffn, counter: 0xffff_ffff },
      { ...WORD, state: WORD_ALIVE },
    ],
  },
  "suspect none": { type: FRAME_SUSPECT, words: [] },
  depart: { type: FRAME_DEPART, statements: [STATEMENT, STATEMENT] },
  "depart none": { type: FRAME_DEPART, statements: [] },
};
