/**
 * Rule mesh-ed25519-v1 (docs/ARCHITECTURE.md): one verdict for any bytes, whatever does the arithmetic.
 *
 * 1. Byte checks first, ours (strict.ts). 2. Then the cofactorless equation, by the fastest backend
 * that is present and passes the self-test. 3. Signing is RFC 8032's, under the derived public key
 * only. Published as `knhk-mesh/signature`; the core receives a {@link Crypto} made here.
 */
import { randomBytes } from "node:crypto";
import type { Crypto, SigningKey } from "../../core/trust/crypto.ts";
import { MeshError } from "../../errors.ts";
import { BACKEND_NAMES, type Backend, type BackendName, type Signer } from "./backend.ts";
import { createOpensslBackend } from "./openssl.ts";
import { createPortableBackend } from "./portable.ts";
import { selfTestFailure } from "./self-test.ts";
import { loadSodiumBackend } from "./sodium.ts";
import { SEED_BYTES, strictRefusal } from "./strict.ts";

export type { Crypto } from "../../core/trust/crypto.ts";

/** One backend, or a choice: `native` is sodium, else openssl. */
export type BackendChoice = BackendName | "native";

export interface CryptoOptions {
  /** Default: the first of sodium, openssl, portable that is present and passes the self-test. */
  readonly backend?: BackendChoice;
}

/** A key pair of {@link generateKey}: 32-byte RFC 8032 seed (secret) and 32-byte public key. */
export interface KeyPair {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * Builds a {@link Crypto} on the first backend that passes the self-test (some ms; once per process
 * or worker).
 * @throws MeshError MESH_INVARIANT when no allowed backend serves; `details.tried` says why each.
 */
export function createCrypto(options: CryptoOptions = {}): Crypto {
  return selectCrypto(candidatesOf(options.backend).map((name) => () => loadBackend(name)));
}

/**
 * The first candidate that loads and passes the self-test, in order; later ones are not loaded.
 * @throws MeshError MESH_INVARIANT when there is none.
 */
export function selectCrypto(candidates: readonly (() => Backend | undefined)[]): Crypto {
  const tried: string[] = [];
  for (const load of candidates) {
    const backend = load();
    if (backend === undefined) {
      tried.push("not available on this platform");
      continue;
    }
    const crypto = composeCrypto(backend);
    const failure = selfTestFailure(crypto);
    if (failure === undefined) return crypto;
    tried.push(`${backend.name}: ${failure}`);
  }
  throw new MeshError("MESH_INVARIANT", "no ed25519 backend passes the self-test", {
    details: { tried },
  });
}

/**
 * Whether `signature` is valid under rule mesh-ed25519-v1.
 * @param signature 64 bytes R || S; `publicKey` 32 bytes; other lengths are false. All borrowed.
 * @returns the verdict; any bytes give one, nothing is thrown for them.
 * @throws MeshError MESH_VALUE_INVALID if an argument is no Uint8Array.
 */
export function verify(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  options: CryptoOptions = {},
): boolean {
  for (const bytes of [signature, message, publicKey]) requireBytes(bytes);
  return sharedCrypto(options.backend).verify(signature, message, publicKey);
}

/**
 * Signs with a seed: deterministic, RFC 8032 section 5.1.6. Derives the key on each call; who signs
 * often keeps a {@link SigningKey}.
 * @param seed 32 secret bytes; borrowed.
 * @returns 64 bytes; transferred.
 * @throws MeshError MESH_VALUE_INVALID for no Uint8Array or a seed of another length.
 */
export function sign(
  message: Uint8Array,
  seed: Uint8Array,
  options: CryptoOptions = {},
): Uint8Array {
  requireBytes(message);
  const crypto = sharedCrypto(options.backend);
  return crypto.sign(message, crypto.createSigningKey(seed));
}

/** A fresh key pair from the system's random source; transferred. */
export function generateKey(options: CryptoOptions = {}): KeyPair {
  const seed = Uint8Array.from(randomBytes(SEED_BYTES));
  const { publicKey } = sharedCrypto(options.backend).createSigningKey(seed);
  return { seed, publicKey };
}

function composeCrypto(backend: Backend): Crypto {
  const signers = new WeakMap<SigningKey, Signer>();
  return Object.freeze({
    backend: backend.name,
    sign: (message, key) => signerOf(signers, key).sign(message),
    verify: (signature, message, publicKey) =>
      strictRefusal(signature, publicKey) === undefined &&
      backend.verifyEquation(signature, message, publicKey),
    createSigningKey(seed) {
      requireBytes(seed, SEED_BYTES);
      const signer = backend.createSigner(seed);
      const key: SigningKey = Object.freeze({ publicKey: Uint8Array.from(signer.publicKey) });
      signers.set(key, signer);
      return key;
    },
  } satisfies Crypto);
}

/**
 * Two signatures of one message under two public keys reveal the secret scalar, so a flipped or
 * overwritten key must stop the signer: the copy given out is compared with the one that is hashed.
 */
function signerOf(signers: WeakMap<SigningKey, Signer>, key: SigningKey): Signer {
  const signer = signers.get(key);
  if (signer === undefined) {
    throw new MeshError("MESH_INVARIANT", "signing key was made by another Crypto");
  }
  if (Buffer.compare(signer.publicKey, key.publicKey) !== 0) {
    throw new MeshError("MESH_INVARIANT", "signing key's public key is not the derived one");
  }
  return signer;
}

function requireBytes(value: unknown, length?: number): void {
  if (value instanceof Uint8Array && (length === undefined || value.length === length)) return;
  const expected = length === undefined ? "a Uint8Array" : `a Uint8Array of ${length} bytes`;
  const got = value instanceof Uint8Array ? `${value.length} bytes` : typeof value;
  throw new MeshError("MESH_VALUE_INVALID", `expected ${expected}, got ${got}`, {
    details: { expected, got },
  });
}

function candidatesOf(choice: BackendChoice | undefined): readonly BackendName[] {
  if (choice === undefined) return BACKEND_NAMES;
  return choice === "native" ? ["sodium", "openssl"] : [choice];
}

function loadBackend(name: BackendName): Backend | undefined {
  switch (name) {
    case "sodium":
      return loadSodiumBackend();
    case "openssl":
      return createOpensslBackend();
    case "portable":
      return createPortableBackend();
    default:
      return undefined;
  }
}

// For the free functions only; at most one per choice. A node builds its own with createCrypto.
const shared = new Map<BackendChoice | "any", Crypto>();

function sharedCrypto(choice: BackendChoice | undefined): Crypto {
  const held = shared.get(choice ?? "any");
  if (held !== undefined) return held;
  const made = createCrypto(choice === undefined ? {} : { backend: choice });
  shared.set(choice ?? "any", made);
  return made;
}
