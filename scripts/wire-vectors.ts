/**
 * Appends newly generated vectors to test/vectors/{frames,deltas,members,messages}.json. The files
 * are append-only: when a vector already there would change, nothing is written.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  generateWireVectors,
  parseWireVectors,
  serializeWireVectors,
  type WireVector,
} from "../test/support/wire-vectors.ts";

const folder = join(import.meta.dirname, "../test/vectors");
const files = Object.entries(generateWireVectors()).map(([name, generated]) => {
  const path = join(folder, name);
  const held = existsSync(path) ? parseWireVectors(readFileSync(path, "utf8")) : [];
  return { name, path, held, all: appended(held, generated) };
});

const changed = files.filter(({ all }) => all === undefined).map(({ name }) => name);
if (changed.length > 0) {
  console.error(`wire-vectors: vectors in ${changed.join(", ")} would change; nothing written`);
  process.exit(1);
}
for (const { name, path, held, all = [] } of files) {
  // Untouched when nothing is new: the formatter may have laid the file out in its own way.
  if (all.length > held.length) writeFileSync(path, serializeWireVectors(all));
  console.log(`wire-vectors: ${name}: ${held.length} kept, ${all.length - held.length} appended`);
}

/** The held vectors, then those of new names; undefined when a held one would change or go. */
function appended(
  held: readonly WireVector[],
  generated: readonly WireVector[],
): readonly WireVector[] | undefined {
  for (const old of held) {
    const now = generated.find(({ name }) => name === old.name);
    if (JSON.stringify(now) !== JSON.stringify(old)) return undefined;
  }
  const names = new Set(held.map(({ name }) => name));
  return [...held, ...generated.filter(({ name }) => !names.has(name))];
}
