/**
 * Test support: an author that writes chained deltas, honest or not, with made-up signatures.
 * Verdicts are parameters of the replica, so a signature is only 64 bytes that differ.
 */
import {
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
  KIND_OPERATIONS,
  KIND_RECORD,
} from "../../assembly/layout.ts";
import { stubsIn } from "../../src/core/wire/stub.ts";
import type { Applied, Replica } from "../../src/kernels/kernels.ts";
import {
  type DeltaHeader,
  type Dot,
  encodeDelta,
  encodeDeltaHeader,
  encodeOperation,
  encodeRecordBody,
  type OperationFields,
} from "./delta-encoder.ts";
import { naiveBlake3 } from "./naive-blake3.ts";

export const TEST_MESH = new Uint8Array(16).fill(7);

/** A node id of one repeated byte. */
export function nodeId(byte: number): string {
  return byte.toString(16).padStart(2, "0").repeat(32);
}

/** One incarnation that writes. Each call returns one whole delta and moves its head. */
export class DeltaWriter {
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  seq = -1;
  hlc: bigint;
  head: Uint8Array = new Uint8Array(32);
  readonly #hash: (bytes: Uint8Array) => Uint8Array;

  /** @param options.hash BLAKE3; a faster one than the naive where many deltas are written. */
  constructor(
    author: string,
    options: {
      epoch?: bigint;
      nonce?: bigint;
      hlc?: bigint;
      hash?: (bytes: Uint8Array) => Uint8Array;
    } = {},
  ) {
    this.#hash = options.hash ?? naiveBlake3;
    this.author = author;
    this.epoch = options.epoch ?? 1n;
    this.nonce = options.nonce ?? 1n;
    this.hlc = options.hlc ?? 1000n << 16n;
  }

  record(overrides: Partial<DeltaHeader> = {}, key = new Uint8Array(32).fill(9)): Uint8Array {
    const certHash = new Uint8Array(32);
    const body = encodeRecordBody({
      key,
      certHash,
      notBefore: 0n,
      notAfter: 0n,
      prevEpoch: 0n,
      prevNonce: 0n,
    });
    return this.raw(body, { kind: KIND_RECORD, count: 1, firstSeq: 0, ...overrides });
  }

  /** A record whose credential follows its body and is named by it. */
  certified(credential: Uint8Array): Uint8Array {
    const body = encodeRecordBody({
      key: new Uint8Array(32).fill(9),
      certHash: this.#hash(credential),
      notBefore: 0n,
      notAfter: 0n,
      prevEpoch: 0n,
      prevNonce: 0n,
    });
    const bodyBytes = body.length + credential.length;
    const bodyHash = this.#hash(body);
    const whole = join([body, credential]);
    return this.raw(whole, { kind: KIND_RECORD, firstSeq: 0, bodyBytes, bodyHash });
  }

  write(operations: readonly OperationFields[], overrides: Partial<DeltaHeader> = {}): Uint8Array {
    const body = join(operations.map(encodeOperation));
    return this.raw(body, { count: operations.length, ...overrides });
  }

  /** Any body under a right hash. */
  raw(body: Uint8Array, overrides: Partial<DeltaHeader> = {}, sign = 1): Uint8Array {
    const header = encodeDeltaHeader({
      kind: KIND_OPERATIONS,
      count: 1,
      bodyBytes: body.length,
      meshId: TEST_MESH,
      author: this.author,
      epoch: this.epoch,
      nonce: this.nonce,
      firstSeq: this.seq + 1,
      hlc: this.hlc + 1n,
      prevHash: this.head,
      bodyHash: this.#hash(body),
      ...overrides,
    });
    const hash = this.#hash(header);
    this.seq += overrides.count ?? 1;
    this.hlc = overrides.hlc ?? this.hlc + 1n;
    this.head = hash;
    const signature = new Uint8Array(64).fill(sign);
    signature.set(hash);
    return encodeDelta({ header, signature, body });
  }

  /** The dot of the add with this seq, which must be in the newest delta. */
  dot(seq: number): Dot {
    const hash = new DataView(this.head.buffer).getBigUint64(0, true);
    return { author: this.author, epoch: this.epoch, nonce: this.nonce, seq, hash };
  }

  /** A twin that goes on from the same head: the start of a fork. */
  fork(): DeltaWriter {
    const { epoch, nonce, hlc } = this;
    const twin = new DeltaWriter(this.author, { epoch, nonce, hlc, hash: this.#hash });
    twin.seq = this.seq;
    twin.head = this.head;
    return twin;
  }
}

/** Scans and applies with every verdict good. */
export function deliver(replica: Replica, ...deltas: readonly Uint8Array[]): Applied {
  const bytes = join(deltas);
  const scan = replica.frameScan(bytes, stubsIn(deltas));
  return replica.frameApply(scan, bytes, new Uint8Array(scan.count).fill(1));
}

/** The same delta under another signature. */
export function resigned(delta: Uint8Array): Uint8Array {
  const twin = delta.slice();
  twin[DELTA_PREFIX_BYTES - 1]! ^= 0xff;
  return twin;
}

/** The delta with one byte of its header or body changed. */
export function patched(delta: Uint8Array, offset: number, value: number): Uint8Array {
  const other = delta.slice();
  other[offset] = value;
  return other;
}

export function hashOf(delta: Uint8Array): Uint8Array {
  return naiveBlake3(delta.subarray(0, DELTA_HEADER_BYTES));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

export function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
