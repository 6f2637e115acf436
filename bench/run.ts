/**
 * The bench runner: `npm run bench -- <suite> [--quick] [--json FILE] [--check]`.
 * A table on stdout, progress and warnings on stderr, the report as JSON in a file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { captureStart, load } from "./lib/environment.ts";
import { withReport } from "./lib/performance.ts";
import { holds, type Measured, type Report, type SuiteOptions } from "./lib/report.ts";
import { reportTable } from "./lib/table.ts";

/** Loaded when asked for, so that one suite's needs do not stop another. */
const SUITES: Readonly<
  Record<string, () => Promise<(options: SuiteOptions) => Promise<Measured>>>
> = {
  mesh: async () => (await import("./mesh/suite.ts")).runMeshSuite,
  kernels: async () => (await import("./kernels/suite.ts")).runKernelsSuite,
  sim: async () => (await import("./sim/suite.ts")).runSimSuite,
  select: async () => (await import("./select/suite.ts")).runSelectSuite,
  delta: async () => (await import("./delta/suite.ts")).runDeltaSuite,
  frame: async () => (await import("./frame/suite.ts")).runFrameSuite,
  wire: async () => (await import("./wire/suite.ts")).runWireSuite,
  memory: async () => (await import("./memory/suite.ts")).runMemorySuite,
  delivery: async () => (await import("./delivery/suite.ts")).runDeliverySuite,
  durability: async () => (await import("./durability/suite.ts")).runDurabilitySuite,
  hostile: async () => (await import("./hostile/suite.ts")).runHostileSuite,
  crypto: async () => (await import("./crypto/suite.ts")).runCryptoSuite,
};

const USAGE = `usage: npm run bench -- <${Object.keys(SUITES).join("|")}> [options]
  --quick        fewer samples, under a minute
  --json FILE    writes the report as JSON
  --write        puts the tables into docs/PERFORMANCE.md
  --check        exits 1 when a budget is broken
  --only TEXT    only cases whose name contains TEXT
  --profile DIR  CPU profiles of the measured processes (suites mesh, sim, durability, hostile)`;

const PERFORMANCE = join(import.meta.dirname, "..", "docs", "PERFORMANCE.md");

const OPTIONS = {
  quick: { type: "boolean", default: false },
  json: { type: "string" },
  check: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  only: { type: "string", default: "" },
  profile: { type: "string" },
} as const;

process.exitCode = await main();

/** @returns 0, or 1 for a broken budget, 2 for a wrong call. */
async function main(): Promise<number> {
  const parsed = parse();
  if (parsed === undefined) return 2;
  const { suite, values } = parsed;
  const start = captureStart(values.quick);
  if (start.busy)
    note(
      `warning: load average ${start.loadAtStart[0]}, the machine is busy: times are upper bounds`,
    );
  const run = await SUITES[suite]?.();
  if (run === undefined) return 2;
  const { quick, only, profile } = values;
  const measured = await run({ quick, only, profileDir: profile, note });
  const report: Report = { suite, ...start, loadAtEnd: load(), ...measured };
  process.stdout.write(`${reportTable(report)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.write) {
    writeFileSync(PERFORMANCE, withReport(readFileSync(PERFORMANCE, "utf8"), report));
  }
  const broken = report.ratios.filter((ratio) => !holds(ratio));
  for (const { name, value, needed } of broken)
    note(`missed: ${name} is ${value}, needed ${needed}`);
  return values.check && broken.length > 0 ? 1 : 0;
}

function parse() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
    const suite = positionals[0];
    if (positionals.length === 1 && suite !== undefined && Object.hasOwn(SUITES, suite)) {
      return { suite, values };
    }
    note(USAGE);
  } catch (error) {
    note(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
  return undefined;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
