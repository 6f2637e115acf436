/**
 * What a backend is: the arithmetic of Ed25519, nothing of the rule.
 *
 * A backend only ever sees a signature and public key that passed the byte checks of strict.ts, and
 * is used only after the self-test. One file each: sodium.ts, openssl.ts, portable.ts.
 */

/** Fastest first: the order in which a backend is chosen. */
export const BACKEND_NAMES = ["sodium", "openssl", "portable"] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

/** A secret ready to sign. */
export interface Signer {
  /** The derived 32 bytes that go into every signature's hash; never handed out. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes, RFC 8032 section 5.1.6; transferred. */
  sign(message: Uint8Array): Uint8Array;
}

export interface Backend {
  readonly name: BackendName;
  /**
   * Whether encode([S]B - [k]A) equals R's bytes, k = SHA-512(R || A || M) mod L. False also when A
   * is not a point. All borrowed; never throws on input that passed the byte checks.
   */
  verifyEquation(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** @param seed exactly 32 bytes; copied. */
  createSigner(seed: Uint8Array): Signer;
}
