/** A store that lasts as long as the process: not durable, and says so. */
import type { NodeId } from "../../core/node-id.ts";
import type { CompactedPart } from "../../core/state/compaction.ts";
import { signatureIn } from "../../core/wire/signature-in.ts";
import { MeshError } from "../../errors.ts";
import type { Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly durable = false;
  readonly path = undefined;
  readonly quarantined = undefined;
  #deltas: Uint8Array[] = [];
  #dropped = new Set<string>();
  #stubs = new Map<string, Uint8Array>();
  #swept: Promise<void> = Promise.resolve();
  readonly #members = new Map<NodeId, Uint8Array>();
  readonly #meta = new Map<string, Uint8Array>();
  #closed = false;

  async append(bytes: Uint8Array): Promise<void> {
    this.#open();
    // Shared with the delta log, which never writes to it: a copy would double the memory.
    this.#deltas.push(bytes);
  }

  async compact({ dropped, stubs, isLast }: CompactedPart): Promise<void> {
    this.#open();
    for (const delta of dropped) this.#dropped.add(nameOf(delta));
    for (const stub of stubs) this.#stubs.set(nameOf(stub), stub);
    // One after another: each looks at what the one before it has left.
    if (isLast) this.#swept = this.#swept.then(() => this.#sweep());
    return this.#swept;
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

  /** Follows what has gathered, in parts. */
  async #sweep(): Promise<void> {
    const [dropped, stubs, deltas] = [this.#dropped, this.#stubs, this.#deltas];
    this.#dropped = new Set();
    this.#stubs = new Map();
    const kept: Uint8Array[] = [];
    for (let i = 0; i < deltas.length; i++) {
      if (i % SWEEP_DELTAS === SWEEP_DELTAS - 1) await new Promise(setImmediate);
      const delta = deltas[i];
      const name = delta && nameOf(delta);
      if (delta === undefined || name === undefined || dropped.has(name)) continue;
      kept.push(stubs.get(name) ?? delta);
    }
    // Put away meanwhile: it goes on empty.
    if (this.#deltas === deltas) this.#deltas = kept;
  }

  #open(): void {
    if (this.#closed) throw new MeshError("MESH_CLOSED", "the store is closed");
  }
}

function nameOf(delta: Uint8Array): string {
  return Buffer.from(signatureIn(delta)).toString("latin1");
}

/** Deltas looked at before others have their turn, about 2 ms. */
const SWEEP_DELTAS = 4_096;
