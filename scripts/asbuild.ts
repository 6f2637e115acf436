/**
 * Compiles assembly/ to build/core.wasm. A warning fails the build (asc itself exits 0 on one).
 * Skips when the output is newer than every source; `--force` compiles anyway.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(import.meta.dirname);
const target = process.argv.includes("--debug") ? "debug" : "release";
const output = join(root, "build", target === "debug" ? "core.debug.wasm" : "core.wasm");
const sources = [
  join(root, "asconfig.json"),
  ...readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, "assembly", name)),
];

if (process.argv.includes("--force") || isStale()) compile();

function isStale(): boolean {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.some((source) => statSync(source).mtimeMs > built);
}

function compile(): void {
  const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
  const run = spawnSync(process.execPath, [asc, "--target", target], {
    cwd: root,
    encoding: "utf8",
  });
  const printed = `${run.stdout}${run.stderr}`;
  if (printed.trim() !== "") console.error(printed.trim());
  if (run.status !== 0 || /WARNING/.test(printed)) {
    console.error("asbuild: failed (a warning counts as a failure)");
    process.exit(1);
  }
}
