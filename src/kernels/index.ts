/** The kernels a node uses: Wasm where it runs, the reference otherwise or when asked for. */
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference/kernels.ts";
import { createWasmKernels } from "./wasm/kernels.ts";
import { runsHere } from "./wasm/module.ts";

export interface KernelsOptions {
  /** Default "wasm"; where the host has no SIMD, "reference" takes over with one warning. */
  readonly implementation?: "wasm" | "reference";
  /**
   * Wasm: size of a private memory, 3 MiB to 2 GiB less 64 KiB. Absent: the process's shared one,
   * 1 GiB of address space, committed as it is touched. Replicas, trees and vectors live there.
   */
  readonly memoryBytes?: number;
  /**
   * Wasm: 32 bytes that peers must not know, copied; they key the hash tables of the memory. Absent:
   * zeros, for tests and simulations. No output depends on them. For the shared memory the first
   * caller's count.
   */
  readonly hashKey?: Uint8Array;
}

/**
 * The kernels of this process.
 * @throws MeshError MESH_INVARIANT when the Wasm module is missing or of another layout,
 *   MESH_STATE_FULL when the memory cannot be reserved.
 */
export function createKernels(options: KernelsOptions = {}): Kernels {
  if (options.implementation === "reference") return createReferenceKernels();
  if (runsHere()) return createWasmKernels(options);
  warnOnce();
  return createReferenceKernels();
}

function warnOnce(): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    "this host runs no WebAssembly SIMD: the kernels fall back to JavaScript, with equal results, several times slower",
    { code: "MESH_NO_SIMD" },
  );
}

let hasWarned = false;
