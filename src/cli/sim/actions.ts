/** What `sim` and its subcommands do. Each answers whether all that it ran held. */
import type { SimOptions } from "../../sim/options.ts";
import type { SimResult } from "../../sim/result.ts";
import { requestError } from "../control/protocol.ts";
import type { Output } from "../output.ts";
import { type Engine, loadEngine, type Watchers } from "./engine.ts";
import { replayLine, type SimFlags, sharedOptions, simOptions } from "./flags.ts";
import { outputFor, writeJson, writeText } from "./json.ts";
import { Progress } from "./progress.ts";
import { formatResult, formatSweep } from "./report.ts";
import { noSamples } from "./samples.ts";

export type Load = (signatures: SimOptions["signatures"]) => Promise<Engine>;

/** One run. */
export async function runOnce(
  flags: SimFlags & { readonly plot?: string },
  load: Load = loadEngine,
): Promise<boolean> {
  const setup = await prepare(flags, load);
  const samples = flags.plot === undefined ? undefined : noSamples();
  const result = setup.run(samples === undefined ? {} : { samples });
  if (flags.plot !== undefined && samples !== undefined) {
    const { drawPlot } = await import("./plot.ts");
    await writeText(flags.plot, drawPlot(result, samples));
  }
  await writeJson(flags.json, result);
  setup.output.result(result, formatResult(result));
  return isClean(setup, result, flags.faults);
}

/** The same run twice: equal traces, or something in it is not drawn from the seed. */
export async function replay(flags: SimFlags, load: Load = loadEngine): Promise<boolean> {
  const setup = await prepare(flags, load);
  const result = setup.run({}, "first run: ");
  const again = setup.run({}, "second run: ");
  const isSame = result.traceHash === again.traceHash;
  const shown = { ...result, replay: { traceHash: again.traceHash, isSame } };
  const verdict = isSame
    ? "the second run gave the same trace"
    : `NOT DETERMINISTIC: the second run gave the trace ${again.traceHash}`;
  await writeJson(flags.json, shown);
  setup.output.result(shown, `${formatResult(result)}\n${verdict}`);
  return isClean(setup, result, flags.faults) && isSame;
}

export interface ShrinkFlags extends SimFlags {
  readonly invariant?: string;
  readonly runs?: number;
  /** Where the faults that are left are written. */
  readonly out?: string;
}

/** A smaller run that breaks the same invariant. @returns false when there is one. */
export async function shrinkRun(flags: ShrinkFlags, load: Load = loadEngine): Promise<boolean> {
  const setup = await prepare(flags, load);
  const { shrink } = await import("../../sim/shrink.ts");
  const { formatFaults } = await import("../../sim/faults/parse.ts");
  const { runs: runsMax = 200, invariant, out = `shrunk-${flags.seed}.jsonl` } = flags;
  const shrunk = shrink(setup.options, {
    run: (candidate) => setup.engine(candidate),
    runsMax,
    ...(invariant === undefined ? {} : { invariant }),
    onRun: ({ runs, faults }) =>
      setup.progress.show(runs / runsMax, `${runs} runs, ${faults} faults left`),
  });
  setup.progress.clear();
  if (shrunk === undefined) {
    const broken = invariant === undefined ? "no invariant" : `not ${invariant}`;
    setup.output.result({ shrunk: null }, `this run breaks ${broken}: nothing to shrink`);
    return true;
  }
  const { options, violation, runs, complete } = shrunk;
  const line = replayLine(options, violation, out);
  await writeText(out, `# ${line}\n${formatFaults(options.faults)}`);
  const value = { options, violation, runs, complete, faultsFile: out, replay: line };
  await writeJson(flags.json, value);
  const bound = complete ? "" : ", the most allowed: it may shrink further";
  setup.output.result(
    value,
    `${options.faults.length} faults, ${options.nodes} nodes after ${runs} runs${bound}; in ${out}\n${line}`,
  );
  return false;
}

export interface SweepFlags extends SimFlags {
  readonly seeds: { readonly from: number; readonly to: number };
  readonly stopAtFirst?: boolean;
}

/** Every seed of a range. */
export async function sweepSeeds(flags: SweepFlags, load: Load = loadEngine): Promise<boolean> {
  const output = outputFor(flags.json);
  const progress = new Progress(output.json ? undefined : process.stderr);
  const { nodes, seeds, stopAtFirst = false } = flags;
  if (flags.faults !== undefined && nodes === undefined) {
    throw requestError("a fault file names nodes: --faults needs --nodes");
  }
  const { seed: _none, ...file } =
    nodes === undefined ? { seed: 0 } : await simOptions({ ...flags, nodes, seed: 0 });
  const profile = flags.faults === undefined ? "storm" : "calm";
  const base = { profile, ...sharedOptions(flags), ...file } as const;
  const engine = await load(flags.signatures);
  const { sweep } = await import("../../sim/sweep.ts");
  const total = seeds.to - seeds.from + 1;
  const lines: string[] = [];
  const result = sweep(base, {
    ...seeds,
    stopAtFirst,
    run: (options) => engine(options),
    onSeed: ({ seed, nodes: count, violations }) => {
      if (violations[0] !== undefined) {
        lines.push(replayLine({ ...base, seed, nodes: count }, violations[0], flags.faults));
        progress.note(lines.at(-1) ?? "");
      }
      const done = seed - seeds.from + 1;
      progress.show(done / total, `${done} of ${total} seeds, ${lines.length} failed`);
    },
  });
  progress.clear();
  const value = { ...result, replay: lines };
  await writeJson(flags.json, value);
  output.result(value, formatSweep(result));
  return lines.length === 0;
}

interface Setup {
  readonly options: SimOptions;
  readonly output: Output;
  readonly progress: Progress;
  readonly engine: Engine;
  /** Runs `options`, with progress. */
  readonly run: (watchers: Watchers, label?: string) => SimResult;
}

async function prepare(flags: SimFlags, load: Load): Promise<Setup> {
  const { nodes } = flags;
  if (nodes === undefined) throw requestError("--nodes is missing");
  const output = outputFor(flags.json);
  const progress = new Progress(output.json ? undefined : process.stderr);
  const options = await simOptions({ ...flags, nodes });
  const engine = await load(flags.signatures);
  const totalMs = options.durationMs ?? DURATION_MS;
  const run = (watchers: Watchers, label = ""): SimResult => {
    const result = engine(options, {
      ...watchers,
      onProgress: (virtualMs) => {
        progress.show(virtualMs / totalMs, `${label}${(virtualMs / 1_000).toFixed(1)} virtual s`);
      },
    });
    progress.clear();
    return result;
  };
  return { options, output, progress, engine, run };
}

/** Prints the line that replays a failure. @returns whether there was none. */
function isClean({ options, output }: Setup, result: SimResult, file: string | undefined): boolean {
  const [first] = result.violations;
  if (first === undefined) return true;
  output.progress(replayLine(options, first, file));
  return false;
}

/** What SimOptions says of its default. */
const DURATION_MS = 60_000;
