/**
 * Measures what the simulator would find: `node scripts/plant.ts [NAME...] [--seeds N]`.
 *
 * Each planted defect of test/plants is applied in a temporary git worktree of HEAD, and storms are
 * swept there from seed 1 until one breaks an invariant, 500 at most. Prints a table of Markdown;
 * exits 1 when a defect was not found or no longer applies.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ELSEWHERE, PLANTS, type Plant } from "../test/plants/plants.ts";

interface Found {
  readonly seeds: number;
  readonly wallMs: number;
  readonly failed: readonly {
    readonly seed: number;
    readonly nodes: number;
    readonly violations: readonly { readonly invariant: string }[];
  }[];
}

/** Of `knhk-mesh sim`. */
const EXIT_VIOLATED = 5;
const ROOT = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "500" } },
});
const chosen = PLANTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
console.log("| planted defect | found by seed | invariant | nodes | seeds/s |");
console.log("|---|---|---|---|---|");
const missed = chosen.filter((plant) => !report(plant, Number(values.seeds)));
for (const { name, where } of ELSEWHERE) console.log(`| ${name} | - | ${where} | | |`);
process.exitCode = missed.length === 0 ? 0 : 1;

/** Prints a row. @returns whether the defect was found. */
function report(plant: Plant, seeds: number): boolean {
  const found = inWorktree(plant, (folder) => sweep(folder, plant, seeds));
  if (found === undefined) {
    console.log(`| ${plant.name} | the patch no longer applies | | | |`);
    return false;
  }
  const [first] = found.failed;
  const ids = [...new Set(first?.violations.map(({ invariant }) => invariant))].join(", ");
  const rate = (found.seeds / (found.wallMs / 1_000)).toFixed(1);
  const seed = first?.seed ?? `not in ${found.seeds}`;
  console.log(`| ${plant.name} | ${seed} | ${ids} | ${first?.nodes ?? ""} | ${rate} |`);
  return first !== undefined;
}

/** @returns undefined when the patch does not apply. */
function inWorktree<T>({ name }: Plant, work: (folder: string) => T): T | undefined {
  const parent = mkdtempSync(join(tmpdir(), "knhk-plant-"));
  const folder = join(parent, name);
  git("worktree", "add", "--detach", "--quiet", folder, "HEAD");
  try {
    // What git does not have: the installed packages, and the built kernels.
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    cpSync(join(ROOT, "build"), join(folder, "build"), { recursive: true });
    const patch = join(ROOT, "test/plants", `${name}.patch`);
    const applied = spawnSync("git", ["apply", patch], { cwd: folder, stdio: "inherit" });
    return applied.status === 0 ? work(folder) : undefined;
  } finally {
    git("worktree", "remove", "--force", folder);
    rmSync(parent, { recursive: true, force: true });
  }
}

function sweep(folder: string, { flags = [] }: Plant, seeds: number): Found {
  const file = join(folder, "sweep.json");
  // The kernels' plants are in the readable implementation.
  const base = ["sweep", "--seeds", `1..${seeds}`, "--stop-at-first", "--kernels", "reference"];
  const asked = [...base, "--json", file, ...flags];
  const { status } = spawnSync(process.execPath, ["src/cli/main.ts", "sim", ...asked], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0 && status !== EXIT_VIOLATED) throw new Error(`the sweep ended with ${status}`);
  return JSON.parse(readFileSync(file, "utf8")) as Found;
}

function git(...args: string[]): void {
  execFileSync("git", args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
}
