/** Each import rule of biome.json refuses a planted violation, and lets the allowed import pass. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../support/source-tree.ts";

const IMPORTS = "lint/style/noRestrictedImports";
const GLOBALS = "lint/style/noRestrictedGlobals";

const REFUSED_IMPORTS: readonly (readonly [layer: string, specifier: string])[] = [
  ["core/a", "node:fs"],
  ["core/a", "libp2p"],
  ["core/a", "@libp2p/crypto"],
  ["core/a", "any-package"],
  ["core/a", "../../node/driver.ts"],
  ["core/a", "../../config/topology.ts"],
  ["core/a", "../../sim/engine/world.ts"],
  ["core/a", "../../cli/main.ts"],
  ["core/a", "../../kernels/index.ts"],
  ["core/a", "../../kernels/wasm/module.ts"],
  ["core/a", "../../../test/support/a.ts"],
  ["kernels", "../core/mesh-core.ts"],
  ["kernels", "../node/driver.ts"],
  ["kernels", "../config/topology.ts"],
  ["kernels", "../cli/main.ts"],
  ["kernels", "node:net"],
  ["kernels", "any-package"],
  ["node", "../cli/main.ts"],
  ["node", "../sim/engine/world.ts"],
  ["node", "../config/topology.ts"],
  ["node", "zod"],
  ["node", "commander"],
  ["node", "../../test/support/a.ts"],
  ["sim", "../node/driver.ts"],
  ["sim", "../config/topology.ts"],
  ["sim", "../cli/main.ts"],
  ["sim", "node:fs"],
  ["sim", "libp2p"],
  ["config", "../core/mesh-core.ts"],
  ["config", "../node/driver.ts"],
  ["config", "../kernels/index.ts"],
  ["config", "../cli/main.ts"],
  ["config", "commander"],
  ["cli", "../core/mesh-core.ts"],
  ["cli", "../kernels/index.ts"],
  ["cli", "libp2p"],
  ["", "./cli/main.ts"],
];

const ALLOWED_IMPORTS: readonly (readonly [layer: string, specifier: string])[] = [
  ["core/a", "../b.ts"],
  ["core/a", "../../errors.ts"],
  ["core/a", "../../kernels/kernels.ts"],
  ["core/a", "../../../assembly/layout.ts"],
  ["kernels/wasm", "../../../assembly/layout.ts"],
  ["kernels/wasm", "../kernels.ts"],
  ["kernels/wasm", "node:fs"],
  ["node/api", "../../core/commands.ts"],
  ["node/api", "../../kernels/kernels.ts"],
  ["node/api", "libp2p"],
  ["sim", "../core/mesh-core.ts"],
  ["sim", "../kernels/index.ts"],
  ["config", "zod"],
  ["config", "node:fs/promises"],
  ["config", "../errors.ts"],
  ["cli", "../node/mesh.ts"],
  ["cli", "../config/topology.ts"],
  ["cli", "../sim/engine/world.ts"],
  ["cli", "commander"],
  ["", "./node/mesh.ts"],
];

const REFUSED_CODE: readonly (readonly [path: string, code: string, rule: string])[] = [
  ["src/core/clock.ts", "export const at = () => Date.now();", GLOBALS],
  ["src/core/mono.ts", "export const at = () => performance.now();", GLOBALS],
  ["src/core/timer.ts", "export const later = (f: () => void) => setTimeout(f, 1);", GLOBALS],
  ["src/core/process.ts", "export const args = () => process.argv;", GLOBALS],
  ["src/core/crypto.ts", "export const id = () => crypto.randomUUID();", GLOBALS],
  ["src/core/dynamic.ts", 'export const fs = () => import("node:fs");', IMPORTS],
  ["src/node/any.ts", "export const f = (x: any) => x;", "lint/suspicious/noExplicitAny"],
  [
    "src/node/bang.ts",
    "export const f = (x?: string) => x!.length;",
    "lint/style/noNonNullAssertion",
  ],
  [
    "src/node/swallow.ts",
    "export const f = (g: () => void) => {\n  try {\n    g();\n  } catch {}\n};",
    "lint/suspicious/noEmptyBlockStatements",
  ],
  [
    "src/node/floating.ts",
    "async function g(): Promise<void> {}\nexport const f = () => {\n  g();\n};",
    "lint/nursery/noFloatingPromises",
  ],
  ["src/node/default.ts", "export default 1;", "lint/style/noDefaultExport"],
  [
    "src/node/ring-a.ts",
    'import { b } from "./ring-b.ts";\nexport const a = b;',
    "lint/suspicious/noImportCycles",
  ],
  [
    "src/node/ring-b.ts",
    'import { a } from "./ring-a.ts";\nexport const b = a;',
    "lint/suspicious/noImportCycles",
  ],
];

/** Rules that fired, by path from the root. */
const fired = new Map<string, Set<string>>();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "knhk-lint-"));
  cpSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
  for (const [layer, specifier] of [...REFUSED_IMPORTS, ...ALLOWED_IMPORTS])
    plant(plantedPath(layer, specifier), `import { v } from "${specifier}";\nexport const w = v;`);
  for (const [path, code] of REFUSED_CODE) plant(path, code);
  lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(REFUSED_IMPORTS)("src/%s may not import %s", (layer, specifier) => {
  expect(fired.get(plantedPath(layer, specifier))).toContain(IMPORTS);
});

test.each(ALLOWED_IMPORTS)("src/%s may import %s", (layer, specifier) => {
  expect(fired.get(plantedPath(layer, specifier)) ?? []).not.toContain(IMPORTS);
});

test.each(REFUSED_CODE)("%s is refused: %s", (path, _code, rule) => {
  expect(fired.get(path)).toContain(rule);
});

function plantedPath(layer: string, specifier: string): string {
  const name = `planted-${specifier.replace(/[^a-z0-9]+/g, "-")}.ts`;
  return ["src", layer, name].filter((part) => part !== "").join("/");
}

function plant(path: string, code: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), `${code}\n`);
}

function lint(): void {
  const biome = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
  const run = spawnSync(
    process.execPath,
    [biome, "lint", "--reporter=json", "--max-diagnostics=none", "src"],
    { cwd: folder, encoding: "utf8" },
  );
  const report = JSON.parse(run.stdout) as {
    readonly diagnostics: readonly {
      readonly category: string;
      readonly location: { readonly path: string };
    }[];
  };
  for (const { category, location } of report.diagnostics) {
    const path = location.path.replaceAll("\\", "/");
    fired.set(path, (fired.get(path) ?? new Set()).add(category));
  }
}
