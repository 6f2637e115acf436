/** Kernels on a host without WebAssembly SIMD: V8 has none when the processor's SSE3 is hidden. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const KERNELS = pathToFileURL(join(import.meta.dirname, "../../src/kernels/index.ts")).href;
const SCRIPT = `
  const { createKernels } = await import(${JSON.stringify(KERNELS)});
  const kernels = [createKernels(), createKernels({ implementation: "wasm" })];
  const hash = Buffer.from(kernels[0].blake3(new Uint8Array(0))).toString("hex");
  console.log(kernels.map(({ implementation }) => implementation).join(), hash.slice(0, 8));
`;

test.skipIf(process.arch !== "x64")("the reference takes over, with one warning", () => {
  const args = ["--no-enable-sse3", "--input-type=module", "--eval", SCRIPT];
  const run = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(run.stdout).toBe("reference,reference af1349b9\n");
  expect(run.stderr.match(/MESH_NO_SIMD/g)).toHaveLength(1);
});
