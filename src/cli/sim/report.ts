/** A simulated run for people. */
import type { SimResult } from "../../sim/result.ts";
import type { SweepResult } from "../../sim/sweep.ts";

/** Several lines, no trailing newline. */
export function formatResult(result: SimResult): string {
  const { convergence, partition, failure, network, violations } = result;
  const perNode = network.bytesPerNodePerSecond;
  return [
    heading(result),
    row(
      "writes",
      `${count(result.acknowledged)} acknowledged, ${count(result.refused)} refused, ${count(result.lost)} lost`,
    ),
    row(
      "convergence",
      `p50 ${ms(convergence.p50Ms)}, p99 ${ms(convergence.p99Ms)}, max ${ms(convergence.maxMs)}, ` +
        `at most ${plural(convergence.rounds, "round")}, ${plural(convergence.samples, "sample")}`,
    ),
    row(
      "partition",
      `detected p50 ${ms(partition.detectedMs.p50)}, max ${ms(partition.detectedMs.max)}; ` +
        `recovered p50 ${ms(partition.recoveredMs.p50)}, max ${ms(partition.recoveredMs.max)}; ` +
        `${plural(partition.falseAlarms, "false alarm")}`,
    ),
    row(
      "failures",
      `detected within ${ms(failure.detectedMs)}, ${plural(failure.falsePositives, "false positive")}`,
    ),
    row(
      "network",
      `${plural(network.messages, "message")}, ${bytes(network.bytes)}; a node ` +
        `${bytes(perNode.mean)}/s mean, ${bytes(perNode.p99)}/s p99`,
    ),
    row(
      "push",
      `redundancy ${figure(network.redundancy)}, last delivery at hop ${network.lastDeliveryHop}`,
    ),
    row("roots", `${count(result.distinctRoots)} distinct at the end`),
    row("memory", `${bytes(result.heapBytesPerNode)} a node`),
    row("trace", result.traceHash),
    ...violationRows(violations),
  ].join("\n");
}

/** Several lines, no trailing newline. */
export function formatSweep({
  seeds,
  failed,
  virtualMs,
  wallMs,
  acknowledged,
  situations,
}: SweepResult): string {
  const failures = failed.length === 0 ? "none failed" : `${failed.length} failed`;
  return [
    `${plural(seeds, "seed")}, ${failures}; ${count(acknowledged)} writes acknowledged`,
    `${seconds(virtualMs)} virtual in ${seconds(wallMs)}, ${speed(virtualMs, wallMs)}`,
    ...situationRows(situations, seeds),
  ].join("\n");
}

/** Rare situations, by the seeds that came into them: what none came into was not tested. */
function situationRows(situations: SweepResult["situations"], seeds: number): string[] {
  const rows = Object.entries(situations);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, times]) => {
    const reached = times === 0 ? "NEVER" : `${figure((100 * times) / seeds)} % of the seeds`;
    return `  ${name.padEnd(width)} ${reached}`;
  });
}

function heading({ seed, nodes, virtualMs, wallMs, eventsPerSecond }: SimResult): string {
  return (
    `seed ${seed}, ${plural(nodes, "node")}: ${seconds(virtualMs)} virtual in ${seconds(wallMs)}, ` +
    `${speed(virtualMs, wallMs)}, ${count(eventsPerSecond)} events/s`
  );
}

function violationRows(violations: SimResult["violations"]): string[] {
  if (violations.length === 0) return [row("violations", "none")];
  const shown = violations.slice(0, VIOLATIONS_SHOWN).map(({ invariant, at, node, detail }) => {
    const where = node === undefined ? "" : `, ${node}`;
    return `  ${invariant} at ${seconds(at)}${where}: ${detail}`;
  });
  const rest = violations.length - shown.length;
  return [
    row("violations", count(violations.length)),
    ...shown,
    ...(rest > 0 ? [`  and ${count(rest)} more`] : []),
  ];
}

function row(name: string, text: string): string {
  return `${name.padEnd(12)} ${text}`;
}

function speed(virtualMs: number, wallMs: number): string {
  return `${figure(virtualMs / Math.max(1, wallMs))} x real time`;
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function ms(value: number): string {
  return value >= 10_000 ? seconds(value) : `${figure(value)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1_000).toFixed(value < 100_000 ? 2 : 0)} s`;
}

/** Decimal, as networks count. */
function bytes(value: number): string {
  if (value >= 1e9) return `${figure(value / 1e9)} GB`;
  if (value >= 1e6) return `${figure(value / 1e6)} MB`;
  return value >= 1e3 ? `${figure(value / 1e3)} KB` : `${figure(value)} B`;
}

/** Three significant digits, or all of them before the point. */
function figure(value: number): string {
  return Math.abs(value) >= 100 ? count(value) : `${Number(value.toPrecision(3))}`;
}

const VIOLATIONS_SHOWN = 20;
