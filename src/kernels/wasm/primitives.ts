/** The primitives over the SIMD Wasm module: hashing and selection; vectors and trees are handles. */

import { selectionCount } from "../arguments.ts";
import type { RandomState } from "../kernels.ts";
import { type CoreMemory, memoryFull } from "./memory.ts";

/** BLAKE3 of any length; 32 bytes, copied. */
export function blake3(memory: CoreMemory, bytes: Uint8Array): Uint8Array {
  const { stageBytes } = memory.layout;
  let at = 0;
  for (; bytes.length - at > stageBytes; at += stageBytes) {
    memory.stage(bytes.subarray(at, at + stageBytes), 0);
    memory.functions.blake3Absorb();
  }
  memory.stage(at === 0 ? bytes : bytes.subarray(at), 0);
  memory.functions.blake3Finish(bytes.length - at);
  return memory.resultHash();
}

export function selectPeers(
  memory: CoreMemory,
  count: number,
  k: number,
  random: RandomState,
  into: Uint32Array,
): number {
  const drawn = selectionCount(count, k, random, into);
  if (drawn === 0) return 0;
  const { layout } = memory;
  if (drawn <= layout.selectScanMax) {
    drawTo(memory, { count, drawn, random, into }, { out: layout.stage, table: 0, tableBits: 0 });
    return drawn;
  }
  // Output, then a table of 2 to 4 rows per draw.
  const tableBits = 33 - Math.clz32(drawn - 1);
  const bytes = drawn * 4 + 4 * 2 ** tableBits;
  const out = bytes > 2 ** 30 ? 0 : memory.functions.allocate(bytes);
  if (out === 0) throw memoryFull(memory, `a selection of ${drawn}`);
  drawTo(memory, { count, drawn, random, into }, { out, table: out + drawn * 4, tableBits });
  memory.functions.release(out, bytes);
  return drawn;
}

interface Draw {
  readonly count: number;
  readonly drawn: number;
  readonly random: RandomState;
  readonly into: Uint32Array;
}

interface Place {
  readonly out: number;
  readonly table: number;
  readonly tableBits: number;
}

function drawTo(memory: CoreMemory, { count, drawn, random, into }: Draw, place: Place): void {
  const { u32, layout, functions } = memory;
  const state = layout.random >>> 2;
  for (let word = 0; word < 4; word++) u32[state + word] = random[word] ?? 0;
  functions.selectPeers(count, drawn, place.out, place.table, place.tableBits);
  for (let word = 0; word < 4; word++) random[word] = u32[state + word] ?? 0;
  const first = place.out >>> 2;
  for (let index = 0; index < drawn; index++) into[index] = u32[first + index] ?? 0;
}
