/**
 * Replays one seed of the small world: `node scripts/replay.ts SEED [--real] [--reference]`.
 * Prints what did not hold and what happened; exits 1 when anything did not hold.
 */
import { createKernels } from "../src/kernels/index.ts";
import { createCrypto } from "../src/node/signature/signature.ts";
import { createFakeCrypto } from "../src/sim/fake-crypto.ts";
import { runSmallWorld } from "../src/sim/small-world.ts";

const seed = Number(process.argv[2]);
if (!Number.isSafeInteger(seed)) {
  console.error("usage: node scripts/replay.ts SEED [--real] [--reference]");
  process.exit(2);
}
const implementation = process.argv.includes("--reference") ? "reference" : "wasm";
const kernels = createKernels({ implementation });
const real = process.argv.includes("--real");
const crypto = real ? createCrypto() : createFakeCrypto((bytes) => kernels.blake3(bytes));
const result = runSmallWorld({ seed, kernels, crypto });
console.log(JSON.stringify(result, undefined, 2));
process.exitCode = result.violations.length === 0 ? 0 : 1;
