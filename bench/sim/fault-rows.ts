/** Rows about cuts, crashes, pauses and churn. */
import type { Fault } from "../../src/sim/faults/fault.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import { churn, growAndShrink, pauses, starvation, twoSides } from "./fault-lists.ts";
import type { Outcome } from "./job.ts";
import { budget, convergenceMsNeeded, oneRun, type Row } from "./row.ts";

export const CUTS = ["30-70", "50-50", "one-way"] as const;

/** N12, N13: one cut of ten seconds. */
export function partition(cut: (typeof CUTS)[number], nodes: number): Row {
  const name = `partition-${cut}-${nodes}`;
  const options = { seed: 1, nodes, durationMs: 30_000, faults: [cutOf(cut, nodes)] };
  return oneRun(name, { options }, ({ partition: { detectedMs, falseAlarms, recoveredMs } }) => [
    budget(`${name} detected max ms`, detectedMs.max, "< 1000"),
    // Zero would mean that nobody noticed: every cut has a side without a quorum.
    budget(`${name} detected p50 ms`, detectedMs.p50, "> 0"),
    budget(`${name} false alarms`, falseAlarms, "= 0"),
    budget(`${name} recovered max ms`, recoveredMs.max, "< 5000"),
  ]);
}

/** N12: no alarm where there is no cut. */
export function falseAlarmsLoss(nodes: number, durationMs: number, suffix = ""): Row {
  const name = `false-alarms-loss20${suffix}`;
  const options = { seed: 1, nodes, durationMs, loss: 0.2, writesPerSecond: 1 };
  return falseAlarms(name, options);
}

export function falseAlarmsPauses(nodes: number, durationMs: number, suffix = ""): Row {
  const name = `false-alarms-pauses${suffix}`;
  const count = Math.max(1, Math.round(nodes / 20));
  const untilMs = durationMs - 10_000;
  const faults = pauses({ seed: 1, nodes, count, everyMs: 10_000, forMs: 5_000, untilMs });
  return falseAlarms(name, { seed: 1, nodes, durationMs, faults, writesPerSecond: 1 });
}

function falseAlarms(name: string, options: SimOptions): Row {
  return oneRun(name, { options }, ({ partition, failure }) => [
    budget(`${name} false alarms`, partition.falseAlarms, "= 0"),
    budget(`${name} false positives`, failure.falsePositives, ""),
  ]);
}

/** Three crashes, far apart, each for good. */
export function crash(nodes: number): Row {
  const name = `crash-${nodes}`;
  const faults = [5_000, 15_000, 25_000].map(
    (at, index): Fault => ({ at, do: "node.crash", node: `n${Math.floor(nodes / 2) + index}` }),
  );
  const options = { seed: 1, nodes, durationMs: 35_000, faults, writesPerSecond: 2 };
  return oneRun(name, { options }, ({ failure }) => [
    budget(`${name} detected ms`, failure.detectedMs, "< 5000"),
    budget(`${name} noticed ms`, failure.detectedMs, "> 0"),
    budget(`${name} false positives`, failure.falsePositives, ""),
  ]);
}

/** Plain SWIM beside SWIM with Lifeguard, same timeouts, same starved nodes. */
export function lifeguardRatio(nodes: number, durationMs: number, suffix = ""): Row {
  const name = `lifeguard-ratio${suffix}`;
  const untilMs = durationMs - 10_000;
  const count = Math.max(1, Math.round(nodes / 6));
  const starved = { seed: 1, nodes, count, factor: 100, everyMs: 20_000, untilMs };
  const faults = starvation(starved);
  const options = { seed: 1, nodes, durationMs, faults, writesPerSecond: 5 };
  return {
    name,
    jobs: [
      { kind: "run", options: { ...options, lifeguard: false } },
      { kind: "run", options },
    ],
    judge: ([plain, lifeguard]) => {
      const [without, with_] = [falsePositives(plain), falsePositives(lifeguard)];
      return [
        budget(`${name} plain SWIM false positives`, without, suffix === "" ? ">= 200" : ""),
        budget(`${name} Lifeguard false positives`, with_, ""),
        budget(`${name} plain / Lifeguard`, without / Math.max(1, with_), ">= 50"),
      ];
    },
  };
}

function falsePositives(outcome: Outcome | undefined): number {
  if (outcome?.kind !== "run") throw new Error("lifeguard-ratio has no outcome");
  return outcome.result.failure.falsePositives;
}

/** Grows to `peak` and back under writes. */
export function scale(nodes: number, peak: number, everyMs: number): Row {
  const name = `scale-${nodes}-${peak}-${nodes}`;
  const joins = peak - nodes;
  const { faults, endMs } = growAndShrink({ nodes, joins, everyMs, pauseMs: 5_000 });
  const options = { seed: 1, nodes, durationMs: endMs, faults };
  return oneRun(name, { options }, (result) => [
    budget(`${name} max ms`, result.convergence.maxMs, `< ${convergenceMsNeeded(peak)}`),
    budget(`${name} refused`, result.refused, "= 0"),
    budget(`${name} roots`, result.distinctRoots, "= 1"),
  ]);
}

/** N20: who is gone stays gone. */
export function gone(who: "seeds" | "tenth", nodes: number): Row {
  const name = `n20-${who}-gone-${nodes}`;
  const node = who === "seeds" ? ["n0", "n1", "n2"] : twoSides(nodes, 10)[0];
  const faults: Fault[] = [{ at: 5_000, do: "node.crash", node }];
  const options = { seed: 1, nodes, durationMs: 30_000, faults };
  return oneRun(name, { options }, (result) => [
    budget(`${name} roots`, result.distinctRoots, "= 1"),
    budget(`${name} refused`, result.refused, "= 0"),
    budget(`${name} max ms`, result.convergence.maxMs, ""),
    budget(`${name} samples`, result.convergence.samples, ">= 200"),
  ]);
}

/** N22: the share of writes that keeps N7 while nodes come, go and crash. */
export function shareUnderChurn(nodes: number, durationMs: number, suffix = ""): Row {
  const name = `n22${suffix}`;
  const untilMs = durationMs - 10_000;
  const faults = churn({ seed: 1, nodes, everyMs: 5_000, downMs: 10_000, untilMs });
  const options = { seed: 1, nodes, durationMs, faults, writesPerSecond: 5 };
  const withinMs = convergenceMsNeeded(1_000);
  return oneRun(name, { options, withinMs }, (result, { withinPercent = 0 }) => [
    budget(`${name} percent within ${withinMs} ms`, withinPercent, ">= 99.9"),
    budget(`${name} max ms`, result.convergence.maxMs, ""),
  ]);
}

function cutOf(cut: (typeof CUTS)[number], nodes: number): Fault {
  const span = { at: 5_000, for: 10_000 };
  if (cut === "50-50") return { ...span, do: "net.partition", groups: twoSides(nodes, 50) };
  const [few, many] = twoSides(nodes, 30);
  if (cut === "30-70") return { ...span, do: "net.partition", groups: [few, many] };
  // The few hear the many and are not heard.
  return { ...span, do: "net.oneway", from: few, to: many };
}
