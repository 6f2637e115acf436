/**
 * New incarnations of one author, counted once their signature holds. Each takes a place for the
 * life of the mesh, so an author that opens them without end would shut out those who restart.
 *
 * A year of daily restarts, a hundred times over, passes at once (a joiner gets all of it); beyond,
 * one a minute. What comes faster waits with the parked deltas: no incarnation is refused for good,
 * or two correct nodes would hold different sets.
 */
import type { NodeId } from "../node-id.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Incarnations of one author taken at once. */
export const INCARNATIONS_BURST = 4_096;
const INCARNATIONS_PER_SECOND = 1 / 60;
/** Authors counted; beyond, the one that came first is forgotten. */
const AUTHORS_COUNTED_MAX = 4_096;

export class IncarnationLimits {
  readonly #byAuthor = new Map<NodeId, TokenBucket>();

  /** Takes one incarnation of an author; false when it must wait. */
  admits(author: NodeId, monoMs: number): boolean {
    return this.#bucketOf(author, monoMs).take(1, monoMs);
  }

  #bucketOf(author: NodeId, monoMs: number): TokenBucket {
    const held = this.#byAuthor.get(author);
    if (held !== undefined) return held;
    if (this.#byAuthor.size >= AUTHORS_COUNTED_MAX) {
      const [first] = this.#byAuthor.keys();
      if (first !== undefined) this.#byAuthor.delete(first);
    }
    const rate = { perSecond: INCARNATIONS_PER_SECOND, burst: INCARNATIONS_BURST, debtMax: 0 };
    const bucket = new TokenBucket(rate, monoMs);
    this.#byAuthor.set(author, bucket);
    return bucket;
  }
}
