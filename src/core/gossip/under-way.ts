/**
 * What repair has sent over a link a moment ago: by incarnation, up to which seq. A peer that is
 * behind asks again, by a round, an announcement or an orphan, before the answer has reached it; what
 * is under way is not sent to it twice. Time bounds it: an answer that was lost is sent anew, whatever
 * has gone after it meanwhile.
 */
import type { Now } from "../now.ts";

interface Sent {
  /** Up to where the peer was when it was sent. */
  readonly after: number;
  readonly seq: number;
  readonly untilMonoMs: number;
}

export class UnderWay {
  readonly #sent = new Map<string, Sent>();

  /** The seq after which an answer is to begin, for a peer that holds an incarnation up to `after`. */
  from(name: string, after: number, now: Now): number {
    const sent = this.#sent.get(name);
    if (sent === undefined) return after;
    if (now.monoMs < sent.untilMonoMs) return Math.max(after, sent.seq);
    this.#sent.delete(name);
    return after;
  }

  /**
   * Deltas up to `seq` have been sent to a peer that held them up to `after`.
   * @param forMs how long they may take to be heard of. One that asks again from where it was has
   *   them no longer on its way for what was sent it besides.
   */
  sent(
    name: string,
    range: { readonly after: number; readonly seq: number },
    forMs: number,
    now: Now,
  ): void {
    const held = this.#sent.get(name);
    this.#sent.delete(name);
    const oldest = this.#sent.keys().next();
    if (this.#sent.size >= UNDER_WAY_MAX && oldest.done !== true) this.#sent.delete(oldest.value);
    const isOn = held !== undefined && now.monoMs < held.untilMonoMs && held.after === range.after;
    this.#sent.set(name, { ...range, untilMonoMs: isOn ? held.untilMonoMs : now.monoMs + forMs });
  }
}

/** Incarnations remembered a link: those of four leaves of the frontier. */
export const UNDER_WAY_MAX = 64;
