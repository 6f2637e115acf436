/**
 * Who has not answered a call may be cut off from everybody it is linked with, and not from this
 * node: a one-way cut silences links, not members.
 *
 * 1. What a call's flood has not found is asked within the call, and dialled where members are few:
 *    this node may be the only one that reaches both sides. Among many some other does, and their
 *    answers would come late and one by one, and put the verdicts of a lost call off.
 * 2. A few dial such a member after a call that a quorum has answered, so that the next one, which may
 *    depend on it, finds a way. Not after one that is lost: answers of those dialled would keep the
 *    calls of others going, and them writable.
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
/** In a mesh of more members nobody dials within a call. */
const CALL_DIALLED_MEMBERS_MAX = 32;

/**
 * Peers that a call is sent to: those of the gossip links and, once the flood has had its time, a
 * few of other links that it has not found. A link that found its peer otherwise idles, and is closed.
 */
export function peersToCall(core: CoreState, call: RollCall, now: Now): readonly NodeId[] {
  const { view } = core;
  if (call.reached === undefined) {
    if (now.monoMs - call.joinedMonoMs < FLOOD_SHARE * callMs(core, now)) return view.peers();
    call.reached = [...unheardOnOtherLinks(core, call), ...dialUnheard(core, call, now)];
  }
  const others = call.reached.filter((id) => carriesNoGossip(view.link(id)) && !call.hears(id));
  return [...view.peers(), ...others];
}

/** Dials members that the last call has not heard of, if the draw falls on this node. */
export function reachUnanswered(core: CoreState, now: Now): void {
  const { partition } = core;
  const { call } = partition;
  if (call === undefined || now.monoMs < partition.reachMonoMs) return;
  partition.reachMonoMs = now.monoMs + REACH_MS;
  dial(core, call, DIALLERS);
}

function unheardOnOtherLinks({ view, random }: CoreState, call: RollCall): readonly NodeId[] {
  const unheard = view.linked().filter((id) => !view.isGossiping(id) && !call.hears(id));
  return random.shuffle(unheard).slice(0, ASKED_MAX);
}

/** Who is late itself would take the others for silent, and dial them all. */
function dialUnheard(core: CoreState, call: RollCall, now: Now): readonly NodeId[] {
  const { partition, lateness } = core;
  const members = partition.roster?.ids.length ?? 0;
  const dials = partition.isCalling && !lateness.isBusy(now) && members <= CALL_DIALLED_MEMBERS_MAX;
  return dials ? dial(core, call, members) : [];
}

/** @returns whom this node dials; each unheard member is dialled by `diallers` nodes in the mean. */
function dial(core: CoreState, call: RollCall, diallers: number): readonly NodeId[] {
  const { partition, membership, view, random, out } = core;
  const { roster } = partition;
  if (roster === undefined) return [];
  const unheard = roster
    .missing(call.heard)
    .filter((id) => view.link(id) === undefined && random.below(roster.ids.length) < diallers);
  const dialled = random.shuffle(unheard).slice(0, REACH_MAX);
  for (const peer of dialled) {
    const addresses = membership.get(peer)?.addresses ?? [];
    if (addresses.length > 0) out.links.push({ kind: "reach", peer, addresses });
  }
  return dialled;
}

function carriesNoGossip(link: LinkState | undefined): boolean {
  return link?.ready === true && !link.isGossiping;
}
