/** What failure detection is made of; the functions of this folder read and write it. */
import type { NodeId } from "../node-id.ts";
import type { Random } from "../random.ts";
import { Departures } from "./departures.ts";
import { Docket } from "./docket.ts";
import { LocalHealth } from "./local-health.ts";
import { Pardons } from "./pardons.ts";
import { Probes } from "./probes.ts";
import { Rumours } from "./rumours.ts";
import { Standings } from "./standings.ts";

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
    redialMonoMs: Number.NEGATIVE_INFINITY,
    redialled: "",
    refutedMonoMs: Number.NEGATIVE_INFINITY,
  };
}
