/**
 * First-hand evidence about links: an own stamp that came back, or did not. Both ways or nothing:
 * a frame that echoes no own stamp proves only that the peer can be heard.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { raiseAlarm } from "./health.ts";
import { dropWantedCall, wantCall } from "./schedule.ts";

/**
 * A linked peer has not echoed an own stamp in its time, or its link went down unasked: the first
 * such silence of a peer starts a roll call.
 */
export function noteSilence(core: CoreState, peer: NodeId, now: Now): void {
  const { partition } = core;
  if (partition.silent.has(peer) || !core.membership.isPresent(peer)) return;
  partition.silent.set(peer, now.monoMs);
  if (partition.health === "partitioned") raiseAlarm(core);
  wantCall(core, now);
}

/** A peer has echoed an own stamp: frames pass both ways. */
export function noteEcho(core: CoreState, peer: NodeId): void {
  const { partition } = core;
  if (!partition.silent.delete(peer) || partition.silent.size > 0) return;
  // It was late, not silent: a call that has not begun for it need not.
  if (partition.health === "healthy") dropWantedCall(core);
}

/**
 * A link is gone. One that its other end closed in order is no silence, and one that carried
 * messages alone is none of gossip's.
 */
export function noteLinkDown(
  core: CoreState,
  peer: NodeId,
  link: { readonly reason: string; readonly wasGossiping: boolean },
  now: Now,
): void {
  core.partition.introduced.delete(peer);
  if (link.wasGossiping && !ORDERLY.has(link.reason)) noteSilence(core, peer, now);
}

/** The transport's words for a link closed on purpose. */
const ORDERLY: ReadonlySet<string> = new Set(["local_close", "peer_close"]);
