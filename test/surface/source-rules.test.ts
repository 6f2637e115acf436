/** Rules of the house that no linter knows: purity of the core, sizes, headers, words. */
import { expect, test } from "vitest";
import { MESH_ERROR_CODES } from "../../src/errors.ts";
import {
  filesBeneath,
  linesMatching,
  readText,
  sourcesBeneath,
  withoutComments,
} from "../support/source-tree.ts";

/** Suppressions of the linter or compiler: may only fall. */
const SUPPRESSIONS_MAX = 1;
const FILE_LINES_MAX = 500;

test.each([
  "Math.random",
  "Date.now",
  "new Date",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "await",
  "async",
  "Promise",
  "globalThis",
  "process",
])("no file of src/core says %s", (word) => {
  const pattern = new RegExp(`(?<![\\w"'.-])${word.replace(".", "\\.")}(?![\\w"'-])`);
  const found = sourcesBeneath("src/core").flatMap((path) =>
    linesMatching(path, withoutComments(readText(path)), pattern),
  );
  expect(found).toEqual([]);
});

test("the kernels' AssemblyScript imports nothing outside its folder", () => {
  const found = sourcesBeneath("assembly").flatMap((path) =>
    linesMatching(
      path,
      withoutComments(readText(path)),
      /\b(?:from|import)\s*\(?\s*["'](?!\.\/[\w-]+(?:\.gen)?["'])/,
    ),
  );
  expect(found).toEqual([]);
});

test("nothing under src imports a test, a script or a benchmark", () => {
  const outside = /(?:from|import\()\s*["'](?:\.\.\/)+(?:test|scripts|bench|examples)\//;
  const found = sourcesBeneath("src").flatMap((path) =>
    linesMatching(path, readText(path), outside),
  );
  expect(found).toEqual([]);
});

test("no file is longer than 500 lines", () => {
  const long = sourcesBeneath("")
    .map((path) => ({ path, lines: readText(path).split("\n").length - 1 }))
    .filter(({ lines }) => lines > FILE_LINES_MAX);
  expect(long).toEqual([]);
});

test("every source file begins with what it is for", () => {
  const bare = sourcesBeneath("src", "assembly", "scripts").filter(
    (path) => !/^(#!.*\n)?(\/\*\*|\/\/)\s*\S/.test(readText(path)),
  );
  expect(bare).toEqual([]);
});

test("a failure is swallowed only with a reason beside it", () => {
  const found = sourcesBeneath("src").flatMap((path) => silentFailures(path, readText(path)));
  expect(found).toEqual([]);
});

test("suppressions of the linter and the compiler do not grow in number", () => {
  const suppressed = new RegExp(
    `${["biome", "ignore"].join("-")}|@ts-${"expect-error"}|(v8|c8|istanbul) ${"ignore"}`,
  );
  const found = sourcesBeneath("").flatMap((path) =>
    linesMatching(path, readText(path), suppressed),
  );
  expect(found.length, found.join("\n")).toBeLessThanOrEqual(SUPPRESSIONS_MAX);
});

test("no file turns off the compiler, and every suppression says why", () => {
  const mute = new RegExp(`@ts-(${["ignore", "nocheck"].join("|")})\\b`);
  const bare = new RegExp(
    `${["biome", "ignore"].join("-")}[^:]*:?\\s*(<explanation>)?\\s*$|@ts-${"expect-error"}\\W*$`,
  );
  for (const pattern of [mute, bare])
    expect(
      sourcesBeneath("").flatMap((path) => linesMatching(path, readText(path), pattern)),
    ).toEqual([]);
});

test.each(Object.keys(MESH_ERROR_CODES))("%s is raised somewhere in src", (code) => {
  const users = sourcesBeneath("src").filter(
    (path) => path !== "src/errors.ts" && readText(path).includes(`"${code}"`),
  );
  expect(users).not.toEqual([]);
});

test("no tracked file names a path of somebody's machine, a registry host or an assistant", () => {
  // In pieces, or this file would be the first finding.
  const folders = ["work", "root", "home", "Users"].join("|");
  const hosts = ["npmjs", "yarnpkg", "npmmirror"].map((name) => `registry\\.${name}`).join("|");
  const assistants = ["clau+de", "anth+ropic", "chat+gpt", "open+ai", "copi+lot", "gem+ini"]
    .join("|")
    .replaceAll("+", "");
  const banned = new RegExp(
    `(?<![\\w.$}:/-])/(${folders})/[a-z]|${hosts}|\\b(${assistants})\\b`,
    "i",
  );
  const text = /\.(ts|js|mjs|json|ya?ml|md|txt|sh)$|^[^.]*$|^\.[^/]*$|^\.ci\//;
  const found = filesBeneath()
    .filter((path) => text.test(path))
    .flatMap((path) =>
      linesMatching(path, readText(path), banned).map((line) => line.slice(0, 160)),
    );
  expect(found).toEqual([]);
});

/**
 * `catch {` whose block does nothing but go on, and `.catch(() => undefined)`, without a comment in
 * the block, on the line or on the line above.
 */
function silentFailures(path: string, text: string): string[] {
  const found: string[] = [];
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (!/\.catch\(\s*\(\)\s*=>\s*(undefined|null|\{\s*\})/.test(line)) continue;
    const explained = /\/\/|\*\//.test(line) || /^\s*(\/\/|\*|\/\*)/.test(lines[index - 1] ?? "");
    if (!explained) found.push(`${path}:${index + 1}: ${line.trim()}`);
  }
  for (const { 0: block, 1: body = "", index } of text.matchAll(
    /catch\s*(?:\(\w+\)\s*)?\{([^}]*)\}/g,
  )) {
    if (/\/\/|\/\*|\b(return|throw)\b|[=(]/.test(body)) continue;
    found.push(`${path}:${text.slice(0, index).split("\n").length}: ${block.slice(0, 60)}`);
  }
  return found;
}
