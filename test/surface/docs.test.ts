/**
 * The documents say what the code says: relative links resolve, code in the README parses, and the
 * values in docs/LIMITS.md are those of the constants they name.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

it("resolves every relative link of the documents, heading included", () => {
  const broken: string[] = [];
  for (const file of markdownFiles()) {
    for (const target of linksOf(read(file))) {
      const [path = "", heading] = target.split("#");
      const linked = path === "" ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, linked))) broken.push(`${file}: ${target}`);
      else if (heading !== undefined && !anchorsOf(linked).has(heading)) {
        broken.push(`${file}: ${target} (no such heading)`);
      }
    }
  }
  expect(broken).toEqual([]);
});

it("names only files that exist", () => {
  const missing: string[] = [];
  for (const file of markdownFiles()) {
    for (const [line] of read(file).matchAll(/.+/g)) {
      if (line.includes("not yet")) continue;
      for (const [, path = ""] of line.matchAll(FILE_NAME)) {
        if (!existsSync(join(ROOT, path))) missing.push(`${file}: ${path}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

it("shows code in the README that parses", () => {
  const fences = [...read("README.md").matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  expect(fences.length).toBeGreaterThan(0);
  for (const [, code = ""] of fences) {
    expect(() => stripTypeScriptTypes(code), code).not.toThrow();
  }
});

it("shows the README's first example as the file that runs", () => {
  const example = read("examples/fifteen-lines.ts").split("\n").slice(1).join("\n");
  const shown = /^```ts\n([\s\S]*?)^```$/m.exec(read("README.md"))?.[1];
  expect(shown).toBe(example.replace("../src/index.ts", "knhk-mesh"));
});

it("gives every limit the value of the constant it names", async () => {
  const rows = limitRows();
  expect(rows.length).toBeGreaterThan(60);
  const wrong: string[] = [];
  for (const { name, file, value } of rows) {
    const actual = await constantOf(name, file);
    if (actual !== value) wrong.push(`${name} (${file}): written ${value}, is ${actual}`);
  }
  expect(wrong).toEqual([]);
});

it("lists every named maximum of the shipped code", () => {
  const listed = new Set(limitRows().map(({ name, file }) => `${file} ${name}`));
  const unlisted: string[] = [];
  for (const file of filesOf("src/**/*.ts", "assembly/*.ts")) {
    if (NO_RESOURCE.some((prefix) => file.startsWith(prefix))) continue;
    for (const [, name = ""] of read(file).matchAll(/^(?:export )?const ([A-Z0-9_]+_MAX)\b/gm)) {
      const place = `${file} ${name}`;
      if (!listed.has(place) && !NO_BOUND.has(name) && place !== PER_TOPOLOGY) unlisted.push(place);
    }
  }
  expect(unlisted).toEqual([]);
});

interface LimitRow {
  readonly value: number;
  readonly name: string;
  readonly file: string;
}

/** Rows of the form | 1,024 things | `NAME` | `file` | ... |. */
function limitRows(): LimitRow[] {
  const row = /^\| ([\d,]+)[^|]*\| `([\w.]+)` \| `([\w./-]+)` \|/gm;
  return [...read("docs/LIMITS.md").matchAll(row)].map(([, value = "", name = "", file = ""]) => ({
    value: Number(value.replaceAll(",", "")),
    name,
    file,
  }));
}

/** The value of an export, or of a private constant as its file writes it. */
async function constantOf(name: string, file: string): Promise<unknown> {
  const [head = "", member] = name.split(".");
  const exported = new RegExp(`^export const ${head}\\b`, "m").test(read(file));
  if (!exported) return evaluate(head, member, read(file));
  const module: Record<string, unknown> = await import(pathToFileURL(join(ROOT, file)).href);
  const value = module[head];
  return member === undefined ? value : (value as Record<string, unknown>)[member];
}

/** Products and sums of whole numbers, the only way in which private limits are written. */
function evaluate(name: string, member: string | undefined, source: string): number {
  const [, text = ""] =
    new RegExp(`^const ${name}\\b([\\s\\S]*?);(?: *//.*)?$`, "m").exec(source) ?? [];
  const place = member === undefined ? "^[^=]*= " : `\\b${member}: `;
  const written = new RegExp(`${place}([\\d_ *+]+)(?:,|$)`).exec(text)?.[1];
  if (written === undefined) return Number.NaN;
  const whole = (digits: string): number => Number(digits.replaceAll("_", "").trim());
  const product = (factors: string): number =>
    factors
      .split("*")
      .map(whole)
      .reduce((a, b) => a * b, 1);
  return written
    .split("+")
    .map(product)
    .reduce((a, b) => a + b, 0);
}

function markdownFiles(): string[] {
  return filesOf("*.md", "{docs,bench,examples,registry,test}/**/*.md");
}

function filesOf(...patterns: readonly string[]): string[] {
  // The libraries that the benches compare with bring documents of their own.
  return globSync(patterns, { cwd: ROOT }).filter((path) => !path.includes("node_modules"));
}

function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Headings as GitHub names them. */
function anchorsOf(file: string): Set<string> {
  const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** `src/.../file.ts` and the like in code spans: a whole path from the root. */
const FILE_NAME = /`((?:src|test|assembly|bench|examples|scripts|docs|registry)\/[\w./-]+\.\w+)`/g;
/** A table with a figure per topology. */
const PER_TOPOLOGY = "src/config/schema.ts AGENTS_MAX";
/** What the demo and the simulator count is no queue, map or loop that a peer feeds. */
const NO_RESOURCE = ["src/cli/demo/", "src/sim/"];
/** Named _MAX, but a range of numbers, a text cut for people, or a step of an algorithm. */
const NO_BOUND = new Set([
  "I64_MAX",
  "U64_MAX",
  "PORT_MAX",
  "TIMER_MS_MAX",
  "EXPONENT_MAX",
  "IDLE_FACTOR_MAX",
  "INSERTION_MAX",
  "FAILURES_SHOWN_MAX",
  "SYNTAX_FAULTS_MAX",
  "GOT_CHARACTERS_MAX",
  "SOCKET_PATH_BYTES_MAX",
  "MEMORY_BYTES_MAX",
  "REDIAL_MAX_MS",
  "INTERVAL_MS_MAX",
  "RATE_LIMIT_MAX",
  "ROTATION_HOURS_MAX",
  "BATCH_OPERATIONS_MAX",
  "CLASS_MAX",
  "SCAN_COUNT_MAX",
  "SELECT_SCAN_MAX",
  "LISTEN_ADDRESSES_MAX",
]);
