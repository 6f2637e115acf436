/** Suite `kernels`: the primitives in SIMD Wasm and in plain JavaScript, side by side. */
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { TICK_NS } from "../lib/table.ts";
import { kernelCases } from "./cases.ts";

/** @throws Error when the two implementations' hashes differ. */
export async function runKernelsSuite(options: SuiteOptions): Promise<Measured> {
  const reference = kernelCases(createReferencePrimitives());
  const wasm = kernelCases(createWasmKernels());
  // Side by side in time as well, so that a busy moment meets both.
  const pairs = reference.flatMap((one, at) => [one, ...wasm.slice(at, at + 1)]);
  const results = await runMicro(pairs, options);
  return { results, ratios: ratiosOf(results) };
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
  "vv-compare-1000": 2,
  "vv-compare-1000-last": 2,
  "select-10-of-1000": 1,
};
