/** Failure detection's place in the core: before each input, at its deadline, beside the links. */
import type { CoreState } from "../core-state.ts";
import type { MemberIds } from "../gossip/active-view.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { flushDepartures } from "./departing.ts";
import { judge, judgementDueMonoMs } from "./judging.ts";
import { probeNext, probesDue } from "./probing.ts";
import { redial, redialDueMonoMs } from "./redial.ts";
import { flushRumours } from "./words.ts";

/** An input has come late: an own pause makes the probes under way say nothing. */
export function noteLateness(core: CoreState, lateMs: number, now: Now): void {
  if (core.failure.health.late(lateMs, now)) core.failure.probes.voidAll(now);
}

/** Does what is due. */
export function detectFailures(core: CoreState, now: Now): void {
  const { probes, rumours, departures } = core.failure;
  probesDue(core, now);
  if (probes.turnMonoMs <= now.monoMs) probeNext(core, now);
  judge(core, now);
  if (redialDueMonoMs(core) <= now.monoMs) redial(core, now);
  if (rumours.dueMonoMs <= now.monoMs) flushRumours(core, now);
  if (departures.dueMonoMs <= now.monoMs) flushDepartures(core, now);
}

/** Monotonic ms at which detectFailures is next due. */
export function failureDeadline(core: CoreState): number {
  const { probes, rumours, departures } = core.failure;
  return Math.min(
    probes.dueMonoMs,
    rumours.dueMonoMs,
    departures.dueMonoMs,
    judgementDueMonoMs(core),
    redialDueMonoMs(core),
  );
}

/**
 * Members to plan links for: present and not unreachable. Sorted, with the own node; the same array
 * until they change, so that a plan that stands is not made again.
 */
export function reachableMembers(core: CoreState): MemberIds {
  const { membership, failure } = core;
  const { standings } = failure;
  if (standings.unreachableCount === 0) {
    failure.reachable = undefined;
    return membership;
  }
  const of = membership.present();
  const { verdicts } = standings;
  const held = failure.reachable;
  if (held?.of === of && held.verdicts === verdicts) return held.members;
  const members = without(core, of);
  failure.reachable = { of, verdicts, members };
  return members;
}

function without({ membership, failure, config }: CoreState, of: readonly NodeId[]): MemberIds {
  const isReachable = (id: NodeId): boolean => !failure.standings.isUnreachable(id);
  const present = of.filter(isReachable);
  let ownParent: { readonly id: NodeId | undefined } | undefined;
  return {
    present: () => present,
    isPresent: (id) => membership.isPresent(id) && isReachable(id),
    parentOf: (self) => {
      if (self !== config.nodeId) return membership.parentOf(self, isReachable);
      ownParent ??= { id: membership.parentOf(self, isReachable) };
      return ownParent.id;
    },
    isPartial: membership.isPartial,
  };
}
