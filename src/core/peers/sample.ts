/**
 * A uniform sample of the ids ever offered: the SAMPLE_MAX with the lowest hashes under a secret
 * key. How often an id is offered changes nothing, and who does not know the key cannot choose ids
 * that get in.
 */
import { NODE_ID_BYTES } from "../../../assembly/layout.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";

/** Passive view of a node above the full view's bound (docs/ARCHITECTURE.md). */
export const SAMPLE_MAX = 256;

export class Sample {
  readonly #kernels: Pick<Kernels, "blake3">;
  /** The key, and room for an id behind it. */
  readonly #input: Uint8Array;
  readonly #hashes = new Map<NodeId, number>();
  #highest = 0;
  #highestId: NodeId = "";
  #lastId: NodeId = "";
  #lastHash = 0;

  /** @param key 32 secret bytes, copied. */
  constructor(kernels: Pick<Kernels, "blake3">, key: Uint8Array) {
    this.#kernels = kernels;
    this.#input = new Uint8Array(key.length + NODE_ID_BYTES);
    this.#input.set(key);
  }

  has(id: NodeId): boolean {
    return this.#hashes.has(id);
  }

  /** Whether an id would be taken. */
  wants(id: NodeId): boolean {
    if (this.#hashes.has(id)) return false;
    return this.#hashes.size < SAMPLE_MAX || this.#hash(id) < this.#highest;
  }

  /** Takes an id that it wants; returns the one that had to go. */
  add(id: NodeId): NodeId | undefined {
    const evicted = this.#hashes.size >= SAMPLE_MAX ? this.#highestId : undefined;
    const hash = this.#hash(id);
    this.#hashes.set(id, hash);
    if (evicted !== undefined) {
      this.#hashes.delete(evicted);
      this.#findHighest();
    } else if (hash >= this.#highest) {
      this.#highest = hash;
      this.#highestId = id;
    }
    return evicted;
  }

  /** How many distinct ids were offered: exact while all fit, then (k - 1) / highest of k hashes. */
  get estimate(): number {
    const count = this.#hashes.size;
    return count < SAMPLE_MAX ? count : Math.round((count - 1) / this.#highest);
  }

  #findHighest(): void {
    this.#highest = 0;
    for (const [id, hash] of this.#hashes) {
      if (hash < this.#highest) continue;
      this.#highest = hash;
      this.#highestId = id;
    }
  }

  /** In [0, 1), 48 bits. */
  #hash(id: NodeId): number {
    // Asked for twice of an id that gets in.
    if (id === this.#lastId) return this.#lastHash;
    this.#input.set(nodeIdToBytes(id), this.#input.length - NODE_ID_BYTES);
    const hash = this.#kernels.blake3(this.#input);
    let value = 0;
    for (let i = 0; i < 6; i++) value = value * 256 + (hash[i] ?? 0);
    this.#lastId = id;
    this.#lastHash = value / 2 ** 48;
    return this.#lastHash;
  }
}
