/** What an attacker sends: frames made ahead, so that sending is all it does. */
import { randomBytes } from "node:crypto";
import { KIND_OPERATIONS, KIND_RECORD, MESH_ID_BYTES } from "../../assembly/layout.ts";
import { hexFromBytes } from "../../src/core/node-id.ts";
import {
  type DeltaHeader,
  encodeDelta,
  encodeDeltaHeader,
  encodeOperation,
  encodeRecordBody,
} from "../../src/core/wire/delta.ts";
import { FRAME_PROBE } from "../../src/core/wire/failure-frames.ts";
import { encodeFrame, FRAME_HELLO, FRAME_PUSH } from "../../src/core/wire/frame.ts";
import { encodeMember } from "../../src/core/wire/member.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import { type AttackKind, MESH_NAME } from "./messages.ts";

const kernels = createKernels();
const crypto = createCrypto();
const meshId = kernels.blake3(new TextEncoder().encode(MESH_NAME)).slice(0, MESH_ID_BYTES);

export interface Arms {
  readonly seed: Uint8Array;
  readonly hello: Uint8Array;
  readonly frames: readonly Uint8Array[];
  /** Frames a second; the link's own speed where it is less. */
  readonly framesPerSecond: number;
}

/** An identity of its own, its Hello, and the frames of an attack, to be sent over and over. */
export function armsOf(attack: AttackKind, rateLimit: number): Arms {
  const seed = randomBytes(32);
  const hello = helloOf(seed);
  switch (attack) {
    case "frames":
      return { seed, hello, frames: [probe()], framesPerSecond: 100 * rateLimit };
    case "signatures":
      // 100,000 bad signatures a second: as many as the frames that the first attack sends.
      return { seed, hello, frames: badSignatures(), framesPerSecond: rateLimit };
    case "keys":
      return { seed, hello, frames: distinctKeys(seed), framesPerSecond: rateLimit };
  }
}

function helloOf(seed: Uint8Array): Uint8Array {
  const key = crypto.createSigningKey(seed);
  const record = {
    id: hexFromBytes(key.publicKey),
    epoch: BigInt(Date.now()),
    counter: 0,
    left: false,
    region: "local",
    zone: "local",
    addresses: [],
  };
  const signed = encodeMember(record, meshId);
  const member = new Uint8Array([...signed, ...crypto.sign(signed, key)]);
  const frame = { type: FRAME_HELLO, meshId, gossip: false, heard: false, member } as const;
  return encodeFrame(frame, Date.now());
}

function probe(): Uint8Array {
  return encodeFrame({ type: FRAME_PROBE, stamp: 1, echo: 0, root: new Uint8Array(8) }, Date.now());
}

/** Records of authors that nobody knows, under signatures that fail only in the arithmetic. */
function badSignatures(): Uint8Array[] {
  return Array.from({ length: BAD_FRAMES }, () => {
    const deltas = Array.from({ length: SIGNATURES_PER_FRAME }, () => {
      const { publicKey } = crypto.createSigningKey(randomBytes(32));
      const body = recordBody(publicKey);
      const header = headerOf(hexFromBytes(publicKey), body, { kind: KIND_RECORD, firstSeq: 0 });
      return encodeDelta(encodeDeltaHeader(header), plausibleSignature(), body);
    });
    return push(deltas);
  });
}

/** R a canonical point encoding, S below the group's order: the byte checks find nothing. */
function plausibleSignature(): Uint8Array {
  const signature = crypto.sign(randomBytes(8), SIGNER);
  signature[40] = (signature[40] ?? 0) ^ 1;
  return signature;
}

/** A sound history of KEYS operations, each on a key of its own. */
function distinctKeys(seed: Uint8Array): Uint8Array[] {
  const identity = crypto.createSigningKey(seed);
  const author = hexFromBytes(identity.publicKey);
  const body = recordBody(identity.publicKey);
  const record = encodeDeltaHeader(headerOf(author, body, { kind: KIND_RECORD, firstSeq: 0 }));
  const deltas = [encodeDelta(record, crypto.sign(record, identity), body)];
  let prevHash = kernels.blake3(record).slice();
  for (let firstSeq = 1; firstSeq < KEYS; firstSeq += OPERATIONS_PER_DELTA) {
    const operations = operationsFrom(firstSeq);
    const fields = { kind: KIND_OPERATIONS, firstSeq, count: OPERATIONS_PER_DELTA, prevHash };
    const header = encodeDeltaHeader(headerOf(author, operations, fields));
    deltas.push(encodeDelta(header, crypto.sign(header, identity), operations));
    prevHash = kernels.blake3(header).slice();
  }
  const frames: Uint8Array[] = [];
  for (let i = 0; i < deltas.length; i += DELTAS_PER_FRAME) {
    frames.push(push(deltas.slice(i, i + DELTAS_PER_FRAME)));
  }
  return frames;
}

function operationsFrom(firstSeq: number): Uint8Array {
  const operations = Array.from({ length: OPERATIONS_PER_DELTA }, (_, i) =>
    encodeOperation({
      kind: "map.set",
      collection: "flood",
      key: `key-${firstSeq + i}`,
      codec: 0,
      value: VALUE,
    }),
  );
  return new Uint8Array(Buffer.concat(operations));
}

function recordBody(key: Uint8Array): Uint8Array {
  return encodeRecordBody({
    key,
    certHash: new Uint8Array(32),
    notBeforeMs: 0n,
    notAfterMs: 0xffff_ffff_ffff_ffffn,
    previousEpoch: 0n,
    previousNonce: 0n,
  });
}

function headerOf(
  author: string,
  body: Uint8Array,
  fields: Pick<DeltaHeader, "kind" | "firstSeq"> & Partial<DeltaHeader>,
): DeltaHeader {
  return {
    count: 1,
    bodyBytes: body.length,
    meshId,
    author,
    epoch: EPOCH,
    nonce: 1n,
    hlc: (EPOCH << 16n) + BigInt(fields.firstSeq),
    prevHash: new Uint8Array(32),
    bodyHash: kernels.blake3(body).slice(),
    ...fields,
  };
}

function push(deltas: readonly Uint8Array[]): Uint8Array {
  const root = new Uint8Array(32);
  const bytes = new Uint8Array(Buffer.concat(deltas));
  return encodeFrame({ type: FRAME_PUSH, reached: 1, root, deltas: bytes }, Date.now());
}

const SIGNER = crypto.createSigningKey(randomBytes(32));
const EPOCH = BigInt(Date.now());
const BAD_FRAMES = 128;
const SIGNATURES_PER_FRAME = 100;
const KEYS = 1_000_000;
const OPERATIONS_PER_DELTA = 256;
const DELTAS_PER_FRAME = 16;
const VALUE = new Uint8Array(8).fill(7);
