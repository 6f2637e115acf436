/** Rows of invariants that no single run can judge: they take a twin, or a clock. */
import type { Fault } from "../../src/sim/faults/fault.ts";
import {
  judgeMemory,
  judgeStaleness,
  memoryRatio,
  stalenessRatio,
} from "../../src/sim/judges/twins.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";
import type { Ratio } from "../lib/report.ts";
import type { Outcome } from "./job.ts";
import { budget, type Row } from "./row.ts";

/** C3: every frame is lost with a probability of 10 %. */
export function staleness(nodes: number, durationMs: number): Row {
  const name = `staleness-loss10-${nodes}`;
  const options: SimOptions = { seed: 1, nodes, durationMs };
  return twins(name, [{ ...options, loss: 0.1 }, options], (lossy, whole) => [
    budget(`${name} p99 ms`, lossy.convergence.p99Ms, ""),
    budget(`${name} p99 to that without loss`, stalenessRatio(lossy, whole), ""),
    budget(`${name} C3 broken`, judgeStaleness(lossy, whole).length, "= 0"),
  ]);
}

/** R3: after cuts and crashes, nobody holds more than where there were none. */
export function memoryAfterHeal(nodes: number, durationMs: number): Row {
  const name = `memory-after-heal-${nodes}`;
  const half = Array.from({ length: nodes >> 1 }, (_, i) => `n${i}`);
  const rest = Array.from({ length: nodes - half.length }, (_, i) => `n${half.length + i}`);
  const groups = [half, rest];
  const faults: Fault[] = [
    { at: 1_000, do: "net.partition", groups, for: 10_000 },
    { at: 15_000, do: "net.drop", src: "*", dst: "*", p: 0.3, for: 10_000 },
  ];
  const options: SimOptions = { seed: 1, nodes, durationMs };
  return twins(name, [{ ...options, faults }, options], (healed, whole) => [
    budget(`${name} bytes a node`, healed.heapBytesPerNode, ""),
    budget(`${name} to that without faults`, memoryRatio(healed, whole), ""),
    budget(`${name} R3 broken`, judgeMemory(healed, whole).length, "= 0"),
    budget(`${name} violations`, healed.violations.length, "= 0"),
  ]);
}

/** R2: a full region, pauses of the engine's garbage collector left out. */
export function handlers(nodes: number, durationMs: number): Row {
  const name = `handlers-${nodes}`;
  const options: SimOptions = { seed: 1, nodes, durationMs };
  return {
    name,
    jobs: [{ kind: "run", options, handlers: true }],
    judge: ([outcome]) => {
      const { count, slowMs } = (outcome?.kind === "run" && outcome.handlers) || NONE;
      return [
        budget(`${name} handled`, count, "> 0"),
        budget(`${name} slowest ms above 10`, slowMs[0] ?? 0, ""),
        budget(`${name} R2 broken`, slowMs.length, "= 0"),
      ];
    },
  };
}

function twins(
  name: string,
  options: readonly [SimOptions, SimOptions],
  judge: (one: SimResult, other: SimResult) => readonly Ratio[],
): Row {
  return {
    name,
    jobs: options.map((each) => ({ kind: "run", options: each })),
    judge: ([one, other]) => judge(resultOf(name, one), resultOf(name, other)),
  };
}

function resultOf(name: string, outcome: Outcome | undefined): SimResult {
  if (outcome?.kind !== "run") throw new Error(`${name} has no outcome`);
  return outcome.result;
}

const NONE = { count: 0, slowMs: [] };
