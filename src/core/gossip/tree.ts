/**
 * The push tree (Leitao et al. 2007, "Epidemic Broadcast Trees"): a push that brought nothing new
 * came over a link that closes a cycle, so both ends make it lazy; one that had to be asked for
 * shows a hole, so both ends make its link eager again. Rounds run over lazy links too: with the
 * tree off, or wrong, everything still arrives. The links of the backbone are always in the tree and
 * the others start outside it.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { FRAME_TREE, type TreeFrame } from "../wire/frame.ts";
import { transmit } from "./transmit.ts";

/** A push from a peer was merged: was any of it new? */
export function judgeLink(core: CoreState, peer: NodeId, brought: boolean, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  if (brought) {
    link.usefulMonoMs = now.monoMs;
    return;
  }
  if (core.config.tree === false) return;
  if (!link.eager) {
    // The ends are out of step: the peer is told again.
    setLink(core, peer, { eager: false }, now);
  } else if (core.view.isBackbone(link)) {
    // The backbone brought it second: the shortcut that was faster is not needed.
    for (const other of core.view.shortcuts(now.monoMs - SHORTCUT_MS)) {
      setLink(core, other, { eager: false }, now);
    }
  } else if (core.view.hungOn !== undefined || core.view.hasBetterSupplier(link)) {
    setLink(core, peer, { eager: false }, now);
  }
}

/** A link outside the backbone that brought something this lately is why the backbone came second. */
const SHORTCUT_MS = 1_000;

/** A repair brought what the tree should have: its link joins the tree. */
export function graft(core: CoreState, peer: NodeId, now: Now): void {
  if (core.view.link(peer)?.eager === false) {
    setLink(core, peer, { eager: true }, now);
  }
}

/** A link of the tree is gone: every link is eager until the backbone, or duplicates, prune them again. */
export function regrow(core: CoreState, now: Now): void {
  for (const peer of core.view.peers()) {
    const link = core.view.link(peer);
    if (link?.eager !== false) continue;
    setLink(core, peer, { eager: true }, now);
    link.standsIn = core.view.hasTree && core.view.isUnhung;
  }
}

/** Hangs this node on its parent in the backbone, and off the one before. */
export function hang(core: CoreState, now: Now): void {
  const { view } = core;
  if (view.takeBackboneEnd()) {
    // A mesh that has become small: nobody hangs on anybody.
    view.hungOn = undefined;
    return regrow(core, now);
  }
  const { parent, hungOn } = view;
  if (hungOn === parent) return;
  // The old parent serves until the new one can: between them nothing would come.
  if (parent !== undefined && !view.isGossiping(parent)) return;
  view.hungOn = parent;
  view.hungMonoMs = now.monoMs;
  if (hungOn !== undefined && view.isGossiping(hungOn))
    setLink(core, hungOn, { eager: false }, now);
  if (parent !== undefined) setLink(core, parent, { eager: true, child: true }, now);
}

/** A link of a node that hangs nowhere is in the tree, until it does. */
export function standIn(core: CoreState, peer: NodeId, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined || !core.view.isUnhung) return;
  setLink(core, peer, { eager: true }, now);
  link.standsIn = core.view.hasTree;
}

/** What stood in for the backbone leaves the tree. */
export function dropStandIns(core: CoreState, now: Now): void {
  for (const peer of core.view.takeStandIns(now)) setLink(core, peer, { eager: false }, now);
}

/** The peer has pruned or grafted its end, or hangs on this node. */
export function takeTree(core: CoreState, peer: NodeId, frame: TreeFrame): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  link.child = frame.child === true;
  // The peer wants the link in the tree now, or none: this end does not decide alone any more.
  link.standsIn = false;
  // What hangs on its parent stays eager, whatever the parent thinks.
  link.eager = frame.eager || core.view.hungOn === peer;
}

function setLink(
  core: CoreState,
  peer: NodeId,
  mode: { readonly eager: boolean; readonly child?: boolean },
  now: Now,
): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  link.eager = mode.eager;
  transmit(core, [peer], { type: FRAME_TREE, ...mode }, now);
}
