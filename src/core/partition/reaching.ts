/**
 * Who has not answered a call may be cut off from everybody it is linked with, and not from this
 * node: a one-way cut silences links, not members. A few such members are dialled after a call that
 * a quorum has answered, so that the next one, which may depend on them, finds a way. Not after one
 * that is lost: answers of those dialled would keep the calls of others going, and them writable.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { RollCall } from "./roll-call.ts";

/** What a call finds over the gossip links, it finds within this time. */
const FLOOD_MS = 100;
/** Dialled at once, and how long until the next. */
const REACH_MAX = 3;
const REACH_MS = 1_000;

/**
 * Peers that a call is sent to: those of the gossip links and, once the flood has had its time, those
 * of other links that it has not found. A link that found its peer otherwise idles, and is closed.
 */
export function peersToCall({ view }: CoreState, call: RollCall, now: Now): readonly NodeId[] {
  if (now.monoMs - call.joinedMonoMs < FLOOD_MS) return view.peers();
  return view.linked().filter((peer) => view.isGossiping(peer) || !call.hears(peer));
}

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
