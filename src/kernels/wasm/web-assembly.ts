/**
 * The part of the global `WebAssembly` that the kernels use, typed: its declarations come with
 * TypeScript's DOM library, which this package leaves out on purpose.
 */

export interface LinearMemory {
  readonly buffer: ArrayBuffer;
}

/** A compiled module; opaque. */
export type CompiledModule = object;

interface WebAssemblyGlobal {
  readonly Memory: new (limits: {
    /** Pages of 64 KiB. */
    readonly initial: number;
    readonly maximum: number;
  }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
}

export const webAssembly: WebAssemblyGlobal = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }
).WebAssembly;
