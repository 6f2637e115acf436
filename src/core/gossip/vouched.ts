/**
 * For which authors a record with its credential has just been sent over a link: it stands for the cut
 * ones that follow (docs/decisions/0018-past-lives.md), and need not be sent before each of them. Time
 * bounds it: one that was lost or not taken is sent anew.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";

export class Vouched {
  /** Until when, in the order of sending. */
  readonly #untilMonoMs = new Map<NodeId, number>();

  /** Whether the author's record is to be sent now; it counts as sent then. */
  isDue(author: NodeId, now: Now): boolean {
    if (now.monoMs < (this.#untilMonoMs.get(author) ?? 0)) return false;
    this.#untilMonoMs.delete(author);
    const [oldest] = this.#untilMonoMs.keys();
    if (this.#untilMonoMs.size >= VOUCHED_MAX && oldest) this.#untilMonoMs.delete(oldest);
    this.#untilMonoMs.set(author, now.monoMs + VOUCHED_MS);
    return true;
  }
}

/** Authors remembered a link: as many as members. */
const VOUCHED_MAX = 2_000;
/** As long as a joiner may go without the record once it has lost it. */
const VOUCHED_MS = 10_000;
