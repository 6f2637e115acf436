/**
 * What is announced at once to those that watch this node (its predecessors on the ring): a lone
 * delta as it comes, more in a row gathered. Each node so hears of every delta from two others,
 * about when the tree should bring it, and a parent that has just died is gone around at once.
 */
import type { Now } from "../now.ts";
import { type AnnouncedHead, IHAVE_ENTRIES_MAX } from "../wire/frame.ts";
import { nameOf } from "./missing.ts";

export class PromptHeads {
  readonly #heads = new Map<string, AnnouncedHead>();
  #dueMonoMs = Number.POSITIVE_INFINITY;
  #takenMonoMs = Number.NEGATIVE_INFINITY;

  /** When they are to be announced; infinity when there are none. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  /** At the bound a head is left out: it is announced later, with the others. */
  add(head: AnnouncedHead, gatherMs: number, now: Now): void {
    const name = nameOf(head);
    if (this.#heads.size >= IHAVE_ENTRIES_MAX && !this.#heads.has(name)) return;
    this.#heads.set(name, head);
    const dueMonoMs = Math.max(now.monoMs, this.#takenMonoMs + gatherMs);
    this.#dueMonoMs = Math.min(this.#dueMonoMs, dueMonoMs);
  }

  /** Takes all that wait. */
  take(now: Now): AnnouncedHead[] {
    const heads = [...this.#heads.values()];
    this.#heads.clear();
    this.#dueMonoMs = Number.POSITIVE_INFINITY;
    this.#takenMonoMs = now.monoMs;
    return heads;
  }
}
