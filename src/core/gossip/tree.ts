/**
 * The push tree (Leitao et al. 2007, "Epidemic Broadcast Trees"): a push that brought nothing new
 * came over a link that closes a cycle, so both ends make it lazy; a repair that had to bring
 * something shows a hole, so both ends make its link eager again. Rounds run over lazy links too:
 * with the tree off, or wrong, everything still arrives, at most a round later.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { FRAME_TREE } from "../wire/frame.ts";
import { transmit } from "./transmit.ts";

/**
 * A node keeps this many links eager. A bare tree is deep, and one lost frame cuts it: 100 real
 * nodes on two cores converged in 51 ms median and 333 ms p99 over a tree, 45 and 206 with this.
 */
const EAGER_LINKS_MIN = 4;

/** A push from a peer was merged: was any of it new? */
export function judgeLink(core: CoreState, peer: NodeId, brought: boolean, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  if (brought) {
    link.usefulMonoMs = now.monoMs;
    return;
  }
  if (!link.eager || core.view.eagerPeers().length <= EAGER_LINKS_MIN) return;
  if (core.view.hasBetterSupplier(link)) setEager(core, peer, false, now);
}

/** A repair brought what the tree should have: its link joins the tree. */
export function graft(core: CoreState, peer: NodeId, now: Now): void {
  if (core.view.link(peer)?.eager === false) setEager(core, peer, true, now);
}

/** A link of the tree is gone: every link is eager until duplicates prune them again. */
export function regrow(core: CoreState, now: Now): void {
  for (const peer of core.view.peers()) graft(core, peer, now);
}

/** The peer has pruned or grafted its end. */
export function takeTree(core: CoreState, peer: NodeId, eager: boolean): void {
  const link = core.view.link(peer);
  if (link !== undefined) link.eager = eager;
}

function setEager(core: CoreState, peer: NodeId, eager: boolean, now: Now): void {
  takeTree(core, peer, eager);
  transmit(core, [peer], { type: FRAME_TREE, eager }, now);
}
