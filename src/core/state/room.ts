/** Whether the replica refuses deltas for want of room, and when its user was told. */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import type { MergedDeltas } from "./merge.ts";

/** A replica at its limit is offered the same again and again: its user is told once in so long. */
const TOLD_MS = 60_000;
/** Peers offer what it lacks every few seconds: it has room again when nothing was refused for so long. */
const FULL_MS = 15_000;

export class Room {
  #refusedMonoMs = Number.NEGATIVE_INFINITY;
  #toldMonoMs = Number.NEGATIVE_INFINITY;
  #isFull = false;

  /** Deltas were refused lately: this node lacks what others hold. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** True when the user is to be told now. */
  refused(monoMs: number): boolean {
    this.#isFull = true;
    this.#refusedMonoMs = monoMs;
    if (monoMs - this.#toldMonoMs < TOLD_MS) return false;
    this.#toldMonoMs = monoMs;
    return true;
  }

  /** To be called now and then. */
  maintain(monoMs: number): void {
    if (monoMs - this.#refusedMonoMs >= FULL_MS) this.#isFull = false;
  }
}

/** Deltas have been merged, or found no room. */
export function noteRoom(core: CoreState, { full }: MergedDeltas, now: Now): void {
  if (full === 0 || !core.room.refused(now.monoMs)) return;
  const { entries } = core.replica.stats;
  core.out.events.push({ kind: "state:full", entries, deltaBytes: core.log.bytes });
}
