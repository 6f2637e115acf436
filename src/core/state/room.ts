/** Whether the replica has found room for what it was given last, and when its user was told it had not. */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import type { MergedDeltas } from "./merge.ts";

/** A replica at its limit is offered the same again and again: its user is told once in so long. */
const TOLD_MS = 60_000;

export class Room {
  /** The last deltas found none. */
  isFull = false;
  #toldMonoMs = Number.NEGATIVE_INFINITY;

  /** True when the user is to be told now. */
  refused(monoMs: number): boolean {
    this.isFull = true;
    if (monoMs - this.#toldMonoMs < TOLD_MS) return false;
    this.#toldMonoMs = monoMs;
    return true;
  }
}

/** Deltas have been applied, or found no room. */
export function noteRoom(core: CoreState, { applied, full }: MergedDeltas, now: Now): void {
  if (full === 0) {
    if (applied.length > 0) core.room.isFull = false;
  } else if (core.room.refused(now.monoMs)) {
    const { entries } = core.replica.stats;
    core.out.events.push({ kind: "state:full", entries, deltaBytes: core.log.bytes });
  }
}
