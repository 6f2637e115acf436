import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMeshError } from "../../../src/errors.ts";
import { FAULT_FIELDS } from "../../../src/sim/faults/fields.ts";
import { formatFault, formatFaults, parseFaults } from "../../../src/sim/faults/parse.ts";
import { drawFaults, PROFILE_NAMES } from "../../../src/sim/faults/profiles.ts";
import { anyFault, FAULT_NODES } from "../../support/fault-arbitrary.ts";

describe("fault files", () => {
  it("give back every fault that was written, in its order", () => {
    fc.assert(
      fc.property(fc.array(anyFault), (faults) => {
        expect(parseFaults(formatFaults(faults), { nodes: FAULT_NODES })).toEqual(faults);
      }),
    );
  });

  it("read any text to faults or to one typed error, never to anything else", () => {
    const line = fc.oneof(fc.string(), fc.json(), anyFault.map(formatFault));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const faults = parseFaults(lines.join("\n"), { nodes: FAULT_NODES });
          for (const fault of faults) expect(Object.hasOwn(FAULT_FIELDS, fault.do)).toBe(true);
        } catch (error) {
          expect(isMeshError(error, "MESH_FAULTS_INVALID")).toBe(true);
        }
      }),
    );
  });

  it("notice each field that is left out, and each that is too many", () => {
    fc.assert(
      fc.property(anyFault, fc.nat(), (fault, pick) => {
        const fields = Object.keys(fault).filter((field) => field !== "do");
        const field = fields[pick % fields.length] ?? "at";
        const { [field]: _left, ...without } = fault as unknown as Record<string, unknown>;
        for (const wrong of [without, { ...fault, surplus: 1 }]) {
          const text = JSON.stringify(wrong);
          expect(() => parseFaults(text, { nodes: FAULT_NODES + 1 })).toThrow(/1 problem/);
        }
      }),
    );
  });
});

describe("profiles", () => {
  it.each(PROFILE_NAMES)(
    "%s: draws what a fault file may say, the same for one seed",
    (profile) => {
      const shape = { seed: fc.nat(), nodes: fc.integer({ min: 1, max: 40 }) };
      const options = fc.record({ ...shape, durationMs: fc.integer({ min: 0, max: 600_000 }) });
      fc.assert(
        fc.property(options, (drawn) => {
          const faults = drawFaults(profile, drawn);
          expect(parseFaults(formatFaults(faults), drawn)).toEqual(faults);
          expect(drawFaults(profile, drawn)).toEqual(faults);
        }),
      );
    },
  );
});
