/** Links coming, going and being asked for. */
import type { CoreState } from "../core-state.ts";
import { reachableMembers } from "../failure/detect.ts";
import { linkLost } from "../failure/probing.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { noteLinkDown } from "../partition/evidence.ts";
import { FLOOD } from "../trust/charge.ts";
import { FRAME_HELLO } from "../wire/frame.ts";
import { answerHello } from "./answer.ts";
import type { LinkState } from "./link-state.ts";
import { transmit } from "./transmit.ts";
import { dropStandIns, hang, regrow } from "./tree.ts";

/** A link exists: both ends say Hello first. */
export function linkUp(core: CoreState, peer: NodeId, gossip: boolean, now: Now): void {
  if (core.proofs.has(peer)) {
    core.out.links.push({ kind: "disconnect", peer, reason: "expunged" });
    return;
  }
  if (core.budgets.isCut(peer, now.monoMs)) {
    core.out.links.push({ kind: "disconnect", peer, reason: FLOOD });
    return;
  }
  core.budgets.open(peer, now.monoMs);
  sendHello(core, core.view.up(peer, gossip), now);
}

/** A link on which both ends have said Hello before this core began. */
export interface StandingLink {
  /** Whether the peer wants gossip on it. */
  readonly peerWants: boolean;
}

/** Takes over a link that stands: its ends know each other and agree. */
export function linkStands(
  core: CoreState,
  peer: NodeId,
  wants: { readonly gossip: boolean; readonly peerWants: boolean },
  now: Now,
): void {
  const link = core.view.up(peer, wants.gossip);
  link.peerWants = wants.peerWants;
  link.ready = true;
  link.synced = true;
  link.helloMonoMs = now.monoMs;
  core.registry.touch(peer, now);
  core.partition.hasJoined = true;
  core.out.events.push({ kind: "peer:up", peer });
}

/** Says Hello: at first, when the peer has not had it, and when the own wish for gossip changes. */
export function sendHello(core: CoreState, link: LinkState, now: Now): void {
  const own = core.membership.signedOf(core.config.nodeId);
  if (own === undefined) return;
  link.helloMonoMs = now.monoMs;
  const { meshId } = core.config;
  const { peer, ownWants: gossip, ready: heard } = link;
  const frame = { type: FRAME_HELLO, meshId, gossip, heard, member: own.bytes } as const;
  transmit(core, [peer], frame, now);
}

export function linkDown(core: CoreState, peer: NodeId, reason: string, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined) return; // a peer that is cut off: its link never counted
  const wasReady = link.ready;
  const wasGossiping = core.view.isGossiping(peer);
  core.view.down(peer, now);
  core.budgets.close(peer);
  core.convergence.forget(peer);
  core.disk.forget(peer);
  core.proofs.forgetPeer(peer);
  if (link.eager) regrow(core, now);
  if (wasReady) core.out.events.push({ kind: "peer:down", peer, reason });
  if (wasGossiping) linkLost(core, peer, now);
  else core.failure.probes.delete(peer);
  noteLinkDown(core, peer, { reason, wasGossiping }, now);
  maintainLinks(core, now);
}

/** A member says that it leaves, or is gone: who hung on it waits for no link to break. */
export function memberGone(core: CoreState, id: NodeId, now: Now): void {
  if (core.view.hungOn !== id) return;
  core.view.hungOn = undefined;
  regrow(core, now);
  maintainLinks(core, now);
}

/** Brings the wanted links in line with the members. */
export function maintainLinks(core: CoreState, now: Now): void {
  for (const request of core.view.plan(reachableMembers(core), now)) {
    if (request.kind === "want" || request.kind === "unwant") {
      tellWish(core, request.peer, request.kind === "want", now);
    }
    if (request.kind !== "want") core.out.links.push(request);
    else core.out.links.push({ ...request, addresses: addressesOf(core, request.peer) });
  }
  for (const link of core.view.unready()) {
    if (now.monoMs - link.helloMonoMs >= HELLO_MS) sendHello(core, link, now);
  }
  dropStandIns(core, now);
  hang(core, now);
  if (core.view.isIsolated()) core.out.links.push({ kind: "bootstrap" });
}

/** The own wish for gossip on a link has changed: the peer is told. */
function tellWish(core: CoreState, peer: NodeId, wants: boolean, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined || link.ownWants === wants) return;
  link.ownWants = wants;
  sendHello(core, link, now);
  if (link.ready && wants) answerHello(core, peer, now);
}

/** A queue that was full may have swallowed a Hello: it is said again after this long. */
export const HELLO_MS = 500;

function addressesOf(core: CoreState, peer: NodeId): readonly string[] {
  return core.membership.get(peer)?.addresses ?? [];
}
