/** The kernel build: the same sources give the same bytes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

test("a second build of the kernels is byte for byte the first", () => {
  const folder = mkdtempSync(join(tmpdir(), "mesh-build-"));
  try {
    const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
    const outFile = join(folder, "core.wasm");
    const args = [asc, "--target", "release", "--outFile", outFile];
    const run = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    expect(run.status, run.stderr).toBe(0);
    expect(readFileSync(outFile).equals(readFileSync(join(ROOT, "build/core.wasm")))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
