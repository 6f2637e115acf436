/**
 * OpenSSL through node:crypto: the backend that every Node has.
 *
 * node:crypto takes KeyObjects, and making one costs a quarter of a verification, so the latest
 * ones are kept. Peers choose the keys: the cache is bounded and evicts the least recently used. What
 * OpenSSL versions answer differently (Node 24.19 began to refuse low-order points) never reaches
 * it: strict.ts comes first.
 */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from "node:crypto";
import type { Backend, Signer } from "./backend.ts";

/** Public keys kept as KeyObjects, per backend; about 2 KB each (resident size, Node 24 on x64). */
const KEY_OBJECTS_MAX = 4_096;

export function createOpensslBackend(): Backend {
  const keyObjects = createKeyObjectCache(KEY_OBJECTS_MAX);
  return {
    name: "openssl",
    verifyEquation(signature, message, publicKey) {
      const key = keyObjects.get(publicKey);
      return key !== undefined && nodeVerify(null, message, key, signature);
    },
    createSigner,
  };
}

/** KeyObjects by public key; at most `max`, the least recently used goes first. */
export interface KeyObjectCache {
  /** @param publicKey 32 bytes; copied. @returns undefined when OpenSSL refuses to import it. */
  get(publicKey: Uint8Array): KeyObject | undefined;
  readonly size: number;
}

/** @param max at least 1. */
export function createKeyObjectCache(max: number): KeyObjectCache {
  const held = new Map<string, KeyObject>(); // insertion order is order of use
  return {
    get(publicKey) {
      const name = bufferOver(publicKey).toString("latin1");
      const key = held.get(name) ?? importPublicKey(publicKey);
      if (key === undefined) return undefined;
      if (!held.delete(name) && held.size >= max) deleteFirst(held);
      held.set(name, key);
      return key;
    },
    get size() {
      return held.size;
    },
  };
}

function deleteFirst(map: Map<string, unknown>): void {
  const first = map.keys().next();
  if (first.done !== true) map.delete(first.value);
}

function importPublicKey(publicKey: Uint8Array): KeyObject | undefined {
  try {
    const der = Buffer.concat([SPKI_PREFIX, publicKey]);
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return undefined; // OpenSSL 3.5 accepts any 32 bytes here; a build that does not found no point
  }
}

function createSigner(seed: Uint8Array): Signer {
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: Uint8Array.from(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => {
      const signature = nodeSign(null, message, key);
      return new Uint8Array(signature.buffer, signature.byteOffset, signature.length);
    },
  };
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

// RFC 8410: SubjectPublicKeyInfo { { 1.3.101.112 }, BIT STRING A } and PKCS#8 version 0
// { { 1.3.101.112 }, OCTET STRING { OCTET STRING seed } }; both of fixed length.
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
