import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minimize } from "../../../src/sim/delta-debug.ts";
import type { Fault } from "../../../src/sim/faults/fault.ts";
import { formatFaults, parseFaults } from "../../../src/sim/faults/parse.ts";
import type { SimOptions } from "../../../src/sim/options.ts";
import { shrink } from "../../../src/sim/shrink.ts";
import { anyFault, FAULT_NODES } from "../../support/fault-arbitrary.ts";
import { resultOf } from "../../support/sim-result.ts";

describe("delta debugging", () => {
  it("finds exactly the needed items when each is needed on its own", () => {
    const needs = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(needs, (needed) => {
        const items = Array.from({ length: 41 }, (_, index) => index);
        const found = minimize(items, (kept) => needed.every((item) => kept.includes(item)));
        expect(found).toEqual(needed.toSorted((a, b) => a - b));
      }),
    );
  });

  it("ends at a set from which no single item can be left out", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (items) => {
        const half = items.reduce((a, b) => a + b, 0) / 2;
        const fails = (kept: readonly number[]): boolean => kept.reduce((a, b) => a + b, 0) >= half;
        const found = minimize(items, fails);
        expect(fails(found)).toBe(true);
        for (const left of found.keys()) {
          expect(fails(found.filter((_, index) => index !== left))).toBe(false);
        }
      }),
    );
  });
});

describe("shrinking a run", () => {
  it("ends with a smaller run that still fails alike and can be written to a file", () => {
    const faults = fc.array(anyFault, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(faults, fc.nat(), (lines, pick) => {
        const wanted = (lines[pick % lines.length] as Fault).do;
        const run = (options: SimOptions) =>
          resultOf(options, options.faults?.some(({ do: kind }) => kind === wanted) ? ["S1"] : []);
        const shrunk = shrink(
          { seed: 1, nodes: FAULT_NODES, faults: lines },
          { run, runsMax: 500 },
        );
        const { options } = shrunk!;
        expect(run(options).violations).toHaveLength(1);
        expect(options.faults.map(({ do: kind }) => kind)).toEqual([wanted]);
        expect(parseFaults(formatFaults(options.faults), options)).toEqual(options.faults);
      }),
    );
  });
});
