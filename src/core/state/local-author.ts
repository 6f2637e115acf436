/**
 * This node as an author: collects local operations in an open delta, closes it under one
 * signature, and starts the incarnation with its record before the first one.
 *
 * An incarnation's key is made from the injected seed, so a restart (a new seed) is always a new
 * key, a new nonce and a higher epoch: no seq is ever used twice and nothing needs reserving.
 */
import {
  DELTA_BODY_BYTES_MAX,
  DELTA_HEADER_BYTES,
  DELTA_OPS_MAX,
  HASH_BYTES,
  KIND_OPERATIONS,
  KIND_RECORD,
} from "../../../assembly/layout.ts";
import type { Kernels, Replica } from "../../kernels/kernels.ts";
import type { NodeId } from "../node-id.ts";
import type { Crypto, SigningKey } from "../trust/crypto.ts";
import { encodeDelta, encodeDeltaHeader, encodeRecordBody } from "../wire/delta.ts";
import type { HybridClock } from "./hlc.ts";
import { concat } from "./parked.ts";

export interface LocalAuthorOptions {
  readonly nodeId: NodeId;
  readonly meshId: Uint8Array;
  readonly identityKey: SigningKey;
  readonly crypto: Crypto;
  readonly kernels: Kernels;
  readonly replica: Replica;
  readonly clock: HybridClock;
  /** 32 bytes, fresh for each life of the process. */
  readonly seed: Uint8Array;
}

export interface Incarnation {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
}

export class LocalAuthor {
  readonly #options: LocalAuthorOptions;
  readonly #key: SigningKey;
  readonly #nonce: bigint;
  #incarnation: Incarnation | undefined;
  #open: Uint8Array[] = [];
  #openBytes = 0;

  constructor(options: LocalAuthorOptions) {
    this.#options = options;
    const { kernels, crypto, seed } = options;
    this.#key = crypto.createSigningKey(kernels.blake3(concat([KEY_LABEL, seed])));
    const nonce = kernels.blake3(concat([NONCE_LABEL, seed]));
    this.#nonce = new DataView(nonce.buffer, nonce.byteOffset).getBigUint64(0, true);
  }

  /** Undefined until the first delta is closed. */
  get incarnation(): Incarnation | undefined {
    return this.#incarnation;
  }

  get openOperations(): number {
    return this.#open.length;
  }

  /** Whether the open delta has no room for an operation of `bytes`: close it first. */
  isFullFor(bytes: number): boolean {
    return this.#open.length >= DELTA_OPS_MAX || this.#openBytes + bytes > DELTA_BODY_BYTES_MAX;
  }

  /** Adds an encoded operation to the open delta; there must be room. */
  append(operation: Uint8Array): void {
    this.#open.push(operation);
    this.#openBytes += operation.length;
  }

  /** Closes the open delta: its bytes, behind the incarnation's record when this is the first. */
  close(wallMs: number): Uint8Array {
    const body = concat(this.#open);
    const count = this.#open.length;
    this.#open = [];
    this.#openBytes = 0;
    // A record that the replica refused (it was full) is made again.
    if (this.#head() !== undefined) return this.#operations(body, count, wallMs);
    const record = this.#record(wallMs);
    return concat([record, this.#operations(body, count, wallMs, record)]);
  }

  #record(wallMs: number): Uint8Array {
    const { nodeId, replica, identityKey, clock } = this.#options;
    const previous = replica.latest(nodeId);
    const wall = BigInt(Math.floor(wallMs));
    const seen = previous?.epoch ?? 0n;
    const epoch = (wall > seen ? wall : seen) + 1n;
    this.#incarnation = { author: nodeId, epoch, nonce: this.#nonce };
    const body = encodeRecordBody({
      key: this.#key.publicKey,
      certHash: ZERO_HASH,
      notBeforeMs: wall,
      notAfterMs: FOREVER_MS,
      previousEpoch: seen,
      previousNonce: previous?.nonce ?? 0n,
    });
    return this.#seal(identityKey, {
      kind: KIND_RECORD,
      firstSeq: 0,
      count: 1,
      prevHash: previous?.hash ?? ZERO_HASH,
      hlc: clock.stamp(wallMs),
      body,
    });
  }

  #operations(body: Uint8Array, count: number, wallMs: number, record?: Uint8Array): Uint8Array {
    const head = record === undefined ? this.#head() : undefined;
    const prevHash = record === undefined ? head?.hash : this.#headerHash(record);
    return this.#seal(this.#key, {
      kind: KIND_OPERATIONS,
      firstSeq: (head?.seq ?? 0) + 1,
      count,
      prevHash: prevHash ?? ZERO_HASH,
      hlc: this.#options.clock.stamp(wallMs),
      body,
    });
  }

  #seal(key: SigningKey, fields: SealFields): Uint8Array {
    const { meshId, crypto, kernels } = this.#options;
    const { author, epoch, nonce } = this.#incarnation ?? NO_INCARNATION;
    const { body, ...rest } = fields;
    const bodyHash = kernels.blake3(body);
    const header = encodeDeltaHeader({
      ...rest,
      meshId,
      author,
      epoch,
      nonce,
      bodyBytes: body.length,
      bodyHash,
    });
    return encodeDelta(header, crypto.sign(header, key), body);
  }

  #head() {
    const { author, epoch, nonce } = this.#incarnation ?? NO_INCARNATION;
    return this.#options.replica.head(author, epoch, nonce);
  }

  #headerHash(delta: Uint8Array): Uint8Array {
    return this.#options.kernels.blake3(delta.subarray(0, DELTA_HEADER_BYTES));
  }
}

interface SealFields {
  readonly kind: number;
  readonly firstSeq: number;
  readonly count: number;
  readonly prevHash: Uint8Array;
  readonly hlc: bigint;
  readonly body: Uint8Array;
}

const KEY_LABEL = new TextEncoder().encode("knhk-mesh/1/incarnation-key");
const NONCE_LABEL = new TextEncoder().encode("knhk-mesh/1/incarnation-nonce");
const ZERO_HASH = new Uint8Array(HASH_BYTES);
const NO_INCARNATION: Incarnation = { author: "", epoch: 0n, nonce: 0n };
/** In an open mesh the key does not expire; certificates bound it later. */
const FOREVER_MS = 0xffff_ffff_ffff_ffffn;
