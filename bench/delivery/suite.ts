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
  const counts = quick ? ["60", "10"] : ["400", "40"];
  const { stdout } = await promisify(execFile)(process.execPath, [child, impl, ...counts]);
  return JSON.parse(stdout) as Cost[];
}

function ratiosOf(results: readonly Result[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const [name, needed] of BUDGETS) {
    const mesh = results.find((row) => row.name === name && row.impl === "mesh");
    const theirs = results.find((row) => row.name === name && row.impl === "gossipsub");
    if (mesh === undefined || theirs === undefined) continue;
    if (mesh.hash !== theirs.hash) throw new Error(`${name}: other messages were delivered`);
    ratios.push({ name: `${name}-vs-gossipsub`, value: theirs.p50 / mesh.p50, needed });
  }
  return ratios;
}

const BUDGETS = [
  ["delivery", ">= 15"],
  ["delivery-batched", ">= 200"],
] as const;
