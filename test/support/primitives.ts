/**
 * Both kernel implementations, and byte strings for their tests.
 */
import type { Primitives } from "../../src/kernels/kernels.ts";
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";

export const implementations: readonly [string, Primitives][] = [
  ["reference", createReferencePrimitives()],
  ["wasm", createWasmKernels()],
];

/** Byte i is (i + start) mod 251: no two rows of a block or lane are alike. */
export function numberedBytes(length: number, start = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index + start) % 251);
}

/** A 32-byte key that starts with the given bytes and ends in zeros. */
export function keyOf(...bytes: number[]): Uint8Array {
  const key = new Uint8Array(32);
  key.set(bytes);
  return key;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
