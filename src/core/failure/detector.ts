/** What failure detection is made of; the functions of this folder read and write it. */
import type { MemberIds } from "../gossip/active-view.ts";
import type { NodeId } from "../node-id.ts";
import type { Random } from "../random.ts";
import { Departures } from "./departures.ts";
import { Docket } from "./docket.ts";
import { LocalHealth } from "./local-health.ts";
import { Pardons } from "./pardons.ts";
import { Probes } from "./probes.ts";
import { Rumours } from "./rumours.ts";
import { Standings } from "./standings.ts";

/** Members without the unreachable ones, and what they follow from. */
export interface ReachableMembers {
  readonly of: readonly NodeId[];
  readonly verdicts: number;
  readonly members: MemberIds;
}

export interface FailureState {
  /** False: plain SWIM, with fixed timeouts, and echoes as the only sign of life. */
  readonly lifeguard: boolean;
  readonly probes: Probes;
  readonly standings: Standings;
  readonly pardons: Pardons;
  readonly rumours: Rumours;
  readonly departures: Departures;
  readonly health: LocalHealth;
  readonly docket: Docket;
  /** The members to plan links for, as long as nobody comes, goes, falls silent or is heard again. */
  reachable: ReachableMembers | undefined;
  /** When an unreachable member is next dialled, and who was last. */
  redialMonoMs: number;
  redialled: NodeId;
  /** When this node last refuted a suspicion of itself. */
  refutedMonoMs: number;
}

export function createFailureState(options: {
  readonly lifeguard: boolean;
  readonly random: Random;
}): FailureState {
  return {
    lifeguard: options.lifeguard,
    probes: new Probes(options.random, Number.NEGATIVE_INFINITY),
    standings: new Standings(),
    pardons: new Pardons(),
    rumours: new Rumours(),
    departures: new Departures(),
    health: new LocalHealth(options.lifeguard),
    docket: new Docket(),
    reachable: undefined,
    redialMonoMs: Number.NEGATIVE_INFINITY,
    redialled: "",
    refutedMonoMs: Number.NEGATIVE_INFINITY,
  };
}
