/**
 * Who has not answered a call may be cut off from everybody it is linked with, and not from this
 * node: a one-way cut silences links, not members. Such a member is dialled by a few after a call that
 * a quorum has answered, so that the next one, which may depend on them, finds a way. Not after one
 * that is lost: answers of those dialled would keep the calls of others going, and them writable.
 */
import type { CoreState } from "../core-state.ts";
import type { LinkState } from "../gossip/link-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { RollCall } from "./roll-call.ts";
import { callMs } from "./schedule.ts";

/** Share of a call's time in which the flood over the gossip links finds whom it can. */
const FLOOD_SHARE = 1 / 4;
/** Unheard peers asked over other links, in one call. */
const ASKED_MAX = 3;
/** Dialled at once, and how long until the next. */
const REACH_MAX = 3;
const REACH_MS = 1_000;
/**
 * How many nodes of the whole mesh dial an unheard member, in the mean. All of them at once would
 * bury one that is only late, and a host on which many are.
 */
const DIALLERS = 3;

/**
 * Peers that a call is sent to: those of the gossip links and, once the flood has had its time, a
 * few of other links that it has not found. A link that found its peer otherwise idles, and is closed.
 */
export function peersToCall(core: CoreState, call: RollCall, now: Now): readonly NodeId[] {
  const { view, random } = core;
  if (call.reached === undefined) {
    if (now.monoMs - call.joinedMonoMs < FLOOD_SHARE * callMs(core, now)) return view.peers();
    const unheard = view.linked().filter((id) => !view.isGossiping(id) && !call.hears(id));
    call.reached = random.shuffle(unheard).slice(0, ASKED_MAX);
  }
  const others = call.reached.filter((id) => carriesNoGossip(view.link(id)) && !call.hears(id));
  return [...view.peers(), ...others];
}

/** Dials members that the last call has not heard of, if the draw falls on this node. */
export function reachUnanswered(core: CoreState, now: Now): void {
  const { partition, membership, view, random, out } = core;
  const { roster, call } = partition;
  if (roster === undefined || call === undefined || now.monoMs < partition.reachMonoMs) return;
  partition.reachMonoMs = now.monoMs + REACH_MS;
  const unheard = roster
    .missing(call.heard)
    .filter((id) => view.link(id) === undefined && random.below(roster.ids.length) < DIALLERS);
  for (const peer of random.shuffle(unheard).slice(0, REACH_MAX)) {
    const addresses = membership.get(peer)?.addresses ?? [];
    if (addresses.length > 0) out.links.push({ kind: "reach", peer, addresses });
  }
}

function carriesNoGossip(link: LinkState | undefined): boolean {
  return link?.ready === true && !link.isGossiping;
}
