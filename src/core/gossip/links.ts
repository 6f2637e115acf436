/** Links coming, going and being asked for. */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { FRAME_HELLO } from "../wire/frame.ts";
import type { LinkState } from "./active-view.ts";
import { transmit } from "./transmit.ts";

/** A link exists: both ends say Hello first. */
export function linkUp(core: CoreState, peer: NodeId, transient: boolean, now: Now): void {
  sendHello(core, core.view.up(peer, transient), now);
}

/** Says Hello, at most once a HELLO_MS: again when the peer's has not come, or came again. */
export function sendHello(core: CoreState, link: LinkState, now: Now): void {
  const own = core.membership.signedOf(core.config.nodeId);
  if (own === undefined || now.monoMs - link.helloMonoMs < HELLO_MS) return;
  link.helloMonoMs = now.monoMs;
  const { meshId } = core.config;
  const { peer, transient } = link;
  transmit(core, [peer], { type: FRAME_HELLO, meshId, transient, member: own.bytes }, now);
}

export function linkDown(core: CoreState, peer: NodeId, reason: string, now: Now): void {
  const wasReady = core.view.link(peer)?.ready === true;
  core.view.down(peer, now);
  core.convergence.forget(peer);
  if (wasReady) core.out.events.push({ kind: "peer:down", peer, reason });
  maintainLinks(core, now);
}

/** Brings the wanted links in line with the members. */
export function maintainLinks(core: CoreState, now: Now): void {
  const present = core.membership.present();
  for (const request of core.view.plan(present, now)) {
    if (request.kind !== "want") core.out.links.push(request);
    else core.out.links.push({ ...request, addresses: addressesOf(core, request.peer) });
  }
  for (const link of core.view.unready()) sendHello(core, link, now);
  if (core.view.isIsolated()) core.out.links.push({ kind: "bootstrap" });
}

/** A queue that was full may have swallowed a Hello: it is said again after this long. */
const HELLO_MS = 500;

function addressesOf(core: CoreState, peer: NodeId): readonly string[] {
  return core.membership.get(peer)?.addresses ?? [];
}
