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
  /** Ids by ascending hash, and their hashes. */
  readonly #ids: NodeId[] = [];
  readonly #hashes = new Float64Array(SAMPLE_MAX);
  #lastId: NodeId = "";
  #lastHash = 0;

  /** @param key 32 secret bytes, copied. */
  constructor(kernels: Pick<Kernels, "blake3">, key: Uint8Array) {
    this.#kernels = kernels;
    this.#input = new Uint8Array(key.length + NODE_ID_BYTES);
    this.#input.set(key);
  }

  has(id: NodeId): boolean {
    return this.#ids[this.#placeOf(id)] === id;
  }

  /** Whether an id would be taken. */
  wants(id: NodeId): boolean {
    return this.#placeOf(id) < SAMPLE_MAX && !this.has(id);
  }

  /** Takes an id that it wants; returns the one that had to go. */
  add(id: NodeId): NodeId | undefined {
    const evicted = this.#ids.length >= SAMPLE_MAX ? this.#ids.pop() : undefined;
    const place = this.#placeOf(id);
    this.#ids.splice(place, 0, id);
    this.#hashes.copyWithin(place + 1, place, SAMPLE_MAX - 1);
    this.#hashes[place] = this.#hash(id);
    return evicted;
  }

  /** How many distinct ids were offered: exact while all fit, then (k - 1) / highest of k hashes. */
  get estimate(): number {
    const count = this.#ids.length;
    if (count < SAMPLE_MAX) return count;
    return Math.round((count - 1) / (this.#hashes[count - 1] ?? 1));
  }

  /** How many of the sample have lower hashes. */
  #placeOf(id: NodeId): number {
    const hash = this.#hash(id);
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#hashes[middle] ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
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
