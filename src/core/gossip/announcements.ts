/**
 * Member records to be told to everyone, collected for a moment: when many nodes start at once,
 * each would otherwise hand every record on in a frame of its own. Bounded by the member list.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { SignedMember } from "../wire/member.ts";

/** How long a record waits for company. */
const GATHER_MS = 25;

export class Announcements {
  readonly #waiting = new Map<NodeId, SignedMember>();
  #dueMonoMs = Number.POSITIVE_INFINITY;

  /** When they are to be sent; infinity when there are none. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  add(members: readonly SignedMember[], now: Now): void {
    for (const member of members) this.#waiting.set(member.record.id, member);
    if (this.#waiting.size > 0) {
      this.#dueMonoMs = Math.min(this.#dueMonoMs, now.monoMs + GATHER_MS);
    }
  }

  /** Takes all that wait. */
  take(): SignedMember[] {
    const members = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#dueMonoMs = Number.POSITIVE_INFINITY;
    return members;
  }
}
