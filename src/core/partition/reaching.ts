/**
 * Who has not answered a call may be cut off from everybody it is linked with, and not from this
 * node: a one-way cut silences links, not members. A few such members are dialled after each call,
 * so that the next one, which may depend on them, finds a way.
 */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";

/** Dialled at once, and how long until the next. */
const REACH_MAX = 3;
const REACH_MS = 1_000;

/** Dials members that the last call has not heard of. */
export function reachUnanswered(core: CoreState, now: Now): void {
  const { partition, membership, view, random, out } = core;
  const { roster, call } = partition;
  if (roster === undefined || call === undefined || now.monoMs < partition.reachMonoMs) return;
  partition.reachMonoMs = now.monoMs + REACH_MS;
  const unheard = roster.missing(call.heard).filter((id) => view.link(id) === undefined);
  for (const peer of random.shuffle(unheard).slice(0, REACH_MAX)) {
    const addresses = membership.get(peer)?.addresses ?? [];
    if (addresses.length > 0) out.links.push({ kind: "reach", peer, addresses });
  }
}
