/**
 * New incarnations of one author, counted once their signature holds. Each takes a place for the
 * life of the mesh, so an author that opens them without end would shut out those who restart.
 *
 * A year of daily restarts, a hundred times over, passes at once (a joiner gets all of it); beyond,
 * one a minute. What comes faster waits with the parked deltas: no incarnation is refused for good,
 * or two correct nodes would hold different sets.
 */
import type { NodeId } from "../node-id.ts";

/** Incarnations of one author taken at once. */
export const INCARNATIONS_BURST = 4_096;
/** Authors counted; beyond, the one that was admitted longest ago is forgotten. */
const AUTHORS_COUNTED_MAX = 4_096;

/** An author's tokens come back one in so many ms. */
const TOKEN_MS = 60_000;

export class IncarnationLimits {
  /**
   * When each author's bucket is full again (the generic cell rate algorithm: one number a bucket),
   * in the order of the last taken; a full bucket is as good as none. By the first 48 bits of the
   * id: whoever grinds a key to share another's place makes it wait with the parked, no more.
   */
  readonly #fullMonoMs = new Map<number, number>();

  /** Takes one incarnation of an author; false when it must wait. */
  admits(author: NodeId, monoMs: number): boolean {
    this.#forgetFull(monoMs);
    const key = Number.parseInt(author.slice(0, 12), 16);
    const fullMonoMs = Math.max(monoMs, this.#fullMonoMs.get(key) ?? monoMs);
    if (fullMonoMs - monoMs > (INCARNATIONS_BURST - 1) * TOKEN_MS) return false;
    this.#fullMonoMs.delete(key);
    this.#fullMonoMs.set(key, fullMonoMs + TOKEN_MS);
    return true;
  }

  /** Of those at the front; at the bound the first goes all the same. */
  #forgetFull(monoMs: number): void {
    for (const [key, fullMonoMs] of this.#fullMonoMs) {
      if (fullMonoMs > monoMs && this.#fullMonoMs.size < AUTHORS_COUNTED_MAX) return;
      this.#fullMonoMs.delete(key);
    }
  }
}
