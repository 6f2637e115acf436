/** A core's state in figures, for `status` and for people. */

import type { CoreState } from "./core-state.ts";
import type { GossipParameters } from "./gossip/parameters.ts";
import { hexFromBytes, type NodeId } from "./node-id.ts";
import { isReadOnly, standing } from "./partition/health.ts";
import type { Health } from "./partition/partition-state.ts";
import { meshRoot } from "./state/root.ts";

export interface CoreStatus {
  readonly nodeId: NodeId;
  readonly health: Health;
  /** Members that have not left, this node included. */
  readonly members: number;
  /**
   * Members of the own region that answered the last roll call, this node included; all of them
   * while nobody is silent.
   */
  readonly reachable: number;
  /** Members of the own region, this node included, that must answer. */
  readonly quorum: number;
  /** Members that have not answered, and those that have been given up (they count as members). */
  readonly suspected: number;
  readonly unreachable: number;
  /** Whether user writes are refused. */
  readonly readOnly: boolean;
  /** Ready links that carry gossip. */
  readonly links: number;
  readonly converged: boolean;
  /** What gossip derives from the members and round-trip times it observes. */
  readonly gossip: GossipParameters;
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
  /** Deltas were refused for want of room in the last 15 s: this node lacks what others hold. */
  readonly full: boolean;
  readonly agents: readonly string[];
  /** Authors that are expunged for equivocation, by id, and what proves it; the first 256. */
  readonly proofs: readonly ShownProof[];
  /** Nodes that the authority or its issuers have expunged; the first 256. */
  readonly revoked: readonly NodeId[];
}

export interface ShownProof {
  readonly author: NodeId;
  /** Hex. */
  readonly proof: string;
}

export function statusOf(core: CoreState): CoreStatus {
  const members = core.membership.present().length;
  const converged = members === 1 || core.convergence.converged;
  return {
    nodeId: core.config.nodeId,
    health: core.partition.health,
    members,
    suspected: core.failure.standings.suspectedCount,
    unreachable: core.failure.standings.unreachableCount,
    ...standing(core),
    readOnly: isReadOnly(core),
    links: core.view.peers().length,
    converged,
    gossip: core.parameters,
    root: hexFromBytes(meshRoot(core)),
    frontierRoot: hexFromBytes(core.replica.frontierRoot()),
    stateRoot: hexFromBytes(core.replica.stateRoot()),
    rounds: core.rounds.number,
    entries: core.replica.stats.entries,
    incarnations: core.replica.incarnations,
    deltas: core.log.held,
    deltaBytes: core.log.bytes,
    parked: core.parked.count,
    full: core.room.isFull,
    agents: core.inboxes.agents,
    ...expungedOf(core),
  };
}

function expungedOf(core: CoreState): Pick<CoreStatus, "proofs" | "revoked"> {
  const all = core.proofs.all();
  const proven = all.filter(([, { bytes }]) => bytes.length > 0).slice(0, PROOFS_SHOWN_MAX);
  const revoked = all.filter(([, { bytes }]) => bytes.length === 0).slice(0, PROOFS_SHOWN_MAX);
  return {
    proofs: proven.map(([author, { bytes }]) => ({ author, proof: hexFromBytes(bytes) })),
    revoked: revoked.map(([author]) => author),
  };
}

/** What a status has room for: 300 KB of text. */
const PROOFS_SHOWN_MAX = 256;
