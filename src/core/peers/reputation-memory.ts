/**
 * Reputations of peers that left below 1.0: leaving and returning must not wash an offence away.
 *
 * Bounded; the longest remembered goes first. New identities are free only in an open mesh, where
 * no memory helps; in a closed one each costs a certificate.
 */

import type { NodeId } from "../node-id.ts";

/** Reputations of absent peers. */
export class ReputationMemory {
  readonly #reputations = new Map<NodeId, number>();
  readonly #limit: number;

  /** @param limit most ids remembered. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps what a leaving peer is to return with; an untarnished one needs no memory. */
  remember(id: NodeId, reputation: number): void {
    if (reputation >= 1 || this.#limit === 0) return;
    if (this.#reputations.size >= this.#limit) {
      for (const oldest of this.#reputations.keys()) {
        this.#reputations.delete(oldest);
        break;
      }
    }
    this.#reputations.set(id, reputation);
  }

  has(id: NodeId): boolean {
    return this.#reputations.has(id);
  }

  /** Forgets and returns an id's reputation; 1 when there is nothing to remember. */
  recall(id: NodeId): number {
    const reputation = this.#reputations.get(id) ?? 1;
    this.#reputations.delete(id);
    return reputation;
  }
}
