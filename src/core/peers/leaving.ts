/**
 * Leaving. To the others a leave that nobody has heard of is a silence: the member counts in n for
 * ten minutes more, and its last writes are nowhere. So a node that leaves says goodbye again and
 * again, and stays until those it is linked with have shown that they know of it (they hand it on)
 * and hold all that it wrote; or it has waited for long enough.
 *
 * 1. Whoever has left, too, or does not answer is not waited for: after a while a few are enough.
 * 2. A node that leaves answers as before, so that nobody counts it out who has not heard of it.
 * 3. It takes no writes, and no other record of it follows.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";

/** It goes after this long, whatever it has heard; less than a link that it leaves is flushed for. */
export const LEAVE_MS = 2_000;
/** After this long some of the peers are enough. */
export const LEAVE_SOME_MS = 1_000;
/** Peers are asked after so long, then twice as long, up to the last. */
const ASK_MS_MIN = 25;
const ASK_MS_MAX = 200;

const NEVER = Number.POSITIVE_INFINITY;

export class Leaving {
  /** When the leave began; later than any instant before. */
  #sinceMonoMs = NEVER;
  #askMs = ASK_MS_MIN;
  #dueMonoMs = NEVER;
  #isOver = false;
  /** Own stamps since: who echoes one has had what was sent before it. */
  readonly #stamps = new Set<number>();
  /** Peers that have shown that they know of the leave, and that hold the own writes. */
  readonly #informed = new Set<NodeId>();
  readonly #holders = new Set<NodeId>();

  /** Leaving, or gone. */
  get isOn(): boolean {
    return this.#sinceMonoMs !== NEVER;
  }

  /** Nothing keeps this node any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** When peers are next asked. */
  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  begin(now: Now): void {
    this.#sinceMonoMs = now.monoMs;
    this.#dueMonoMs = now.monoMs;
  }

  lastsMs(now: Now): number {
    return now.monoMs - this.#sinceMonoMs;
  }

  /** A stamp has been sent. */
  stamped(stamp: number): void {
    if (this.isOn) this.#stamps.add(stamp);
  }

  /** Whether a stamp is of this leave. */
  knows(stamp: number): boolean {
    return this.#stamps.has(stamp);
  }

  informed(peer: NodeId): void {
    this.#informed.add(peer);
  }

  holds(peer: NodeId): void {
    this.#holders.add(peer);
  }

  isInformed(peer: NodeId): boolean {
    return this.#informed.has(peer);
  }

  /** Whether nothing is to be waited for from a peer. */
  isDone(peer: NodeId): boolean {
    return this.#informed.has(peer) && this.#holders.has(peer);
  }

  /** Peers are being asked: the next time comes later. */
  asked(now: Now): void {
    this.#dueMonoMs = Math.min(now.monoMs + this.#askMs, this.#sinceMonoMs + LEAVE_MS);
    this.#askMs = Math.min(ASK_MS_MAX, this.#askMs * 2);
  }

  end(): void {
    this.#isOver = true;
    this.#dueMonoMs = NEVER;
  }
}
