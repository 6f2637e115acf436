/** One row of the suite: what it runs, and what must come out. */
import type { SimResult } from "../../src/sim/result.ts";
import type { Ratio } from "../lib/report.ts";
import type { Job, Outcome, RunOutcome } from "./job.ts";

export interface Row {
  /** What `--only` picks; sizes and times that differ from the full row are in it. */
  readonly name: string;
  /** One after another, a process each. */
  readonly jobs: readonly Job[];
  readonly judge: (outcomes: readonly Outcome[]) => readonly Ratio[];
}

/** A row of one run. Whatever else it measures, no invariant may break and nothing get lost. */
export function oneRun(
  name: string,
  job: Omit<Extract<Job, { kind: "run" }>, "kind">,
  judge: (result: SimResult, outcome: RunOutcome) => readonly Ratio[],
): Row {
  return {
    name,
    jobs: [{ kind: "run", ...job }],
    judge: ([outcome]) => {
      if (outcome?.kind !== "run") throw new Error(`${name} has no outcome`);
      const { result } = outcome;
      return [
        ...judge(result, outcome),
        budget(`${name} violations`, result.violations.length, "= 0"),
        budget(`${name} lost`, result.lost, "= 0"),
      ];
    },
  };
}

export function budget(name: string, value: number, needed: string): Ratio {
  return { name, value, needed };
}

/** At least so many writes must have been followed, or a maximum says nothing. */
export function enoughSamples(name: string, result: SimResult, least: number): Ratio {
  return budget(`${name} samples`, result.convergence.samples, `>= ${least}`);
}

/** N6, N7, N8: from a write to its last node, one region. */
export function convergenceMsNeeded(nodes: number): number {
  if (nodes <= 100) return 50;
  return nodes <= 1_000 ? 70 : 300;
}
