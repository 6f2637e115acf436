/**
 * Profiles: faults drawn from a seed, by a stream of their own, so that a change of the workload
 * leaves them alone. All end well before the run does: what comes after shows whether it recovers.
 */
import { quorumOf } from "../../core/peers/quorum.ts";
import { Random } from "../../core/random.ts";
import type { ProfileName } from "../options.ts";
import {
  between,
  chance,
  momentIn,
  type Scene,
  someNodes,
  spanIn,
  splitBy,
  twoGroups,
  wholeBetween,
} from "./draw.ts";
import { BEHAVIOURS, type Fault, SYBILS } from "./fault.ts";
import { drawStorm } from "./storm.ts";

export interface DrawOptions {
  readonly seed: number;
  /** At the start of the run. */
  readonly nodes: number;
  /** Virtual ms of workload. */
  readonly durationMs: number;
}

export const PROFILE_NAMES = ["calm", "lossy", "storm", "partition", "byzantine"] as const;

/** The faults of a profile, by time. The same arguments give the same faults. */
export function drawFaults(profile: ProfileName, options: DrawOptions): Fault[] {
  const { seed, nodes, durationMs } = options;
  const untilMs = Math.floor(durationMs * FAULTY_SHARE);
  if (untilMs < SCENE_MS_MIN) return [];
  const random = Random.fromSeed((BigInt(seed) << 8n) | STREAM);
  const fromMs = Math.min(500, Math.floor(untilMs / 10));
  const faults = DRAW[profile]({ random, nodes, fromMs, untilMs });
  return faults.toSorted((a, b) => a.at - b.at);
}

/** What every link of a bad network does, all the time: independent loss and its companions. */
function drawLossy(scene: Scene): Fault[] {
  const { fromMs: at, untilMs } = scene;
  const all = { at, src: "*", dst: "*", for: untilMs - at };
  return [
    { ...all, do: "net.drop", p: between(scene, 0.05, 0.3) },
    { ...all, do: "net.duplicate", p: between(scene, 0, 0.2) },
    { ...all, do: "net.reorder", p: between(scene, 0, 0.3) },
    { ...all, do: "net.delay", mean: between(scene, 0, 50), jitter: between(scene, 0, 30) },
  ];
}

/** One cut after another, each with time to recover before the next. */
function drawPartitions(scene: Scene): Fault[] {
  if (scene.nodes < 2) return [];
  const faults: Fault[] = [];
  let at = scene.fromMs;
  for (;;) {
    const span = { at, for: wholeBetween(scene, 3_000, 8_000) };
    if (at + span.for > scene.untilMs) break;
    faults.push(drawCut(scene, span));
    at += span.for + wholeBetween(scene, 6_000, 9_000);
  }
  // A run too short for a whole one has a shorter one.
  return faults.length > 0 ? faults : [drawCut(scene, spanIn(scene, 3_000, 8_000))];
}

function drawCut(scene: Scene, span: { readonly at: number; readonly for: number }): Fault {
  const { random, nodes } = scene;
  switch (random.below(4)) {
    case 0: {
      const [from, to] = twoGroups(scene);
      return random.below(2) === 0
        ? { ...span, do: "net.oneway", from, to }
        : { ...span, do: "net.oneway", from: to, to: from };
    }
    case 1:
      return { ...span, do: "net.partition", groups: splitBy(scene, Math.ceil(nodes * 0.3)) };
    default:
      return { ...span, do: "net.partition", groups: twoGroups(scene) };
  }
}

/**
 * Up to f liars, each with one to three behaviours, over a network that loses a little; in some seeds
 * one of them invents members, in some all of them eclipse an honest node, and in some, where a
 * quorum can spare it, an honest node is away until it is forgotten.
 */
function drawByzantine(scene: Scene): Fault[] {
  const { fromMs: at, untilMs, random } = scene;
  const drop = between(scene, 0, 0.1);
  const faults: Fault[] = [{ at, do: "net.drop", src: "*", dst: "*", p: drop, for: untilMs - at }];
  const { faults: liarsMax } = quorumOf(scene.nodes);
  if (liarsMax === 0) return faults;
  const liars = someNodes(scene, wholeBetween(scene, 1, liarsMax));
  for (const node of liars) {
    const behaviours = random.shuffle([...BEHAVIOURS]);
    for (const as of behaviours.slice(0, wholeBetween(scene, 1, 3))) {
      faults.push({ ...spanIn(scene, 2_000, untilMs - at), do: "byz.behave", node, as });
    }
  }
  const honest = splitBy(scene, scene.nodes)[0].filter((node) => !liars.includes(node));
  const [victim = "", away = ""] = random.shuffle(honest);
  if (chance(scene, 0.3)) faults.push(drawSybils(scene, liars[0] ?? ""));
  if (chance(scene, 0.3)) {
    faults.push({ ...spanIn(scene, 2_000, 10_000), do: "byz.eclipse", node: liars, victim });
  }
  if (liars.length < liarsMax && chance(scene, 0.5)) {
    faults.push({ ...spanIn(scene, 5_000, 25_000), do: "node.away", node: away });
  }
  return faults;
}

/** Over within two seconds. */
function drawSybils(scene: Scene, node: string): Fault {
  const latest = { ...scene, untilMs: Math.max(scene.fromMs + 1, scene.untilMs - 2_000) };
  const as = SYBILS[scene.random.below(SYBILS.length)] ?? "answer";
  const count = wholeBetween(scene, 1, 20);
  return { at: momentIn(latest), do: "byz.sybil", node, as, count, perSecond: 20 };
}

const DRAW: Readonly<Record<ProfileName, (scene: Scene) => Fault[]>> = {
  calm: () => [],
  lossy: drawLossy,
  storm: drawStorm,
  partition: drawPartitions,
  byzantine: drawByzantine,
};
/** The rest of the run is without faults. */
const FAULTY_SHARE = 0.7;
/** Less virtual time than this is not worth a fault. */
const SCENE_MS_MIN = 20;
/** Tells this stream from the others that a run draws from its seed. */
const STREAM = 0xfan;
