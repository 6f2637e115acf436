/** The member list as roll calls see it. */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { NEVER } from "./partition-state.ts";
import { Roster } from "./roster.ts";

/**
 * The present roster; a call that is on follows it.
 * @param sinceMonoMs since when members are known that are new in it.
 */
export function lookAtMembers(core: CoreState, now: Now, sinceMonoMs = now.monoMs): Roster {
  const { partition, membership, config, deps } = core;
  const ids = membership.present();
  const before = partition.roster;
  if (before?.ids === ids) return before;
  const roster = new Roster(ids, {
    kernels: deps.kernels,
    counts: (id) => membership.get(id)?.region === config.region,
    before,
    sinceMonoMs,
  });
  partition.roster = roster;
  followMembers(core, roster);
  for (const peer of partition.silent.keys()) {
    if (roster.placeOf(peer) === undefined) partition.silent.delete(peer);
  }
  return roster;
}

/** Those who answered last are counted anew: of them, too, some may have left. */
function followMembers({ partition }: CoreState, roster: Roster): void {
  const { call } = partition;
  if (call === undefined) return;
  call.follow(roster);
  if (partition.isCalling) return;
  partition.answered = Math.max(1, roster.tally(call.heard, NEVER).answered);
}
