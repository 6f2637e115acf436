/**
 * A peer that lies where others catch up: it shows the asker's own roots as its own, lists half of
 * its frontier or one that nobody has, answers wants with the beginning of what was asked for and
 * calls that all, or does not answer.
 */
import { DELTA_PREFIX_BYTES, HASH_BYTES } from "../../../assembly/layout.ts";
import type { Random } from "../../core/random.ts";
import { decodeDeltaHeader } from "../../core/wire/delta.ts";
import { FRAME_DELTA } from "../../core/wire/delta-frame.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_IHAVE,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_TYPE_OFFSET,
  type Frame,
  type SyncRange,
} from "../../core/wire/frame.ts";
import { type Roots, rootsOf } from "./core-view.ts";
import type { SimNode } from "./node.ts";

const BENT = new Set<number | undefined>([
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_DELTA,
  FRAME_IHAVE,
]);
/** So far above what there is are the seqs that nobody has. */
const FALSE_SEQS = 1_000;

/** What is sent in place of a frame; undefined for nothing. */
export function lyingRepair(
  bytes: Uint8Array,
  to: SimNode,
  { nowMs, random }: { readonly nowMs: number; readonly random: Random },
): Uint8Array | undefined {
  if (!BENT.has(bytes[FRAME_TYPE_OFFSET])) return bytes;
  const decoded = decodeFrame(bytes);
  if (decoded.kind !== "frame") return bytes;
  const frame = bent(decoded.frame, rootsOf(to.core, to.now(nowMs)), random);
  return frame && encodeFrame(frame, decoded.wallMs);
}

function bent(frame: Frame, { root, frontierRoot }: Roots, random: Random): Frame | undefined {
  switch (frame.type) {
    case FRAME_PULL:
      return { ...frame, root, frontierRoot };
    case FRAME_SYNC: {
      const shown = random.below(2) === 0 ? root : frame.root;
      return { ...frame, root: shown, ranges: falseRanges(frame.ranges, random) };
    }
    case FRAME_DELTA: {
      const deltas = firstHalf(frame.deltas);
      return deltas.length === 0 ? undefined : { ...frame, more: false, root, deltas };
    }
    case FRAME_PUSH:
    case FRAME_IHAVE:
      return random.below(2) === 0 ? undefined : { ...frame, root };
    default:
      return frame;
  }
}

function falseRanges(ranges: readonly SyncRange[], random: Random): SyncRange[] {
  const lie = random.below(3);
  if (lie === 0) return [];
  return ranges.map((range) => {
    if (range.kind === "inner") return { ...range, hashes: noise(range.hashes.length, random) };
    if (lie === 1) {
      const entries = range.entries.filter((_, i) => i % 2 === 0);
      return { ...range, entries };
    }
    const entries = range.entries.map((entry) => ({
      ...entry,
      seq: entry.seq + FALSE_SEQS,
      hash: noise(HASH_BYTES, random),
    }));
    return { ...range, entries };
  });
}

/** Whole deltas, up to half of the bytes. */
function firstHalf(deltas: Uint8Array): Uint8Array {
  let end = 0;
  for (;;) {
    const next = end + DELTA_PREFIX_BYTES + decodeDeltaHeader(deltas, end).bodyBytes;
    if (next > deltas.length / 2) return deltas.subarray(0, end);
    end = next;
  }
}

function noise(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}
