import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "vitest";
import { parseTopology } from "../../../src/config/topology.ts";
import { isMeshError } from "../../../src/errors.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples/topologies");
const TEXTS = ["flat-mesh", "single-region-mesh", "multi-region-leaders", "hierarchical"].map(
  (name) => readFileSync(join(EXAMPLES, `${name}.yaml`), "utf8"),
);
const SEED = 13;

const fragment = fc.oneof(
  fc.string({ maxLength: 12, unit: "binary" }),
  fc.constantFrom(..."[]{}:-&*!|>%@`\"'#,?\n\t ~"),
  fc.constantFrom("\n- ", "<<: ", "&a ", "*a", "!!binary ", "? ", "---\n", "...\n", "__proto__: 1"),
  fc.constantFrom("null", "true", "1e999", "-0", "0x7f", "9".repeat(40), "10-5", "2001-01-01"),
);
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(8),
  fragment,
});

test("C13: a mutated file parses or is refused by MeshError, and by nothing else", () => {
  const runs = fc.property(
    fc.constantFrom(...TEXTS),
    fc.array(edit, { minLength: 1, maxLength: 6 }),
    (text, edits) => isTotal(edits.reduce(applyEdit, text)),
  );
  fc.assert(runs, { seed: SEED, numRuns: 400 });
});

test("C13: arbitrary text parses or is refused by MeshError, and by nothing else", () => {
  fc.assert(fc.property(fc.string({ maxLength: 200, unit: "binary" }), isTotal), {
    seed: SEED,
    numRuns: 300,
  });
});

function applyEdit(
  text: string,
  { at, cut, fragment }: { at: number; cut: number; fragment: string },
) {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + fragment + text.slice(start + cut);
}

function isTotal(text: string): boolean {
  try {
    return Object.isFrozen(parseTopology(text));
  } catch (error) {
    if (isMeshError(error, "MESH_CONFIG_FILE")) return true;
    if (!isMeshError(error, "MESH_CONFIG_INVALID")) throw error;
    const problems = error.details.problems as { expected: string; got: string }[];
    return (
      problems.length > 0 && problems.every(({ expected, got }) => expected !== "" && got !== "")
    );
  }
}
