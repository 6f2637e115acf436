/** Suite `kernels`: the primitives in SIMD Wasm and in plain JavaScript, side by side. */
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { TICK_NS } from "../lib/table.ts";
import { bestCases, kernelCases, rootCompareCase, sha256Case } from "./cases.ts";

/** @throws Error when the two implementations' hashes differ. */
export async function runKernelsSuite(options: SuiteOptions): Promise<Measured> {
  const reference = kernelCases(createReferencePrimitives());
  const wasm = kernelCases(createWasmKernels());
  const rivals = [...bestCases(), rootCompareCase(), await sha256Case()];
  // Side by side in time as well, so that a busy moment meets both.
  const pairs = reference.flatMap((one, at) => [one, ...wasm.slice(at, at + 1)]);
  const results = await runMicro([...pairs, ...rivals], options);
  return { results, ratios: [...ratiosOf(results), ...rivalRatios(results)] };
}

/** @throws Error when the JavaScript rival gives other results than the kernels. */
function rivalRatios(results: readonly Result[]): Ratio[] {
  const row = (name: string, impl: string): Result | undefined =>
    results.find((one) => one.name === name && one.impl === impl);
  const ratios: Ratio[] = [];
  for (const name of ["vv-compare-1000", "vv-merge-1000"]) {
    const [best, wasm] = [row(name, "js-best"), row(name, "wasm")];
    if (best === undefined || wasm === undefined) continue;
    if (best.hash !== wasm.hash) throw new Error(`${name}: js-best gives other results`);
    ratios.push({ name, value: best.p50 / wasm.p50, needed: ">= 5" });
    if (name === "vv-compare-1000") {
      ratios.push({ name: `${name}-ticks`, value: wasm.p50 / TICK_NS, needed: "<= 2" });
    }
  }
  const sha = row("merkle-nodes-1024", "as-sha256");
  const root = row("merkle-root-1024-dirty", "wasm");
  if (sha !== undefined && root !== undefined) {
    // 1,024 leaves and the 1,023 nodes above them, finding and sorting the dirty ones included.
    const value = sha.p50 / (root.p50 / (2 * root.n - 1));
    ratios.push({ name: "merkle-parents-vs-as-sha256", value, needed: ">= 5" });
  }
  const compare = row("root-compare", "core");
  if (compare !== undefined) {
    const value = compare.p50 / TICK_NS;
    ratios.push({ name: "root-compare-ticks", value, needed: "<= 0.1" });
  }
  return ratios;
}

function ratiosOf(results: readonly Result[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const wasm of results.filter(({ impl }) => impl === "wasm")) {
    const { name } = wasm;
    const reference = results.find((row) => row.name === name && row.impl === "reference");
    if (reference === undefined) continue;
    if (reference.hash !== wasm.hash) {
      throw new Error(`${name}: reference gives ${reference.hash}, wasm ${wasm.hash}`);
    }
    ratios.push({
      name: `${name} reference / wasm`,
      value: reference.p50 / wasm.p50,
      needed: "> 1",
    });
    const ticks = TICKS_NEEDED[name];
    if (ticks !== undefined) {
      ratios.push({ name: `${name} p50 ticks`, value: wasm.p50 / TICK_NS, needed: `<= ${ticks}` });
    }
  }
  return ratios;
}

/** Budgets of the project for the Wasm path, in ticks: N5 (compare) and N3 (selection). */
const TICKS_NEEDED: Readonly<Record<string, number>> = {
  "vv-compare-1000-last": 2,
  "select-10-of-1000": 1,
};
