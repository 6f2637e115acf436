/** Test support: every implementation of the replica, for tests that hold for each. */
import type { Kernels } from "../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { createNaivePrimitives } from "./naive-primitives.ts";

export const replicaKernels: readonly [string, Kernels][] = [
  ["reference", createReferenceKernels(createNaivePrimitives())],
  ["wasm", createWasmKernels()],
];
