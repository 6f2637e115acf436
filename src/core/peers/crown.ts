/**
 * The top of the backbone, as a partial view keeps it beside its sample: the CROWN_MAX members of
 * lowest height, which are those of the highest levels. Every view that has heard of them keeps the
 * same ones, so inner nodes find one another where nobody knows everybody.
 */
import { heightOf } from "../gossip/backbone.ts";
import type { NodeId } from "../node-id.ts";

/** Of 10,000 members 69 are of the second level or higher. */
export const CROWN_MAX = 64;

export class Crown {
  readonly #heights = new Map<NodeId, number>();
  #highest = 0;

  has(id: NodeId): boolean {
    return this.#heights.has(id);
  }

  /** Whether an id would be taken. */
  wants(id: NodeId): boolean {
    if (this.#heights.has(id)) return false;
    return this.#heights.size < CROWN_MAX || heightOf(id) < this.#highest;
  }

  /** Takes an id that it wants; returns the one that had to go. */
  add(id: NodeId): NodeId | undefined {
    const evicted = this.#heights.size >= CROWN_MAX ? this.#highestId() : undefined;
    if (evicted !== undefined) this.#heights.delete(evicted);
    this.#heights.set(id, heightOf(id));
    this.#highest = Math.max(...this.#heights.values());
    return evicted;
  }

  delete(id: NodeId): void {
    this.#heights.delete(id);
    this.#highest = Math.max(0, ...this.#heights.values());
  }

  #highestId(): NodeId | undefined {
    for (const [id, height] of this.#heights) if (height === this.#highest) return id;
    return undefined;
  }
}
