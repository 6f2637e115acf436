/**
 * Suite `sim`: what the simulator says about scale and faults, each row in processes of its own.
 * See bench/README.md for what each row means.
 */
import { replayLine } from "../../src/cli/sim/flags.ts";
import type { SimResult } from "../../src/sim/result.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { runJob } from "./child.ts";
import type { Outcome } from "./job.ts";
import type { Row } from "./row.ts";
import { fullRows, quickRows } from "./rows.ts";
import { unreached } from "./speed-rows.ts";

/** @throws Error when no row has the name asked for: a check of nothing would pass. */
export async function runSimSuite(options: SuiteOptions): Promise<Measured> {
  // Fresh seeds each time: a defect that yesterday's seeds missed may be in today's.
  const stormSeed = Math.floor(Date.now() / 1_000);
  const all = options.quick ? quickRows(stormSeed) : fullRows(stormSeed);
  const exact = all.filter(({ name }) => name === options.only);
  const rows = exact.length > 0 ? exact : all.filter(({ name }) => name.includes(options.only));
  if (rows.length === 0) {
    throw new Error(
      `no row is called "${options.only}": ${all.map(({ name }) => name).join(", ")}`,
    );
  }
  const results: Result[] = [];
  const ratios: Ratio[] = [];
  for (const row of rows) {
    const measured = await measure(row, options);
    results.push(...measured.results);
    ratios.push(...measured.ratios);
  }
  return { results, ratios };
}

/** A row that cannot be run is a missed budget, not the end of the suite. */
async function measure(row: Row, { note, profileDir }: SuiteOptions): Promise<Measured> {
  const outcomes: Outcome[] = [];
  const startedAt = performance.now();
  try {
    for (const job of row.jobs) outcomes.push(await runJob(job, profileDir));
  } catch (error) {
    note(`${row.name}: ${error instanceof Error ? error.message : String(error)}`);
    return { results: [], ratios: [{ name: `${row.name} not run`, value: 1, needed: "= 0" }] };
  }
  note(`${row.name}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  for (const outcome of outcomes) for (const line of remarks(outcome)) note(`  ${line}`);
  const runs = outcomes.flatMap((outcome) => (outcome.kind === "run" ? [outcome.result] : []));
  const results = runs.filter(({ convergence }) => convergence.samples > 0);
  return { results: results.map((run) => resultRow(row.name, run)), ratios: row.judge(outcomes) };
}

function resultRow(name: string, { nodes, convergence, traceHash }: SimResult): Result {
  const { p50Ms, p99Ms, samples } = convergence;
  const hash = traceHash.slice(0, 12);
  return { name, impl: "sim", n: nodes, unit: "ms", p50: p50Ms, p99: p99Ms, samples, hash };
}

/** One for each run that broke an invariant, and for what a sweep has not come into; a row's own faults are in its source, not in a file. */
function remarks(outcome: Outcome): string[] {
  if (outcome.kind === "run") {
    const [first] = outcome.result.violations;
    return first === undefined ? [] : [replayLine(outcome.options, first)];
  }
  if (outcome.kind === "offline") return [];
  const { base, result } = outcome;
  const missed = unreached(base, result).map((name) => `never reached: ${name}`);
  const failed = result.failed.map(({ seed, nodes, violations }) =>
    replayLine({ ...base, seed, nodes }, violations[0]),
  );
  return [...failed, ...missed];
}
