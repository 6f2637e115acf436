/**
 * The signatures the core is given: one synchronous interface, types only.
 *
 * Every implementation gives the verdicts of rule mesh-ed25519-v1 (docs/ARCHITECTURE.md), so that no
 * two correct nodes judge the same bytes differently. The core never sees a secret: a signing key
 * is a handle that only the implementation which made it can use.
 */

/** A handle on a secret key. Valid only for the {@link Crypto} that made it; never serialised. */
export interface SigningKey {
  /** 32 bytes, RFC 8032 encoding of A. Shared: read it, never write it. */
  readonly publicKey: Uint8Array;
}

/** Sign and verify under rule mesh-ed25519-v1. Synchronous, deterministic, without global state. */
export interface Crypto {
  /** What does the arithmetic ("sodium", "openssl", "portable", "fake"); for people and telemetry. */
  readonly backend: string;

  /**
   * Signs `message`: deterministic Ed25519, RFC 8032 section 5.1.6.
   * @param message any length; borrowed.
   * @param key     from this object's {@link Crypto.createSigningKey}.
   * @returns 64 bytes R || S; transferred.
   * @throws MeshError MESH_INVARIANT if the key is foreign or its public key is no longer the derived
   *   one (signing under another public key would reveal the secret).
   */
  sign(message: Uint8Array, key: SigningKey): Uint8Array;

  /**
   * The verdict of the rule. Total: any bytes of any length give true or false, nothing is thrown.
   * All arguments are borrowed and must not change during the call.
   */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

  /**
   * Makes a signing key.
   * @param seed 32 secret bytes (RFC 8032 private key); copied.
   * @throws MeshError MESH_VALUE_INVALID for another length.
   */
  createSigningKey(seed: Uint8Array): SigningKey;
}
