/**
 * Acknowledgement levels above `local`. An author whose write wants one asks the peers it is
 * linked to; each answers when its own disk has the delta. Nobody vouches for another: the
 * channel proves who speaks. `durable`: own disk and min(f + 1, 3, n - 1) others; `region`: a
 * quorum of the region, for which the author opens links to members that it has none to.
 */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { lowerBound } from "../peers/membership.ts";
import { penalize } from "../trust/penalty.ts";
import { FRAME_STORED, type StoredFrame } from "../wire/stored.ts";

/** A peer that has not answered for so long is asked again, and others are looked for. */
const ASK_AGAIN_MS = 250;
/** Members that links are opened to, each time more disks are looked for. */
const REACH_MAX = 64;
/** A durable write is on as many other disks at most, however large the mesh. */
export const DURABLE_OTHERS_MAX = 3;

/** The store has kept everything up to a ticket. */
export function confirmStored(core: CoreState, ticket: number, now: Now): void {
  for (const row of core.disk.confirm(ticket)) {
    const head = core.replica.headAt(row);
    if (head === undefined) continue;
    if (head.author === core.config.nodeId) settle(core);
    else if (core.disk.askedBy(head.author) !== undefined) {
      core.disk.answerable(head.author, now.monoMs);
    }
  }
}

/** The open delta is in the replica and on its way: asks for disks when a write in it waits. */
export function awaitStored(
  core: CoreState,
  range: { readonly first: number; readonly last: number },
  now: Now,
): void {
  const { incarnation } = core.author;
  if (incarnation === undefined) return;
  const seq = core.replica.head(incarnation.author, incarnation.epoch, incarnation.nonce)?.seq ?? 0;
  const waits = core.acks.closed(incarnation, { ...range, seq, closedMonoMs: now.monoMs });
  if (waits) ask(core, core.view.peers(), seq, now);
}

/** Takes a question about the peer's own incarnation, or its answer to one about ours. */
export function takeStored(core: CoreState, peer: NodeId, frame: StoredFrame, now: Now): void {
  const expected = frame.ask ? peer : core.config.nodeId;
  if (frame.author !== expected) return penalize(core, peer, "malformed");
  if (frame.ask) {
    if (core.config.durable !== true) return;
    core.disk.ask(peer, frame);
    return answer(core, peer, now);
  }
  const { incarnation } = core.acks;
  if (incarnation?.epoch !== frame.epoch || incarnation.nonce !== frame.nonce) return;
  if (core.membership.get(peer)?.left !== false) return;
  // Nobody has what has not been written: a word given in advance would count for ever.
  const head = core.replica.head(frame.author, frame.epoch, frame.nonce);
  core.acks.report(peer, Math.min(frame.seq, head?.seq ?? -1));
  settle(core);
}

/** Answers the peers whose questions have got an answer. */
export function answerStored(core: CoreState, now: Now): void {
  for (const peer of core.disk.takeAnswerable()) answer(core, peer, now);
}

/** Asks again for what has waited too long, and looks for more disks where too few are linked. */
export function askAgain(core: CoreState, now: Now): void {
  // A member that has left may have been the one that was lacking.
  settle(core);
  const oldest = core.acks.waiting[0];
  const newest = core.acks.waiting.at(-1);
  if (oldest === undefined || newest === undefined) return;
  if (now.monoMs - oldest.closedMonoMs < ASK_AGAIN_MS) return;
  const lacking = others(core).filter((peer) => core.acks.reported(peer) < oldest.seq);
  const linked = lacking.filter((peer) => core.view.link(peer)?.ready === true);
  ask(core, linked, newest.seq, now);
  const isLinked = new Set(linked);
  const needed = neededOf(core);
  const wanted = oldest.wanted.has("region") ? needed.region : needed.durable;
  const within = others(core).length - lacking.length + linked.length;
  if (within < wanted)
    reach(
      core,
      lacking.filter((peer) => !isLinked.has(peer)),
    );
}

/** What waits will not be answered any more: its writers learn that the outcome is uncertain. */
export function abandonStored(core: CoreState, reason: string): void {
  if (core.acks.abandon()) core.out.events.push({ kind: "writes:uncertain", reason });
}

/** Tells of every level that has been reached. */
function settle(core: CoreState): void {
  const { incarnation, waiting } = core.acks;
  if (incarnation === undefined || waiting.length === 0) return;
  const { author, epoch, nonce } = incarnation;
  const own = core.disk.seqOf(core.replica.head(author, epoch, nonce)?.row ?? -1);
  const needed = neededOf(core);
  for (const level of ["durable", "region"] as const) {
    const seq = Math.min(
      own,
      core.acks.storedBy(needed[level], (peer) => isOther(core, peer)),
    );
    for (const { first, last } of core.acks.reach(level, seq)) {
      core.out.events.push({ kind: "stored", level, first, last });
    }
  }
}

/** How many other disks each level needs. */
function neededOf(core: CoreState): { readonly durable: number; readonly region: number } {
  const { members, faults, size } = core.registry.quorum(core.config.region);
  return { durable: Math.min(faults + 1, DURABLE_OTHERS_MAX, members - 1), region: size - 1 };
}

/** Members of the own region but this node, sorted. */
function others(core: CoreState): NodeId[] {
  const { nodeId, region } = core.config;
  return core.membership
    .present()
    .filter((id) => id !== nodeId && core.membership.get(id)?.region === region);
}

/** Whether a peer is one of {@link others}. */
function isOther({ config, membership }: CoreState, peer: NodeId): boolean {
  const present = membership.present();
  if (peer === config.nodeId || present[lowerBound(present, peer)] !== peer) return false;
  return membership.get(peer)?.region === config.region;
}

function ask(core: CoreState, peers: readonly NodeId[], seq: number, now: Now): void {
  const { incarnation } = core.acks;
  if (incarnation === undefined) return;
  transmit(core, peers, { type: FRAME_STORED, ask: true, ...incarnation, seq }, now);
}

/** Says how far the own disk is with what the peer asked for, if it has any of it. */
function answer(core: CoreState, peer: NodeId, now: Now): void {
  const asked = core.disk.askedBy(peer);
  if (asked === undefined) return;
  const { epoch, nonce } = asked;
  const head = core.replica.head(peer, epoch, nonce);
  const seq = head === undefined ? -1 : core.disk.seqOf(head.row);
  if (seq < 0) return;
  if (seq >= asked.seq) core.disk.forget(peer);
  transmit(core, [peer], { type: FRAME_STORED, ask: false, author: peer, epoch, nonce, seq }, now);
}

/** Opens links to some of `peers`, the next ones each time. */
function reach(core: CoreState, peers: readonly NodeId[]): void {
  const count = Math.min(REACH_MAX, peers.length);
  for (let i = 0; i < count; i++) {
    const peer = peers[(core.acks.searchedTo + i) % peers.length];
    if (peer === undefined) continue;
    const addresses = core.membership.get(peer)?.addresses ?? [];
    core.out.links.push({ kind: "reach", peer, addresses });
  }
  core.acks.searchedTo += count;
}
