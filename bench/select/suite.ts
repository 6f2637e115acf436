/** Suite `select`: drawing ten distinct peers, in constant time whatever the count (N3). */
import type { Kernels } from "../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { type MicroCase, runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, SuiteOptions } from "../lib/report.ts";
import { TICK_NS } from "../lib/table.ts";

/** @throws Error when the implementations draw differently. */
export async function runSelectSuite(options: SuiteOptions): Promise<Measured> {
  const both = [createReferenceKernels(), createWasmKernels()];
  const cases = COUNTS.flatMap((count) => both.map((kernels) => selectCase(kernels, count)));
  const results = await runMicro(cases, options);
  const ratios: Ratio[] = [];
  for (const row of results.filter(({ impl }) => impl === "wasm")) {
    const reference = results.find(({ name, impl }) => name === row.name && impl !== "wasm");
    if (reference?.hash !== row.hash)
      throw new Error(`${row.name}: other draws than the reference`);
    ratios.push({ name: `${row.name}-ticks`, value: row.p50 / TICK_NS, needed: "<= 1" });
  }
  return { results, ratios };
}

function selectCase(kernels: Kernels, count: number): MicroCase {
  const random = Uint32Array.of(1, 2, 3, 4);
  const into = new Uint32Array(SELECTED);
  return {
    name: `select-10-of-${count}`,
    impl: kernels.implementation,
    n: count,
    run: (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) {
        kernels.selectPeers(count, SELECTED, random, into);
        sum += into[0] ?? 0;
      }
      return sum;
    },
    produce: () => {
      random.set([1, 2, 3, 4]);
      const draws: number[] = [];
      for (let i = 0; i < 1_000; i++) {
        kernels.selectPeers(count, SELECTED, random, into);
        draws.push(...into);
      }
      return draws.join();
    },
  };
}

const SELECTED = 10;
const COUNTS = [1_000, 1_000_000];
