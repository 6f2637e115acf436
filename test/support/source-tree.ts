/**
 * The files of this repository, as a fresh clone holds them: a walk that leaves out what .gitignore
 * names, so that no git is needed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const ROOT = dirname(dirname(import.meta.dirname));

/** Paths from the root with "/", sorted: the files beneath `folder` (default: all). */
export function filesBeneath(folder = ""): string[] {
  const paths: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED.has(entry.name) || /\.(tgz|cpuprofile)$/.test(entry.name)) continue;
    if (entry.isDirectory()) paths.push(...filesBeneath(path));
    else if (entry.isFile()) paths.push(path);
  }
  return paths.sort();
}

/** TypeScript beneath `folders` that people wrote: generated files are left out. */
export function sourcesBeneath(...folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => filesBeneath(folder))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".gen.ts"));
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The text with comments blanked; line numbers stay. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/(?<!:)\/\/.*$/gm, "");
}

/** `path:line: text` of every line that matches. */
export function linesMatching(path: string, text: string, pattern: RegExp): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}

// What .gitignore names, and what git itself keeps.
const IGNORED = new Set([
  ".git",
  ".DS_Store",
  "build",
  "coverage",
  "dist",
  "mesh-data",
  "node_modules",
]);
