/** A store that lasts as long as the process: not durable, and says so. */
import type { NodeId } from "../../core/node-id.ts";
import { MeshError } from "../../errors.ts";
import type { Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly durable = false;
  readonly path = undefined;
  readonly quarantined = undefined;
  #deltas: Uint8Array[] = [];
  readonly #members = new Map<NodeId, Uint8Array>();
  readonly #meta = new Map<string, Uint8Array>();
  #closed = false;

  async append(bytes: Uint8Array): Promise<void> {
    this.#open();
    // Shared with the delta log, which never writes to it: a copy would double the memory.
    this.#deltas.push(bytes);
  }

  async putMember(node: NodeId, bytes: Uint8Array): Promise<void> {
    this.#open();
    this.#members.set(node, bytes);
  }

  async putMeta(name: string, bytes: Uint8Array): Promise<void> {
    this.#open();
    this.#meta.set(name, bytes);
  }

  async getMeta(name: string): Promise<Uint8Array | undefined> {
    this.#open();
    return this.#meta.get(name);
  }

  async *load(): AsyncGenerator<readonly Uint8Array[]> {
    this.#open();
    yield this.#deltas.slice();
  }

  async members(): Promise<readonly Uint8Array[]> {
    this.#open();
    return [...this.#members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
  }

  async sync(): Promise<void> {
    this.#open();
  }

  async quarantine(): Promise<undefined> {
    this.#open();
    this.#deltas = [];
    this.#members.clear();
    this.#meta.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw new MeshError("MESH_CLOSED", "the store is closed");
  }
}
