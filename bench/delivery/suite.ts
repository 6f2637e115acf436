/**
 * Suite `delivery`: CPU that one delivery of a 256-byte message costs, here and in js gossipsub: 20
 * nodes in one process, linked over real QUIC on loopback, one topic that all listen to.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { summarize } from "../lib/statistics.ts";
import type { Cost } from "./cost.ts";

/** @throws Error when the two swarms delivered other messages. */
export async function runDeliverySuite({ quick, only, note }: SuiteOptions): Promise<Measured> {
  const results: Result[] = [];
  for (const impl of ["mesh", "gossipsub"]) {
    note(`20 nodes, ${impl}`);
    for (const { name, samples, hash } of await costsOf(impl, quick)) {
      const row = name === "batched" ? "delivery-batched" : "delivery";
      if (!row.includes(only)) continue;
      const { p50, p99, samples: count } = summarize(samples);
      results.push({ name: row, impl, n: 20, unit: "ns", p50, p99, samples: count, hash });
    }
  }
  return { results, ratios: ratiosOf(results) };
}

async function costsOf(impl: string, quick: boolean): Promise<Cost[]> {
  const child = fileURLToPath(new URL("./child.ts", import.meta.url));
  const bursts = impl === "mesh" ? 40 : 0;
  const counts = [quick ? "60" : "300", `${bursts}`];
  const { stdout } = await promisify(execFile)(process.execPath, [child, impl, ...counts], {
    timeout: CHILD_MS_MAX,
  });
  return JSON.parse(stdout) as Cost[];
}

/** Gossipsub has no batches, and in a burst it loses messages: its one figure serves both. */
function ratiosOf(results: readonly Result[]): Ratio[] {
  const row = (name: string, impl: string): Result | undefined =>
    results.find((one) => one.name === name && one.impl === impl);
  const theirs = row("delivery", "gossipsub");
  if (theirs === undefined) return [];
  const single = row("delivery", "mesh");
  if (single !== undefined && single.hash !== theirs.hash) {
    throw new Error("delivery: other messages were delivered");
  }
  const over = (mesh: Result | undefined): number => theirs.p50 / (mesh?.p50 ?? Number.NaN);
  return [
    { name: "delivery-vs-gossipsub", value: over(single), needed: ">= 15" },
    {
      name: "delivery-batched-vs-gossipsub",
      value: over(row("delivery-batched", "mesh")),
      needed: ">= 200",
    },
  ];
}

const CHILD_MS_MAX = 300_000;
