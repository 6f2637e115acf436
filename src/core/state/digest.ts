/** Stage "digest": the own root after the merge, the peer's root beside it, converged or not. */

import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { meshRoot } from "./root.ts";

/** Linked peers that answer and are heard: any other would hold up the observation for good. */
function reachablePeers(core: CoreState): readonly NodeId[] {
  const { standings } = core.failure;
  const peers = core.view.peers();
  if (standings.unreachableCount + core.proofs.size === 0 && !core.registry.hasTarnished)
    return peers;
  return peers.filter((peer) => !standings.isUnreachable(peer) && isHeard(core, peer));
}

/** Whether the peer's frames are taken: its reputation is not below the threshold. */
function isHeard(core: CoreState, peer: NodeId): boolean {
  if (core.proofs.has(peer)) return false;
  const reputation = core.registry.get(peer)?.reputation ?? 1;
  return reputation >= core.config.reputationThreshold;
}

/** Notes the own root and, if given, the root that a peer showed. */
export function digest(
  core: CoreState,
  shown: { readonly peer: NodeId; readonly root: Uint8Array } | undefined,
  now: Now,
): void {
  const changed = core.convergence.rootIs(meshRoot(core), now);
  if (shown !== undefined) core.convergence.shown(shown.peer, shown.root);
  if (changed && core.config.push === false) core.rounds.wake(now);
  else if (changed || core.convergence.differs) core.rounds.settle(core.view.hasTree, now);
  const converged = core.convergence.check(reachablePeers(core), now);
  if (converged === undefined) return;
  core.cells.record(CELLS.gossipConvergence, converged.elapsedMs);
  core.cells.record(CELLS.gossipConvergenceRounds, converged.rounds);
  core.out.events.push({ kind: "converged", ...converged });
}
