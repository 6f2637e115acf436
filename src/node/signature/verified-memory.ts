/**
 * A {@link Crypto} that remembers what it has verified, so that bytes that come again cost a
 * comparison instead of point arithmetic: a delta refused as `full` and offered again each round, one
 * that waited for its time or its ancestor, a record that comes over several links at once.
 *
 * Only good verdicts are kept, and only of short messages: headers and records. Peers choose what is
 * verified, so the memory is bounded and lets the least recently used go. A memory compares all of
 * the bytes: a hit is the very triple that has passed the rule.
 */
import type { Crypto } from "../../core/trust/crypto.ts";

/** Triples kept; at most about 900 bytes each. */
const VERIFIED_MAX = 4_096;
/** Longer messages are verified each time. */
const VERIFIED_MESSAGE_BYTES_MAX = 512;

/** @param max triples kept, at least 1. */
export function rememberVerified(crypto: Crypto, max: number = VERIFIED_MAX): Crypto {
  const held = new Map<string, Verified>(); // insertion order is order of use
  return Object.freeze({
    backend: crypto.backend,
    sign: (message, key) => crypto.sign(message, key),
    createSigningKey: (seed) => crypto.createSigningKey(seed),
    verify(signature, message, publicKey) {
      if (message.length > VERIFIED_MESSAGE_BYTES_MAX) {
        return crypto.verify(signature, message, publicKey);
      }
      const name = bufferOver(signature).toString("latin1");
      const known = held.get(name);
      if (known !== undefined && isSame(known, message, publicKey)) {
        held.delete(name);
        held.set(name, known);
        return true;
      }
      if (!crypto.verify(signature, message, publicKey)) return false;
      if (!held.delete(name) && held.size >= max) deleteFirst(held);
      held.set(name, { message: Buffer.from(message), publicKey: Buffer.from(publicKey) });
      return true;
    },
  } satisfies Crypto);
}

interface Verified {
  readonly message: Buffer;
  readonly publicKey: Buffer;
}

function isSame(known: Verified, message: Uint8Array, publicKey: Uint8Array): boolean {
  return known.message.equals(message) && known.publicKey.equals(publicKey);
}

function deleteFirst(map: Map<string, unknown>): void {
  const first = map.keys().next();
  if (first.done !== true) map.delete(first.value);
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
