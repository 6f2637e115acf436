// BLAKE3 of a delta's 160-byte header: two blocks and a half.
//
// The first block holds what an author's deltas have in common (version, kind, mesh, author), their
// count of operations and their size, so it comes again and again. Its chaining value is kept in a
// small direct-mapped table and used where all 64 bytes are equal; a slot that others share costs a
// compression, never a wrong hash.
//
//   slot  block 64 | chaining value 32      (zeroed: no header starts with 64 zeros)

import { CHUNK_END, CHUNK_START, IV, ROOT } from "./blake3-words";
import { equalBytes } from "./bytes";
import { compressOne } from "./compress-one.gen";
import { DELTA_AUTHOR_OFFSET, DELTA_BODY_BYTES_OFFSET, DELTA_COUNT_OFFSET } from "./layout";
import { copyHash, HEADER_SLOTS, HEADER_SLOTS_COUNT } from "./memory";

const BLOCK_BYTES: usize = 64;
const SLOT_BYTES: usize = 96;
const ZEROS = memory.data(32, 16);

/** Hashes the header at `delta` to `out`. */
export function hashHeader(delta: usize, out: usize): void {
  const slot = slotOf(delta);
  const chain = slot + BLOCK_BYTES;
  if (!equalBytes(slot, delta, BLOCK_BYTES)) {
    copyHash(slot, delta);
    copyHash(slot + 32, delta + 32);
    compressOne(IV, delta, delta + 32, 0, 64, CHUNK_START, chain);
  }
  compressOne(chain, delta + 64, delta + 96, 0, 64, 0, out);
  compressOne(out, delta + 128, ZEROS, 0, 32, CHUNK_END | ROOT, out);
}

function slotOf(delta: usize): usize {
  const shape =
    load<u32>(delta, DELTA_COUNT_OFFSET) * 31 + load<u32>(delta, DELTA_BODY_BYTES_OFFSET);
  const index = (shape + load<u32>(delta, DELTA_AUTHOR_OFFSET)) & (HEADER_SLOTS_COUNT - 1);
  return HEADER_SLOTS + <usize>index * SLOT_BYTES;
}
