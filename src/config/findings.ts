/**
 * Schema issues as findings: one per key or value, at the path where the reader must look.
 *
 * The schema library reports unknown keys as one issue of their mapping and alternatives as a tree;
 * here each unknown key gets its own path, and of alternatives the one whose outer shape fits the
 * value speaks.
 */
import type { z } from "zod";
import { type Finding, type KeyPath, valueAt } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** Flattens schema issues about `raw`; every message is an expectation (schema-parts.ts). */
export function schemaFindings(issues: readonly Issue[], raw: unknown): readonly Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, [], raw));
}

function findingsOf(issue: Issue, base: KeyPath, raw: unknown): readonly Finding[] {
  const path = [...base, ...(issue.path as KeyPath)];
  const at = (where: KeyPath, expected: string) => ({
    path: where,
    expected,
    got: valueAt(raw, where),
  });
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => at([...path, key], issue.message));
    case "invalid_union": {
      const fitting = issue.errors.find((branch) => branch.every((inner) => !isShapeIssue(inner)));
      if (fitting === undefined) return [at(path, issue.message)];
      return fitting.flatMap((inner) => findingsOf(inner, path, raw));
    }
    case "invalid_key":
      return [{ path, expected: issue.issues[0]?.message ?? issue.message, got: path.at(-1) }];
    default:
      return [at(path, issue.message)];
  }
}

/** Says that the value as a whole is of another type than this alternative takes. */
function isShapeIssue(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}
