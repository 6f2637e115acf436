/**
 * The fallback without native code: @noble/ed25519's point arithmetic, used cofactorlessly.
 *
 * Never noble's `verify`: it multiplies by the cofactor and re-reads lenient encodings, which is
 * another rule (docs/ARCHITECTURE.md). Only `Point` is used, so noble's process-wide hash slot stays as
 * it is. BigInt arithmetic is not constant time: whoever can time many signatures of one key should
 * run a native backend.
 */
import { createHash } from "node:crypto";
import { Point } from "@noble/ed25519";
import type { Backend, Signer } from "./backend.ts";
import { GROUP_ORDER, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from "./strict.ts";

export function createPortableBackend(): Backend {
  return { name: "portable", verifyEquation, createSigner };
}

function verifyEquation(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const key = decodePoint(publicKey);
  if (key === undefined) return false;
  const commitment = signature.subarray(0, PUBLIC_KEY_BYTES);
  const s = integerOf(signature.subarray(PUBLIC_KEY_BYTES));
  // k is reduced mod L before use: with a key of mixed order the unreduced k is another multiple.
  const k = hashToScalar(commitment, publicKey, message);
  const expected = Point.BASE.multiply(s, false).subtract(key.multiply(k, false));
  return equalBytes(expected.toBytes(), commitment);
}

function decodePoint(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined; // y is on no point of the curve
  }
}

/** RFC 8032 sections 5.1.5 and 5.1.6. */
function createSigner(seed: Uint8Array): Signer {
  const digest = createHash("sha512").update(seed).digest();
  const head = digest.subarray(0, 32);
  head[0] = (head[0] ?? 0) & 0xf8;
  head[31] = ((head[31] ?? 0) & 0x7f) | 0x40;
  const scalar = integerOf(head) % L;
  const prefix = digest.subarray(32);
  const publicKey = Point.BASE.multiply(scalar).toBytes();
  return {
    publicKey,
    sign(message) {
      const nonce = hashToScalar(prefix, message);
      const signature = new Uint8Array(SIGNATURE_BYTES);
      signature.set(Point.BASE.multiply(nonce).toBytes());
      const k = hashToScalar(signature.subarray(0, PUBLIC_KEY_BYTES), publicKey, message);
      writeInteger(signature.subarray(PUBLIC_KEY_BYTES), (nonce + k * scalar) % L);
      return signature;
    },
  };
}

function hashToScalar(...parts: readonly Uint8Array[]): bigint {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return integerOf(hash.digest()) % L;
}

function integerOf(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(littleEndian).reverse().toString("hex")}`);
}

function writeInteger(target: Uint8Array, value: bigint): void {
  target.set(Buffer.from(value.toString(16).padStart(target.length * 2, "0"), "hex").reverse());
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

const L = integerOf(GROUP_ORDER);
