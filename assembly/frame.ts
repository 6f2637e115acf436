// The frame that is being scanned or applied, copied in once by the host, and its list of changes.

import { allocate, release } from "./arena";
import { FRAME_BYTES } from "./layout";
import { CHANGE_BYTES, CHANGES, FRAME, OPERATION_BYTES_MIN } from "./memory";

/** Where the frame lies. */
export let frame: usize = FRAME;
/** Where its changes go. */
export let changes: usize = CHANGES;

let block: usize = 0;
let blockBytes: usize = 0;

/** Where the host is to put a frame of `bytes`; 0 when there is no room for one so long. */
export function frameReserve(bytes: usize): usize {
  if (block != 0) release(block, blockBytes);
  block = 0;
  frame = FRAME;
  changes = CHANGES;
  if (bytes <= <usize>FRAME_BYTES) return frame;
  const frameBytes = (bytes + 79) & ~15;
  const needed = frameBytes + (bytes / OPERATION_BYTES_MIN + 1) * CHANGE_BYTES;
  block = allocate(needed);
  if (block == 0) return 0;
  blockBytes = needed;
  frame = block;
  changes = block + frameBytes;
  return frame;
}

/** Where the changes of the last frameApply lie. */
export function frameChanges(): usize {
  return changes;
}
