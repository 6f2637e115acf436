/**
 * Writes dist/, what the package ships: plain JavaScript with its types, and the JSON Schema of
 * topology files. Cleared first, so that no file of a deleted module is published.
 *
 * The kernels are built before (`npm run asbuild`); both layouts find them as `#core.wasm`.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
compile();
copyFileSync(join(root, "src/config/topology.schema.gen.json"), join(dist, "topology.schema.json"));
// npm sets this bit when it packs; a link to the working tree needs it too.
const command = join(dist, "src/cli/main.js");
if (existsSync(command)) chmodSync(command, 0o755);

function compile(): void {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(typescript), "bin/tsc");
  const run = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (run.status !== 0) process.exit(1);
}
