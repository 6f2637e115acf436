/** Rows about the simulator itself, and the storm. */
import type { SimOptions } from "../../src/sim/options.ts";
import { expectedIn } from "../../src/sim/situations.ts";
import type { SweepBase, SweepResult } from "../../src/sim/sweep.ts";
import type { Outcome } from "./job.ts";
import { budget, oneRun, type Row } from "./row.ts";

/** Virtual time by wall time of storms, after one that warms the compilers up. */
export function stormSpeed(signatures: "fake" | "real", needed: number, seeds: number): Row {
  const name = `speed-16-storm-${signatures}`;
  const base = { nodes: 16, profile: "storm", signatures } as const;
  return {
    name,
    jobs: [{ kind: "sweep", base, from: 1, to: seeds }],
    judge: ([outcome]) => {
      const { virtualMs, wallMs } = sweepOf(name, outcome).result;
      return [budget(`${name} x real time`, virtualMs / wallMs, `>= ${needed}`)];
    },
  };
}

export function calmSpeed(nodes: number, durationMs: number, needed: string): Row {
  const name = `speed-${nodes}`;
  const options: SimOptions = { seed: 1, nodes, durationMs };
  return oneRun(name, { options }, ({ virtualMs, wallMs, eventsPerSecond, heapBytesPerNode }) => [
    budget(`${name} x real time`, virtualMs / wallMs, needed),
    budget(`${name} events/s`, eventsPerSecond, ""),
    budget(`${name} heap bytes a node`, heapBytesPerNode, ""),
  ]);
}

/** Seeds that nobody has run before, unless `from` says which. */
export function storm(seeds: number, from: number): Row {
  const name = `storm-${seeds}-seeds`;
  const base = { profile: "storm", writesPerSecond: 10, durationMs: 60_000 } as const;
  return {
    name,
    jobs: [{ kind: "sweep", base, from, to: from + seeds - 1 }],
    judge: ([outcome]) => {
      const { result, tookMs } = sweepOf(name, outcome);
      return [
        budget(`${name} failed seeds`, result.failed.length, "= 0"),
        ...situationsOf(name, base, result),
        budget(`${name} minutes`, tookMs / 60_000, "< 8"),
        budget(`${name} first seed`, from, ""),
        budget(`${name} x real time`, result.virtualMs / result.wallMs, ""),
      ];
    },
  };
}

/** Storms have no liars; these have, and come into what only liars bring about. */
export function liars(seeds: number, from: number): Row {
  const name = `liars-${seeds}-seeds`;
  const base = { profile: "byzantine", durationMs: 60_000 } as const;
  return {
    name,
    jobs: [{ kind: "sweep", base, from, to: from + seeds - 1 }],
    judge: ([outcome]) => {
      const { result } = sweepOf(name, outcome);
      return [
        budget(`${name} failed seeds`, result.failed.length, "= 0"),
        ...situationsOf(name, base, result),
      ];
    },
  };
}

/** "Sometimes" gates: a few seeds may miss what is rare, many may not. */
function situationsOf(name: string, base: SweepBase, result: SweepResult) {
  const needed = result.seeds >= GATED_SEEDS_MIN ? "= 0" : "";
  return [budget(`${name} situations never reached`, unreached(base, result).length, needed)];
}

/** Of the situations that the profile must come into, those that one seed in a hundred has not. */
export function unreached({ profile }: SweepBase, { situations, seeds }: SweepResult): string[] {
  const least = Math.max(1, seeds / 100);
  return expectedIn(profile).filter((situation) => (situations[situation] ?? 0) < least);
}

const GATED_SEEDS_MIN = 50;

function sweepOf(name: string, outcome: Outcome | undefined) {
  if (outcome?.kind !== "sweep") throw new Error(`${name} has no outcome`);
  return outcome;
}
