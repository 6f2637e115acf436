/** A running hash over everything that happens in a world: equal traces, equal hashes. */
import type { Kernels } from "../kernels/kernels.ts";

export class Trace {
  readonly #kernels: Kernels;
  #hash: Uint8Array = new Uint8Array(32);
  #events = 0;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  get events(): number {
    return this.#events;
  }

  /** 64 hex digits. */
  get hash(): string {
    return Array.from(this.#hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Adds one happening: when, at which node, what, and its bytes. */
  add(atMs: number, node: number, kind: number, bytes: Uint8Array = NOTHING): void {
    const head = new Uint8Array(32 + 16 + bytes.length);
    head.set(this.#hash);
    const view = new DataView(head.buffer);
    view.setFloat64(32, atMs);
    view.setUint32(40, node);
    view.setUint32(44, kind);
    head.set(bytes, 48);
    this.#hash = this.#kernels.blake3(head);
    this.#events += 1;
  }
}

const NOTHING = new Uint8Array(0);
