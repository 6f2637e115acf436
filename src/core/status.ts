/** A core's state in figures, for `status` and for people. */

import type { CoreState } from "./core-state.ts";
import { hexFromBytes, type NodeId } from "./node-id.ts";

/**
 * `partitioned`: members are known and no link is left. `recovering`: linked again, roots not yet
 * agreed. Judged from own links alone in this version; quorum evidence comes with the partition
 * detector.
 */
export type Health = "healthy" | "partitioned" | "recovering";

export interface CoreStatus {
  readonly nodeId: NodeId;
  readonly health: Health;
  /** Members that have not left, this node included. */
  readonly members: number;
  /** Nodes with a ready link, this node included. */
  readonly reachable: number;
  readonly quorum: number;
  /** Members that have not answered, and those that have been given up (they count as members). */
  readonly suspected: number;
  readonly unreachable: number;
  readonly converged: boolean;
  /** Hex of the root over frontier and state. */
  readonly root: string;
  readonly frontierRoot: string;
  readonly stateRoot: string;
  readonly rounds: number;
  readonly entries: number;
  readonly incarnations: number;
  readonly deltas: number;
  readonly deltaBytes: number;
  readonly parked: number;
  readonly agents: readonly string[];
}

export function statusOf(core: CoreState): CoreStatus {
  const members = core.membership.present().length;
  const reachable = core.view.peers().length + 1;
  const converged = members === 1 || core.convergence.converged;
  return {
    nodeId: core.config.nodeId,
    health: healthOf(
      members,
      reachable,
      core.view.peers().every((peer) => core.view.link(peer)?.synced),
    ),
    members,
    reachable,
    quorum: core.registry.quorum(core.config.region).size,
    suspected: core.failure.standings.suspectedCount,
    unreachable: core.failure.standings.unreachableCount,
    converged,
    root: hexFromBytes(core.replica.root()),
    frontierRoot: hexFromBytes(core.replica.frontierRoot()),
    stateRoot: hexFromBytes(core.replica.stateRoot()),
    rounds: core.rounds.number,
    entries: core.replica.stats.entries,
    incarnations: core.replica.incarnations,
    deltas: core.log.count,
    deltaBytes: core.log.bytes,
    parked: core.parked.count,
    agents: core.inboxes.agents,
  };
}

function healthOf(members: number, reachable: number, synced: boolean): Health {
  if (members > 1 && reachable === 1) return "partitioned";
  return synced ? "healthy" : "recovering";
}
