/**
 * Fault files: JSON lines, blank lines and lines that begin with `#` left out. A file is accepted
 * whole or not at all, and every problem of it is reported at once.
 */
import { MeshError } from "../../errors.ts";
import type { Fault } from "./fault.ts";
import {
  AT_CHECK,
  type Check,
  FAULT_FIELDS,
  type FaultName,
  indexOfNode,
  nodesAddedBy,
} from "./fields.ts";

/** One thing to correct in a fault file. */
export interface FaultProblem {
  /** 1-based. */
  readonly line: number;
  /** `p`, `groups`...; empty for the whole line. */
  readonly field: string;
  readonly expected: string;
  /** As JSON, cut to {@link GOT_CHARACTERS_MAX}; `nothing` when absent. */
  readonly got: string;
}

export interface ParseOptions {
  /** Nodes at the start, `n0` to `n<nodes - 1>`; each `node.join` of the file names one more. */
  readonly nodes: number;
  /** For messages; default "faults". */
  readonly file?: string;
}

/**
 * Reads a fault file, in its own order.
 * @throws MeshError MESH_FAULTS_INVALID with `details.problems`, a {@link FaultProblem} each.
 */
export function parseFaults(textOfFile: string, options: ParseOptions): Fault[] {
  const lines = readLines(textOfFile);
  const nodes = lines.reduce((sum, { value }) => sum + addedBy(value), options.nodes);
  const problems = lines.flatMap(({ line, value }) =>
    problemsOf(value, nodes).map((problem) => ({ line, ...problem })),
  );
  if (problems.length > 0) throw invalidFaults(problems, options.file ?? "faults");
  return lines.map(({ value }) => value as Fault);
}

/** One line a fault, `at` and `do` first; {@link parseFaults} gives the same faults back. */
export function formatFaults(faults: readonly Fault[]): string {
  return faults.map((fault) => `${formatFault(fault)}\n`).join("");
}

/** One fault as a line, without its end. */
export function formatFault({ at, do: name, ...fields }: Fault): string {
  return JSON.stringify({ at, do: name, ...fields });
}

/** Of a line that may hold anything. */
function addedBy(value: unknown): number {
  return problemsOf(value, Number.POSITIVE_INFINITY).length === 0
    ? nodesAddedBy(value as Fault)
    : 0;
}

interface Line {
  readonly line: number;
  /** undefined where the line is no JSON. */
  readonly value: unknown;
}

function readLines(textOfFile: string): Line[] {
  const lines: Line[] = [];
  for (const [index, row] of textOfFile.split(/\r?\n/).entries()) {
    const trimmed = row.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    lines.push({ line: index + 1, value: parseJson(trimmed) });
  }
  return lines;
}

type Problem = Omit<FaultProblem, "line">;

function problemsOf(value: unknown, nodes: number): Problem[] {
  if (!isRecord(value)) {
    return [{ field: "", expected: "a fault as a JSON object", got: formatGot(value) }];
  }
  const name = value.do;
  if (typeof name !== "string" || !Object.hasOwn(FAULT_FIELDS, name)) {
    const expected = `one of ${Object.keys(FAULT_FIELDS).join(", ")}`;
    return [{ field: "do", expected, got: formatGot(name) }];
  }
  const checks: Readonly<Record<string, Check>> = {
    at: AT_CHECK,
    ...FAULT_FIELDS[name as FaultName],
  };
  return [
    ...Object.entries(checks).flatMap(([field, check]) => fieldProblem(value, field, check, nodes)),
    ...Object.keys(value)
      .filter((field) => field !== "do" && !Object.hasOwn(checks, field))
      .map((field) => unknownField(field, value[field], name, checks)),
  ];
}

function fieldProblem(
  fault: Readonly<Record<string, unknown>>,
  field: string,
  { expected, accepts, nodes: namesIn }: Check,
  nodes: number,
): Problem[] {
  const value = Object.hasOwn(fault, field) ? fault[field] : undefined;
  if (value === undefined || !accepts(value)) return [{ field, expected, got: formatGot(value) }];
  const unknown = (namesIn?.(value) ?? []).filter((node) => (indexOfNode(node) ?? nodes) >= nodes);
  if (unknown.length === 0) return [];
  return [{ field, expected: `nodes from n0 to n${nodes - 1}`, got: formatGot(unknown) }];
}

function unknownField(
  field: string,
  value: unknown,
  fault: string,
  checks: Readonly<Record<string, Check>>,
): Problem {
  const expected = `only ${Object.keys(checks).join(", ")} in ${fault}`;
  return { field, expected, got: formatGot(value) };
}

function invalidFaults(problems: readonly FaultProblem[], file: string): MeshError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(
    ({ line, field, expected, got }) =>
      `  ${file}:${line} ${field === "" ? "(line)" : field}: expected ${expected}, got ${got}`,
  );
  return new MeshError("MESH_FAULTS_INVALID", `${file}: ${count}\n${lines.join("\n")}`, {
    details: { file, problems: Object.freeze(problems.map((problem) => Object.freeze(problem))) },
  });
}

function formatGot(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length <= GOT_CHARACTERS_MAX ? text : `${text.slice(0, GOT_CHARACTERS_MAX - 1)}…`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // Reported with its line, like whatever else is no fault.
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Longest rendering of a found value. */
const GOT_CHARACTERS_MAX = 80;
