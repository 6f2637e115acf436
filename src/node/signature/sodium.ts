/**
 * libsodium through the optional, prebuilt package sodium-native: the fastest backend.
 *
 * Its crypto_sign_verify_detached is cofactorless and compares R's bytes, as the rule asks. The
 * package is an optional dependency: where it is absent or its binary does not load, this backend
 * does not exist and the next one serves.
 */
import { createRequire } from "node:module";
import type { Backend, Signer } from "./backend.ts";
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from "./strict.ts";

/** The part of sodium-native used here; it ships no types. */
interface SodiumNative {
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
}

/** @returns undefined when sodium-native is not installed or does not load on this platform. */
export function loadSodiumBackend(): Backend | undefined {
  const sodium = requireSodium();
  if (sodium === undefined) return undefined;
  return {
    name: "sodium",
    verifyEquation: (signature, message, publicKey) =>
      sodium.crypto_sign_verify_detached(signature, message, publicKey),
    createSigner: (seed) => createSigner(sodium, seed),
  };
}

function requireSodium(): SodiumNative | undefined {
  try {
    return createRequire(import.meta.url)("sodium-native") as SodiumNative;
  } catch {
    return undefined; // any reason: no package, no binary for this platform, an ABI mismatch
  }
}

function createSigner(sodium: SodiumNative, seed: Uint8Array): Signer {
  const secretKey = new Uint8Array(SECRET_KEY_BYTES);
  sodium.crypto_sign_seed_keypair(new Uint8Array(PUBLIC_KEY_BYTES), secretKey, seed);
  return {
    // libsodium's secret key is seed || A, and this A is the one it hashes: a view, not a copy, so
    // that the check before signing reads the very bytes that will be used.
    publicKey: secretKey.subarray(SECRET_KEY_BYTES - PUBLIC_KEY_BYTES),
    sign(message) {
      const signature = new Uint8Array(SIGNATURE_BYTES);
      sodium.crypto_sign_detached(signature, message, secretKey);
      return signature;
    },
  };
}

const SECRET_KEY_BYTES = 64;
