/**
 * Replica: what an incarnation's record says, kept once per process.
 *
 * A simulator runs a thousand replicas that know the same thousand incarnations: what never
 * changes is shared. An entry lives while a replica holds it, so the table is bounded by the
 * incarnationsMax of the open replicas together; Replica.free lets go.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_PREFIX_BYTES,
  NODE_ID_BYTES,
  RECORD_KEY_OFFSET,
  SIGNATURE_BYTES,
} from "../../../../assembly/layout.ts";
import type { Primitives } from "../../kernels.ts";
import { copyBytes } from "./bytes.ts";
import { hexText, rawText } from "./text.ts";

/** Bytes of author | epoch | nonce, as headers and dots lay them out. */
export const INCARNATION_ID_BYTES = 48;

/** Immutable and shared: its arrays must never be written or handed out. */
export interface Identity {
  /** 64 lower-case hex digits; they sort as the bytes do. */
  readonly author: string;
  /** The author's bytes, one character each. */
  readonly authorName: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  /** author | epoch | nonce. */
  readonly id: Uint8Array;
  /** BLAKE3 of `id`: its leaf in the frontier tree. */
  readonly treeKey: Uint8Array;
  /** The incarnation's public key. */
  readonly key: Uint8Array;
  /** The record's signature and delta hash. */
  readonly signature: Uint8Array;
  readonly hash: Uint8Array;
}

interface Shared {
  readonly identity: Identity;
  holders: number;
}

/** The identity of the record at `at`, whose delta hash is `hash`; let go by releaseIdentity. */
export function holdIdentity(
  primitives: Primitives,
  bytes: Uint8Array,
  at: number,
  hash: Uint8Array,
): Identity {
  const signatureAt = at + DELTA_HEADER_BYTES;
  const signature = copyBytes(bytes, signatureAt, signatureAt + SIGNATURE_BYTES);
  const name = nameOf(signature, hash);
  let shared = SHARED.get(name);
  if (shared === undefined) {
    shared = { identity: readIdentity(primitives, bytes, at, { signature, hash }), holders: 0 };
    SHARED.set(name, shared);
  }
  shared.holders += 1;
  return shared.identity;
}

/** Undoes one holdIdentity. */
export function releaseIdentity(identity: Identity): void {
  const name = nameOf(identity.signature, identity.hash);
  const shared = SHARED.get(name);
  if (shared === undefined) return;
  shared.holders -= 1;
  if (shared.holders === 0) SHARED.delete(name);
}

/** Identities held in this process; for tests. */
export function identitiesHeld(): number {
  return SHARED.size;
}

function readIdentity(
  primitives: Primitives,
  bytes: Uint8Array,
  at: number,
  record: { readonly signature: Uint8Array; readonly hash: Uint8Array },
): Identity {
  const idAt = at + DELTA_AUTHOR_OFFSET;
  const id = copyBytes(bytes, idAt, idAt + INCARNATION_ID_BYTES);
  const view = new DataView(id.buffer);
  const keyAt = at + DELTA_PREFIX_BYTES + RECORD_KEY_OFFSET;
  return {
    author: hexText(id.subarray(0, NODE_ID_BYTES)),
    authorName: rawText(id, 0, NODE_ID_BYTES),
    epoch: view.getBigUint64(NODE_ID_BYTES, true),
    nonce: view.getBigUint64(NODE_ID_BYTES + 8, true),
    id,
    treeKey: primitives.blake3(id),
    key: copyBytes(bytes, keyAt, keyAt + NODE_ID_BYTES),
    ...record,
  };
}

/** The hash covers author, epoch, nonce and key; one header may have more than one signature. */
function nameOf(signature: Uint8Array, hash: Uint8Array): string {
  return rawText(signature, 0, signature.length) + rawText(hash, 0, hash.length);
}

const SHARED = new Map<string, Shared>();
