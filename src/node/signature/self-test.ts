/**
 * The self-test: a backend serves only after it has answered every known vector rightly.
 *
 * A library's verdicts are not its documented interface and have changed within one Node major
 * version. A node that starts with a deviating backend would split from the mesh on the first crafted
 * signature and punish correct peers for it; refusing to use it costs a few milliseconds at start.
 */
import type { Crypto } from "../../core/trust/crypto.ts";
import { SELF_TEST_VECTORS, type SelfTestVector } from "./self-test-vectors.ts";

/**
 * Runs every vector through the composed rule (byte checks and backend), and signs where a seed is given.
 * @returns the first thing that went wrong, for people; undefined when all is right. Never throws.
 */
export function selfTestFailure(crypto: Crypto): string | undefined {
  for (const vector of SELF_TEST_VECTORS) {
    const failure = vectorFailure(crypto, vector);
    if (failure !== undefined) return `${vector.name}: ${failure}`;
  }
  return undefined;
}

function vectorFailure(crypto: Crypto, vector: SelfTestVector): string | undefined {
  const [publicKey, message, signature] = [vector.publicKey, vector.message, vector.signature].map(
    bytesOf,
  ) as [Uint8Array, Uint8Array, Uint8Array];
  try {
    const verdict: unknown = crypto.verify(signature, message, publicKey);
    if (verdict !== vector.valid) return `expected verdict ${vector.valid}, got ${String(verdict)}`;
    if (vector.seed === undefined) return undefined;
    const key = crypto.createSigningKey(bytesOf(vector.seed));
    if (hexOf(key.publicKey) !== vector.publicKey) return "derived another public key";
    if (hexOf(crypto.sign(message, key)) !== vector.signature) return "made another signature";
    return undefined;
  } catch (error) {
    return `threw ${String(error)}`;
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
