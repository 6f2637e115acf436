/**
 * Writes every committed file that is generated: `npm run gen`. With `--check` it writes nothing
 * and exits 1 when a committed file differs from what would be written.
 *
 * Sources: the topology schema (src/config), the telemetry registry (registry/), and BLAKE3's rounds. A test runs the
 * same list, so a stale file fails `npm test` as well.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { topologyJsonSchema } from "../src/config/schema.ts";
import { cellsModule } from "./gen/cells.ts";
import { compressOneModule } from "./gen/compress-one.ts";
import { readRegistry } from "./gen/registry.ts";
import { withTables } from "./gen/telemetry-tables.ts";

const root = dirname(import.meta.dirname);

/** Path from the root of the repository, and the whole text of the file. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Every generated file, as it should be now. */
export function generate(): readonly GeneratedFile[] {
  const registry = readRegistry(root);
  return [
    { path: "assembly/compress-one.gen.ts", text: compressOneModule() },
    { path: "src/core/telemetry/cells.gen.ts", text: cellsModule(registry.metrics) },
    {
      path: "docs/TELEMETRY.md",
      text: withTables(committed("docs/TELEMETRY.md") ?? "", registry),
    },
    {
      path: "src/config/topology.schema.gen.json",
      text: `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`,
    },
  ];
}

/** The committed text, or undefined when there is none. */
export function committed(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

function main(): void {
  const stale = generate().filter((file) => committed(file.path) !== file.text);
  if (process.argv.includes("--check")) {
    for (const file of stale) console.error(`gen: ${file.path} is stale; run npm run gen`);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  for (const file of stale) {
    mkdirSync(dirname(join(root, file.path)), { recursive: true });
    writeFileSync(join(root, file.path), file.text);
    console.log(`gen: wrote ${file.path}`);
  }
}

if (import.meta.main) main();
