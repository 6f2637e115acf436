/**
 * When the replica is to be made anew, and for which deltas besides those of proven authors: such
 * as turned out to be missing in a gap.
 */
import type { Now } from "../now.ts";

export class Rebuilding {
  /** Monotonic ms at which it is due; infinity when there is no reason. */
  dueMonoMs = Number.POSITIVE_INFINITY;
  #doneMonoMs = Number.NEGATIVE_INFINITY;
  #filled: Uint8Array[] = [];

  /** Asks for it, at the earliest so long after the last one: reasons that come together cost one. */
  ask(intervalMs: number, now: Now): void {
    const dueMonoMs = Math.max(now.monoMs, this.#doneMonoMs + intervalMs);
    this.dueMonoMs = Math.min(this.dueMonoMs, dueMonoMs);
  }

  /** Deltas have been put into the log that the replica has not seen. */
  fill(deltas: readonly Uint8Array[]): void {
    for (const delta of deltas) this.#filled.push(delta);
  }

  /** It happens now: what had been put into the log. */
  begin(now: Now): readonly Uint8Array[] {
    const filled = this.#filled;
    this.#filled = [];
    this.dueMonoMs = Number.POSITIVE_INFINITY;
    this.#doneMonoMs = now.monoMs;
    return filled;
  }
}
