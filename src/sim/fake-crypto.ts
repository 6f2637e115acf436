/**
 * FAKE signatures, for simulation at scale only: they prove nothing to anybody.
 *
 * A "signature" is a keyed hash of public key and message, so one costs two hashes instead of an
 * elliptic-curve multiplication. Whoever holds this object could forge; simulated nodes, Byzantine
 * ones too, reach it only as a `Crypto` and can sign only with keys made from seeds they know.
 * Deterministic: equal key, seed and message give equal bytes. All nodes of a run share one key.
 */
import type { Crypto, SigningKey } from "../core/trust/crypto.ts";

/** @returns the 32-byte BLAKE3 digest; may be a view that the next call overwrites. */
export type Blake3 = (bytes: Uint8Array) => Uint8Array;

/** @param runKey separates runs: signatures of one run do not verify in another. */
export function createFakeCrypto(blake3: Blake3, runKey = 0): Crypto {
  // Copies: overwriting the bytes of a key's publicKey must not let a simulated liar sign for others.
  const publicKeys = new WeakMap<SigningKey, Uint8Array>();

  const digest = (domain: number, head: Uint8Array, tail: Uint8Array): Uint8Array => {
    const input = new Uint8Array(PREFIX_BYTES + head.length + tail.length);
    input[0] = domain;
    new DataView(input.buffer).setUint32(1, runKey);
    input.set(head, PREFIX_BYTES);
    input.set(tail, PREFIX_BYTES + head.length);
    return blake3(input).slice();
  };

  const signatureOf = (message: Uint8Array, publicKey: Uint8Array): Uint8Array => {
    const signature = new Uint8Array(64);
    const first = digest(DOMAIN_FIRST_HALF, publicKey, message);
    signature.set(first);
    signature.set(digest(DOMAIN_SECOND_HALF, publicKey, first), 32);
    return signature;
  };

  return Object.freeze({
    backend: "fake",
    sign(message: Uint8Array, key: SigningKey) {
      const publicKey = publicKeys.get(key);
      if (publicKey === undefined) throw new Error("fake crypto: key was made by another Crypto");
      return signatureOf(message, publicKey);
    },
    verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) {
      if (signature.length !== 64 || publicKey.length !== 32) return false;
      const expected = signatureOf(message, publicKey);
      return expected.every((byte, index) => byte === signature[index]);
    },
    createSigningKey(seed: Uint8Array) {
      if (seed.length !== 32) throw new Error(`fake crypto: seed of ${seed.length} bytes`);
      const key = Object.freeze({ publicKey: digest(DOMAIN_PUBLIC_KEY, seed, NOTHING) });
      publicKeys.set(key, key.publicKey.slice());
      return key;
    },
  });
}

const NOTHING = new Uint8Array(0);
const PREFIX_BYTES = 5; // domain, run key
const DOMAIN_PUBLIC_KEY = 1;
const DOMAIN_FIRST_HALF = 2;
const DOMAIN_SECOND_HALF = 3;
