/**
 * The three backends for tests: composed with the byte checks, each required to be present (a
 * missing sodium-native would silently halve the differential tests).
 */
import type { BackendName } from "../../src/node/signature/backend.ts";
import { BACKEND_NAMES } from "../../src/node/signature/backend.ts";
import { type Crypto, createCrypto } from "../../src/node/signature/signature.ts";

export const CRYPTOS: readonly (readonly [BackendName, Crypto])[] = BACKEND_NAMES.map((name) => [
  name,
  createCrypto({ backend: name }),
]);

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
