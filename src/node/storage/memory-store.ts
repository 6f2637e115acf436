/** A store that lasts as long as the process: not durable, and says so. */
import { MeshError } from "../../errors.ts";
import type { Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly durable = false;
  readonly #deltas: Uint8Array[] = [];
  #closed = false;

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new MeshError("MESH_CLOSED", "the store is closed");
    this.#deltas.push(bytes);
  }

  async *load(): AsyncGenerator<Uint8Array> {
    // The length now: what is appended meanwhile was not there when load began.
    const count = this.#deltas.length;
    for (let i = 0; i < count; i++) {
      const delta = this.#deltas[i];
      if (delta !== undefined) yield delta;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
