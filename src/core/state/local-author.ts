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
import type { Certificates, OwnCertificate } from "../trust/certificates.ts";
import type { Crypto, SigningKey } from "../trust/crypto.ts";
import { concat } from "../wire/concat.ts";
import {
  encodeDelta,
  encodeDeltaHeader,
  encodeRecordBody,
  type Operation,
  writeOperation,
} from "../wire/delta.ts";
import { Writer } from "../wire/writer.ts";
import type { HybridClock } from "./hlc.ts";

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
  /** Where the own credential is; its incarnations are written under it. */
  readonly certificates: Pick<Certificates, "own">;
}

export interface Incarnation {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
}

export class LocalAuthor {
  readonly #options: LocalAuthorOptions;
  #replica: Replica;
  #key: SigningKey;
  #nonce: bigint;
  /** Lives begun, this process's first included. */
  #lives = 0;
  #incarnation: Incarnation | undefined;
  /** What the incarnation was begun under. */
  #certificate: OwnCertificate | undefined;
  /** Last seq that was signed. */
  #closedSeq = -1;
  #open = new Writer();
  #openCount = 0;

  constructor(options: LocalAuthorOptions) {
    this.#options = options;
    this.#replica = options.replica;
    this.#key = this.#newKey();
    this.#nonce = this.#newNonce();
  }

  /**
   * The replica was made anew. When it lacks anything of the own incarnation, that one is over:
   * its seqs are never used twice.
   * @returns whether a new incarnation begins with the next delta.
   */
  useReplica(replica: Replica): boolean {
    const { author, epoch, nonce } = this.#incarnation ?? NO_INCARNATION;
    this.#replica = replica;
    const seq = replica.head(author, epoch, nonce)?.seq ?? -1;
    if (this.#incarnation === undefined || seq === this.#closedSeq) return false;
    this.beginLife();
    return true;
  }

  /** The next delta begins a new incarnation; to be called while no delta is open. */
  beginLife(): void {
    this.#lives += 1;
    this.#key = this.#newKey();
    this.#nonce = this.#newNonce();
    this.#incarnation = undefined;
  }

  /** Undefined until the first delta is closed. */
  get incarnation(): Incarnation | undefined {
    return this.#incarnation;
  }

  /** The credential of the present incarnation; undefined before its record, and in an open mesh. */
  get certificate(): OwnCertificate | undefined {
    return this.#incarnation === undefined ? undefined : this.#certificate;
  }

  get openOperations(): number {
    return this.#openCount;
  }

  /** Whether the open delta has no room for an operation of `bytes`: close it first. */
  isFullFor(bytes: number): boolean {
    return this.#openCount >= DELTA_OPS_MAX || this.#open.length + bytes > DELTA_BODY_BYTES_MAX;
  }

  /** Adds an operation to the open delta; there must be room. */
  append(operation: Operation): void {
    writeOperation(this.#open, operation);
    this.#openCount += 1;
  }

  /** Closes the open delta: its bytes, behind the incarnation's record when this is the first. */
  close(wallMs: number): Uint8Array {
    const body = this.#open.finish();
    this.#open = new Writer();
    const count = this.#openCount;
    this.#openCount = 0;
    // A record that the replica refused (it was full) is made again.
    if (this.#head() !== undefined) return this.#operations(body, count, wallMs);
    const record = this.#record(wallMs);
    return concat([record, this.#operations(body, count, wallMs, record)]);
  }

  #newKey(): SigningKey {
    const { kernels, crypto, seed } = this.#options;
    return crypto.createSigningKey(kernels.blake3(concat([KEY_LABEL, seed, this.#life()])));
  }

  #newNonce(): bigint {
    const { kernels, seed } = this.#options;
    const nonce = kernels.blake3(concat([NONCE_LABEL, seed, this.#life()]));
    return new DataView(nonce.buffer, nonce.byteOffset).getBigUint64(0, true);
  }

  /** What tells the lives of one seed apart; nothing for the first. */
  #life(): Uint8Array {
    return this.#lives === 0
      ? new Uint8Array(0)
      : Uint8Array.of(this.#lives & 255, this.#lives >> 8);
  }

  #record(wallMs: number): Uint8Array {
    const { nodeId, identityKey, clock } = this.#options;
    const previous = this.#replica.latest(nodeId);
    const wall = BigInt(Math.floor(wallMs));
    const seen = previous?.epoch ?? 0n;
    const epoch = (wall > seen ? wall : seen) + 1n;
    this.#incarnation = { author: nodeId, epoch, nonce: this.#nonce };
    const { own } = this.#options.certificates;
    const credential = own?.bytes ?? NO_CREDENTIAL;
    this.#certificate = own;
    const body = encodeRecordBody({
      key: this.#key.publicKey,
      certHash: own === undefined ? ZERO_HASH : this.#options.kernels.blake3(credential),
      notBeforeMs: own === undefined ? wall : BigInt(own.certificate.notBefore),
      notAfterMs: own === undefined ? FOREVER_MS : BigInt(own.certificate.notAfter),
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
      credential,
    });
  }

  #operations(body: Uint8Array, count: number, wallMs: number, record?: Uint8Array): Uint8Array {
    const head = record === undefined ? this.#head() : undefined;
    const prevHash = record === undefined ? head?.hash : this.#headerHash(record);
    this.#closedSeq = (head?.seq ?? 0) + count;
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
    const { body, credential = NO_CREDENTIAL, ...rest } = fields;
    const whole = credential.length === 0 ? body : concat([body, credential]);
    const bodyHash = kernels.blake3(body);
    const header = encodeDeltaHeader({
      ...rest,
      meshId,
      author,
      epoch,
      nonce,
      bodyBytes: whole.length,
      bodyHash,
    });
    return encodeDelta(header, crypto.sign(header, key), whole);
  }

  #head() {
    const { author, epoch, nonce } = this.#incarnation ?? NO_INCARNATION;
    return this.#replica.head(author, epoch, nonce);
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
  /** Behind a record's body, which names its hash. */
  readonly credential?: Uint8Array;
}

const KEY_LABEL = new TextEncoder().encode("knhk-mesh/1/incarnation-key");
const NONCE_LABEL = new TextEncoder().encode("knhk-mesh/1/incarnation-nonce");
const ZERO_HASH = new Uint8Array(HASH_BYTES);
const NO_INCARNATION: Incarnation = { author: "", epoch: 0n, nonce: 0n };
const NO_CREDENTIAL = new Uint8Array(0);
/** In an open mesh the key does not expire. */
const FOREVER_MS = 0xffff_ffff_ffff_ffffn;
