/**
 * Test support: histories played to a Wasm replica whose memory runs out anywhere. What it refuses
 * as full is kept from a roomy reference; everything else must be equal, and nothing may trap.
 */
import { isMeshError } from "../../src/errors.ts";
import { APPLY_FULL, type Replica } from "../../src/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { createWasmKernels, overMemory } from "../../src/kernels/wasm/kernels.ts";
import { CoreMemory, MEMORY_BYTES_MIN } from "../../src/kernels/wasm/memory.ts";
import { deliver, TEST_MESH } from "./delta-writer.ts";
import { randomOf } from "./history.ts";
import { hostileHistory } from "./hostile-history.ts";

/**
 * Plays the histories of [from, to), each in what is left of a small memory.
 * @returns how many deltas were refused as full.
 * @throws Error with the seed, at the first difference, trap, or byte not given back.
 */
export function playCramped(from: number, to: number): number {
  const { blake3 } = createWasmKernels();
  let refused = 0;
  for (let seed = from; seed < to; seed++) {
    const memory = new CoreMemory({ memoryBytes: MEMORY_BYTES_MIN });
    occupy(memory, seed);
    const live = memory.functions.arenaLiveBytes();
    try {
      refused += playOne(overMemory(memory).openReplica({ meshId: TEST_MESH }), seed, blake3);
    } catch (cause) {
      if (isMeshError(cause, "MESH_STATE_FULL")) continue; // no room for the replica itself
      throw new Error(`seed ${seed}`, { cause });
    }
    const left = memory.functions.arenaLiveBytes() - live;
    if (left !== 0) throw new Error(`seed ${seed}: ${left} bytes are not given back`);
  }
  return refused;
}

/** Takes blocks of all sizes until little is left, and gives some back, so that room is in pieces. */
function occupy(memory: CoreMemory, seed: number): void {
  const random = randomOf(seed + 99);
  const { allocate, release } = memory.functions;
  const blocks: [number, number][] = [];
  for (let misses = 0; misses < 20; ) {
    const bytes = 16 + random(random(8) === 0 ? 4000 : 200);
    const block = allocate(bytes);
    if (block === 0) misses += 1;
    else blocks.push([block, bytes]);
  }
  const share = 2 + random(12);
  for (const [block, bytes] of blocks) if (random(share) === 0) release(block, bytes);
}

function playOne(
  replica: Replica,
  seed: number,
  blake3: (bytes: Uint8Array) => Uint8Array,
): number {
  const roomy = createReferenceKernels().openReplica({ meshId: TEST_MESH });
  let refused = 0;
  for (const delta of hostileHistory(seed, blake3).deltas) {
    const { outcomes, changes } = deliver(replica, delta);
    if (outcomes[0] === APPLY_FULL) {
      refused += 1;
      if (changes.length > 0) throw new Error("a refused delta has changes");
      continue;
    }
    const other = deliver(roomy, delta);
    if (outcomes.join() !== other.outcomes.join()) {
      throw new Error(`outcomes ${outcomes.join()}, not ${other.outcomes.join()}`);
    }
    compareRoots(replica, roomy);
  }
  const stats = [replica.stats, roomy.stats].map((one) => JSON.stringify(one));
  if (stats[0] !== stats[1]) throw new Error(`stats ${stats[0]}, not ${stats[1]}`);
  replica.free();
  roomy.free();
  return refused;
}

function compareRoots(replica: Replica, roomy: Replica): void {
  let root: Uint8Array;
  try {
    root = replica.root();
  } catch (error) {
    if (isMeshError(error, "MESH_STATE_FULL")) return; // it stays to be done
    throw error;
  }
  if (root.join() !== roomy.root().join()) throw new Error("roots differ");
}
