/**
 * Appends newly generated vectors to test/vectors/ed25519-strict.json. The file is append-only: when
 * a vector already there would change, nothing is written.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  generateVectors,
  parseVectors,
  serializeVectors,
} from "../test/support/ed25519-vectors.ts";

const path = join(import.meta.dirname, "../test/vectors/ed25519-strict.json");
const generated = generateVectors();
const held = existsSync(path) ? parseVectors(readFileSync(path, "utf8")) : [];

if (serializeVectors(held) !== serializeVectors(generated.slice(0, held.length))) {
  console.error(`ed25519-vectors: vectors already in ${path} would change; nothing written`);
  process.exit(1);
}
writeFileSync(path, serializeVectors(generated));
console.log(`ed25519-vectors: ${held.length} kept, ${generated.length - held.length} appended`);
