/**
 * Micro timing with tinybench. A case that takes less than the clock can resolve is repeated
 * inside one sample, so each sample is a mean over `batch` calls and p99 is the p99 of those
 * means; calls longer than that are timed one by one.
 */
import { hash as digest } from "node:crypto";
import { Bench } from "tinybench";
import type { Result, SuiteOptions } from "./report.ts";
import { summarize } from "./statistics.ts";

export interface MicroCase {
  readonly name: string;
  readonly impl: string;
  readonly n: number;
  /** The work, `times` over. Its results must reach what is returned, or it may be optimised away. */
  readonly run: (times: number) => number;
  /** Untimed, before every sample; `run` is then called once a sample. */
  readonly prepare?: () => void;
  /** With `prepare`: operations that one `run` holds. Default 1. */
  readonly callsPerSample?: number;
  /** Samples to take, where preparing one costs more than taking it; a quarter with `--quick`. */
  readonly samples?: number;
  /** Does the work afresh and returns what it produced, as bytes or text. */
  readonly produce: () => Uint8Array | string;
}

/** Runs the cases one after another. @throws Error when a case's hash changes under timing. */
export async function runMicro(
  cases: readonly MicroCase[],
  { quick, only, note }: SuiteOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of cases) {
    if (!one.name.includes(only)) continue;
    note(`${one.name} ${one.impl}`);
    results.push(await measure(one, quick));
  }
  return results;
}

/** First 16 hex digits of SHA-256: enough to tell results apart, short enough for a table. */
export function shortHash(data: Uint8Array | string): string {
  return digest("sha256", data, "hex").slice(0, 16);
}

async function measure(one: MicroCase, quick: boolean): Promise<Result> {
  const hash = shortHash(one.produce());
  const { prepare, callsPerSample = 1, samples: wanted } = one;
  const batch = prepare === undefined ? batchOf(one) : 1;
  const bench = new Bench({
    ...(wanted === undefined ? timed(quick) : counted(quick ? Math.ceil(wanted / 4) : wanted)),
    retainSamples: true,
    throws: true,
  });
  let sink = 0;
  bench.add(
    one.name,
    () => {
      sink += one.run(batch);
    },
    prepare === undefined ? {} : { beforeEach: prepare },
  );
  await bench.run();
  const samples = samplesOf(bench).map((ms) => (ms * 1e6) / (batch * callsPerSample));
  if (!Number.isFinite(sink)) throw new Error(`${one.name} ${one.impl} produced no number`);
  const after = shortHash(one.produce());
  if (after !== hash) throw new Error(`${one.name} ${one.impl}: ${hash} became ${after}`);
  const { p50, p99, samples: count } = summarize(samples);
  const { name, impl, n } = one;
  return { name, impl, n, unit: "ns", p50, p99, samples: count, hash };
}

function timed(quick: boolean) {
  return { time: quick ? 250 : 1_500, warmupTime: quick ? 100 : 500 };
}

function counted(samples: number) {
  return { time: 0, iterations: samples, warmupTime: 0, warmupIterations: Math.min(samples, 400) };
}

/** Calls per sample, so that one takes at least SAMPLE_NS once warm. */
function batchOf({ run }: MicroCase): number {
  let sink = 0;
  for (let batch = 1; ; batch *= 2) {
    sink += run(batch); // warm
    const start = process.hrtime.bigint();
    sink += run(batch);
    const elapsed = Number(process.hrtime.bigint() - start);
    if (elapsed >= SAMPLE_NS || batch >= BATCH_MAX || Number.isNaN(sink)) return batch;
  }
}

function samplesOf(bench: Bench): readonly number[] {
  const result = bench.tasks[0]?.result;
  if (result === undefined || !("latency" in result)) throw new Error("the case did not complete");
  const { samples } = result.latency;
  if (samples === undefined) throw new Error("tinybench kept no samples");
  return samples;
}

/** Two hundred times what reading the clock costs. */
const SAMPLE_NS = 20_000;
const BATCH_MAX = 65_536;
