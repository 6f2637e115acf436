/** Rows about liars and about disks that come back older than they were, or empty. */
import { BEHAVIOURS, type Behaviour, type Fault } from "../../src/sim/faults/fault.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";
import type { Job } from "./job.ts";
import { budget, oneRun, type Row } from "./row.ts";

/** f = floor((n - 1) / 3) liars of every behaviour in turn, until long after the last write. */
export function byzantine(nodes: number, durationMs = 20_000): Row {
  const name = `byzantine-${nodes}`;
  const liars = Math.floor((nodes - 1) / 3);
  const untilMs = durationMs + QUIET_MS;
  const faults = Array.from({ length: liars }, (_, i): Fault => {
    const as = MIXED[i % MIXED.length] ?? "equivocate";
    const node = `n${1 + 3 * i}`;
    return { at: 1_000, do: "byz.behave", node, as, for: untilMs };
  });
  return liarsRow(name, { nodes, durationMs, faults }, OFFENDER_ROUNDS);
}

/** One author that tells peers of even and of odd name different things. */
export function halves(nodes: number): Row {
  const name = `byzantine-halves-${nodes}`;
  const node = `n${nodes >> 1}`;
  const faults: Fault[] = [{ at: 1_000, do: "byz.behave", node, as: "equivocate", for: 30_000 }];
  return liarsRow(name, { nodes, durationMs: 10_000, faults }, spreadRounds(nodes));
}

/** Rounds in which a push tree and what mends it reach everybody. */
function spreadRounds(nodes: number): number {
  return 2 * Math.ceil(Math.log2(nodes)) + 6;
}

function liarsRow(
  name: string,
  run: { readonly nodes: number; readonly durationMs: number; readonly faults: Fault[] },
  expungeRounds: number,
): Row {
  const rounds = spreadRounds(run.nodes);
  return oneRun(name, { options: { seed: 1, ...run } }, ({ trust, distinctRoots, violations }) => [
    budget(`${name} equivocators`, trust.equivocators, "> 0"),
    budget(`${name} not expunged`, trust.unproven, "= 0"),
    budget(`${name} rounds to expunge`, trust.provenRounds, `<= ${expungeRounds}`),
    budget(`${name} forged merged`, trust.forgedMerged, "= 0"),
    budget(`${name} roots`, distinctRoots, "= 1"),
    budget(`${name} rounds of quiet`, trust.quietRounds, `<= ${rounds}`),
    budget(`${name} never equal`, trust.quietRounds < 0 ? 1 : 0, "= 0"),
    budget(
      `${name} correct below threshold`,
      violations.filter(({ invariant }) => invariant === "B1").length,
      "= 0",
    ),
  ]);
}

/**
 * Restarts one node after another, each with an empty disk or an earlier state of its own, in worlds
 * of so few restarts that each is soon done; a seed a world.
 */
export function disks(restarts: number, firstSeed = 1): Row {
  const name = `disks-${restarts}`;
  const worlds = Math.ceil(restarts / RESTARTS_A_WORLD);
  const jobs = Array.from({ length: worlds }, (_, i): Job => {
    const left = restarts - i * RESTARTS_A_WORLD;
    return { kind: "run", options: diskWorld(firstSeed + i, Math.min(left, RESTARTS_A_WORLD)) };
  });
  return {
    name,
    jobs,
    judge: (outcomes) => {
      const runs = outcomes.flatMap((outcome) => (outcome.kind === "run" ? [outcome.result] : []));
      const sum = (of: (run: SimResult) => number) =>
        runs.reduce((total, run) => total + of(run), 0);
      const [durable, opens] = [sum((run) => run.disks.durable), sum((run) => run.disks.opens)];
      return [
        budget(
          `${name} disks lost or set back`,
          sum((run) => run.disks.harmed),
          `= ${restarts}`,
        ),
        // With nothing acknowledged, or no disk read, the zeros would say nothing.
        budget(`${name} durable operations judged`, durable, `>= ${4 * restarts}`),
        budget(`${name} disks opened`, opens, `>= ${restarts * OPENS_LEAST}`),
        budget(
          `${name} durable operations lost`,
          sum((run) => run.disks.durableLost),
          "= 0",
        ),
        budget(
          `${name} double counts`,
          sum((run) => run.trust.doubleCounts),
          "= 0",
        ),
        budget(
          `${name} self-made proofs`,
          sum((run) => run.trust.selfProofs),
          "= 0",
        ),
        budget(
          `${name} failed opens`,
          sum((run) => run.disks.failedOpens),
          "= 0",
        ),
        budget(
          `${name} worlds apart`,
          sum((run) => run.distinctRoots - 1),
          "= 0",
        ),
        budget(
          `${name} violations`,
          sum((run) => run.violations.length),
          "= 0",
        ),
      ];
    },
  };
}

/** Every other restart finds nothing; a node is down for nothing, half a second or a second. */
function diskWorld(seed: number, restarts: number): SimOptions {
  const { nodes, everyMs } = DISK_WORLDS[seed % DISK_WORLDS.length] ?? DISK_WORLDS[0];
  const faults = Array.from({ length: restarts }, (_, i): Fault[] => {
    const node = `n${i % nodes}`;
    // By rounds, or with an even number of nodes each would always have the same.
    const disk = (i + Math.floor(i / nodes)) % 2 === 0 ? "rolledback" : "lost";
    const at = 1_000 + i * everyMs;
    const downMs = (i % 3) * 500;
    return [
      { at, do: "node.crash", node },
      { at: at + downMs, do: "node.restart", node, disk },
    ];
  }).flat();
  return { seed, nodes, durationMs: 2_000 + restarts * everyMs, faults, writesPerSecond: 10 };
}

/** N20: no certificate is renewed for so long; nodes restart, some of them without their disks. */
export function issuersGone(hours: number): Row {
  const name = `issuers-gone-${hours}h`;
  const restartHours = [0.15, 0.35, 0.55, 0.7, 0.85, 0.98].map((at) => Math.floor(at * hours));
  const firstEndHours = 0.5;
  return {
    name,
    jobs: [{ kind: "offline", options: { nodes: 4, firstEndHours, hours, restartHours } }],
    judge: ([outcome]) => {
      if (outcome?.kind !== "offline") throw new Error(`${name} has no outcome`);
      const { excluded, refused, readOnly, roots, writes, endedHours } = outcome.result;
      return [
        budget(`${name} members excluded`, excluded.length, "= 0"),
        budget(`${name} writes`, writes, `>= ${hours}`),
        budget(`${name} writes refused`, refused, "= 0"),
        budget(`${name} read-only`, readOnly, "= 0"),
        budget(`${name} roots`, roots, "= 1"),
        budget(`${name} hours since the last certificate ended`, Math.min(...endedHours), ""),
      ];
    },
  };
}

/** Equivocation first, so that every mesh with a liar has one. */
const MIXED: readonly Behaviour[] = [
  "equivocate",
  ...BEHAVIOURS.filter((behaviour) => behaviour !== "equivocate"),
];
const QUIET_MS = 10_000;
const RESTARTS_A_WORLD = 200;
/** A durable write is on 3 disks of 4 nodes, on 4 of 7 or 10: fewer are harmed within 5 s. */
const DISK_WORLDS = [
  { nodes: 7, everyMs: 3_000 },
  { nodes: 4, everyMs: 5_500 },
  { nodes: 10, everyMs: 3_000 },
] as const;
/** Half find an empty disk. */
const OPENS_LEAST = 0.4;
/** Within these every provable offender is below the threshold everywhere, whatever others withhold. */
const OFFENDER_ROUNDS = 150;
