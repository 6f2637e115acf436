/**
 * A node that comes back with members on its disk. They have gone on without it, and it may stand
 * on the wrong side of a cut: it takes no writes until a quorum has answered, as after any cut. Who
 * knows of nobody that counts is a mesh of its own, or new to one, and has nobody to ask.
 */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { standing } from "./health.ts";
import { lookAtMembers } from "./members.ts";
import { NEVER } from "./partition-state.ts";
import { wantCall } from "./schedule.ts";

/** A part of the store has been taken back; more may follow, and take members away again. */
export function comeBack(core: CoreState, now: Now): void {
  const { partition } = core;
  // Members of an earlier life have had their time to be heard: none of them counts as new.
  lookAtMembers(core, now, -NEVER);
  partition.isReturning = standing(core).quorum > 1;
  // Nobody has been told of another health: this is where the node begins.
  partition.health = partition.isReturning ? "partitioned" : "healthy";
}

/** The first exchange of this life has ended: from here on a call has somewhere to go. */
export function meetAgain(core: CoreState, now: Now): void {
  const { partition } = core;
  if (!partition.isReturning) return;
  partition.isReturning = false;
  wantCall(core, now);
}
