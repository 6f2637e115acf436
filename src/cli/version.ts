/** The version that --version prints: that of the package this file is part of. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package refers to itself by name, from src/ as from dist/. */
export function packageVersion(): string {
  const path = fileURLToPath(import.meta.resolve("knhk-mesh/package.json"));
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { readonly version: string };
  return version;
}
