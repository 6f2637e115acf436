/**
 * The frames about gaps: a node whose root differs from a peer's at an equal frontier asks what the
 * peer holds where it has stubs itself, and is sent it. Layout: docs/wire.md.
 */
import { DELTA_PREFIX_BYTES } from "../../../assembly/layout.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { decodeStubs, encodeStubs } from "./delta-frame.ts";
import type { Reader } from "./reader.ts";
import type { CarriedDeltas } from "./stub.ts";
import type { Writer } from "./writer.ts";

export const FRAME_GAPS = 19;
export const FRAME_FILL = 20;
/** Gaps in one question: 16 KB. */
export const GAPS_ENTRIES_MAX = 256;

export interface GapsFrame {
  readonly type: typeof FRAME_GAPS;
  readonly gaps: readonly Gap[];
}

/** What lies in an incarnation's chain above `after` and up to `upTo`. */
export interface Gap {
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly after: number;
  readonly upTo: number;
}

/** What the sender holds in gaps that it was asked about: each one's chain, stubs in its own gaps. */
export interface FillFrame extends CarriedDeltas {
  readonly type: typeof FRAME_FILL;
}

export function encodeGaps(writer: Writer, { gaps }: GapsFrame): Writer {
  writer.u16(gaps.length);
  for (const { author, epoch, nonce, after, upTo } of gaps) {
    writer.bytes(nodeIdToBytes(author)).u64(epoch).u64(nonce).safe(after).safe(upTo);
  }
  return writer;
}

export function decodeGaps(reader: Reader): GapsFrame {
  const gaps: Gap[] = [];
  const count = reader.count(GAPS_ENTRIES_MAX);
  for (let i = 0; i < count && reader.ok; i++) {
    const [author, epoch, nonce] = [reader.nodeId(), reader.u64(), reader.u64()];
    gaps.push({ author, epoch, nonce, after: reader.safe(), upTo: reader.safe() });
  }
  return { type: FRAME_GAPS, gaps };
}

export function encodeFill(writer: Writer, { deltas, stubs }: FillFrame): Writer {
  writer.u8(stubs === undefined ? 0 : 1);
  if (stubs !== undefined) encodeStubs(writer, stubs);
  return writer.bytes(deltas);
}

export function decodeFill(reader: Reader): FillFrame {
  const flags = reader.u8();
  if (flags > 1) reader.fail();
  const stubs = flags === 1 ? decodeStubs(reader) : undefined;
  if (reader.remaining < DELTA_PREFIX_BYTES) reader.fail();
  const deltas = reader.view(reader.remaining);
  return stubs === undefined ? { type: FRAME_FILL, deltas } : { type: FRAME_FILL, deltas, stubs };
}
