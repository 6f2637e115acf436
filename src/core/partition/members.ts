/** The member list as roll calls see it. */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { Roster } from "./roster.ts";

/** The present roster; a call that is on follows it. */
export function lookAtMembers(core: CoreState, now: Now): Roster {
  const { partition, membership, config, deps } = core;
  const ids = membership.present();
  const before = partition.roster;
  if (before?.ids === ids) return before;
  const roster = new Roster(ids, {
    kernels: deps.kernels,
    counts: (id) => membership.get(id)?.region === config.region,
    before,
    now,
  });
  partition.roster = roster;
  partition.call?.follow(roster);
  for (const peer of partition.silent.keys()) {
    if (roster.placeOf(peer) === undefined) partition.silent.delete(peer);
  }
  return roster;
}
