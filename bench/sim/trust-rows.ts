/** Rows about liars and about disks that come back older than they were, or empty. */
import { BEHAVIOURS, type Behaviour, type Fault } from "../../src/sim/faults/fault.ts";
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
  return liarsRow(name, { nodes, durationMs, faults });
}

/** One author that tells peers of even and of odd name different things. */
export function halves(nodes: number): Row {
  const name = `byzantine-halves-${nodes}`;
  const node = `n${nodes >> 1}`;
  const faults: Fault[] = [{ at: 1_000, do: "byz.behave", node, as: "equivocate", for: 30_000 }];
  return liarsRow(name, { nodes, durationMs: 10_000, faults });
}

function liarsRow(
  name: string,
  run: { readonly nodes: number; readonly durationMs: number; readonly faults: Fault[] },
): Row {
  const rounds = 2 * Math.ceil(Math.log2(run.nodes)) + 6;
  return oneRun(name, { options: { seed: 1, ...run } }, ({ trust, distinctRoots, violations }) => [
    budget(`${name} equivocators`, trust.equivocators, "> 0"),
    budget(`${name} not expunged`, trust.unproven, "= 0"),
    budget(`${name} rounds to expunge`, trust.provenRounds, `<= ${rounds}`),
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

/** Restarts one node after another, each with an empty disk or an earlier state of its own. */
export function disks(restarts: number, seed: number): Row {
  const name = `disks-${restarts}`;
  const nodes = 7;
  const faults = Array.from({ length: restarts }, (_, i): Fault => {
    const disk = i % 2 === 0 ? "rolledback" : "lost";
    return { at: 1_000 + i * RESTART_EVERY_MS, do: "node.restart", node: `n${i % nodes}`, disk };
  });
  const durationMs = 2_000 + restarts * RESTART_EVERY_MS;
  const options = { seed, nodes, durationMs, faults, writesPerSecond: 5 };
  return oneRun(name, { options }, (result) => [
    budget(`${name} roots`, result.distinctRoots, "= 1"),
    budget(`${name} acknowledged`, result.acknowledged, "> 0"),
  ]);
}

/** Equivocation first, so that every mesh with a liar has one. */
const MIXED: readonly Behaviour[] = [
  "equivocate",
  ...BEHAVIOURS.filter((behaviour) => behaviour !== "equivocate"),
];
const QUIET_MS = 10_000;
const RESTART_EVERY_MS = 3_000;
