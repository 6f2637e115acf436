/**
 * What is wrong with a configuration file, for people and for programs.
 *
 * A file's problems are collected and reported together: path, expectation, value found, and the
 * place in the file when the YAML node gives one.
 */
import { MeshError } from "../errors.ts";

/** Keys and list positions from the root of the document. */
export type KeyPath = readonly (string | number)[];

/** One thing to correct in a configuration file. */
export interface ConfigProblem {
  /** E.g. `gossip.fanout` or `regions[0].agents`; empty for the whole document. */
  readonly path: string;
  /** What would be accepted there. */
  readonly expected: string;
  /** What stands there, as JSON cut to {@link GOT_CHARACTERS_MAX}; `nothing` when absent. */
  readonly got: string;
  /** 1-based; of the value, or of the nearest enclosing value when it is absent. */
  readonly line?: number;
  readonly column?: number;
}

/** A problem before it is rendered and given its place in the file. */
export interface Finding {
  readonly path: KeyPath;
  readonly expected: string;
  /** The value found; undefined when absent. */
  readonly got: unknown;
}

/** Longest rendering of a found value. */
const GOT_CHARACTERS_MAX = 80;

/** `["regions", 0, "agents"]` as `regions[0].agents`. */
export function formatPath(path: KeyPath): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}

/** The value at `path` of plain data, own keys only; undefined when any step is absent. */
export function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** A found value as short JSON; `nothing` for an absent one. */
export function formatGot(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value); // .inf and .nan have no JSON form
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= GOT_CHARACTERS_MAX ? text : `${text.slice(0, GOT_CHARACTERS_MAX - 1)}…`;
}

/** The error that reports every problem of a file at once, one per line, in file order. */
export function invalidConfig(problems: readonly ConfigProblem[], file: string): MeshError {
  const sorted = problems.toSorted(byPlace);
  const lines = sorted.map((problem) => `  ${formatProblem(problem, file)}`);
  const count = sorted.length === 1 ? "1 problem" : `${sorted.length} problems`;
  return new MeshError("MESH_CONFIG_INVALID", `${file}: ${count}\n${lines.join("\n")}`, {
    details: { file, problems: Object.freeze(sorted.map((problem) => Object.freeze(problem))) },
  });
}

function formatProblem(problem: ConfigProblem, file: string): string {
  const place = problem.line === undefined ? file : `${file}:${problem.line}:${problem.column}`;
  const path = problem.path === "" ? "(document)" : problem.path;
  return `${place} ${path}: expected ${problem.expected}, got ${problem.got}`;
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  const lines = (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
  return lines || (a.path < b.path ? -1 : Number(a.path > b.path));
}
