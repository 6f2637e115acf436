/**
 * The Stored frame: an author asks how far one of its incarnations is on a peer's disk, and the
 * peer says so. Layout: docs/wire.md.
 */
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export const FRAME_STORED = 17;

export interface StoredFrame {
  readonly type: typeof FRAME_STORED;
  /** True: the author asks, up to `seq`. False: all up to `seq` is on the sender's disk. */
  readonly ask: boolean;
  readonly author: NodeId;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
}

export function encodeStored(writer: Writer, frame: StoredFrame): Writer {
  writer.u8(frame.ask ? 1 : 0).bytes(nodeIdToBytes(frame.author));
  return writer.u64(frame.epoch).u64(frame.nonce).safe(frame.seq);
}

export function decodeStored(reader: Reader): StoredFrame {
  const ask = reader.u8();
  if (ask > 1) reader.fail();
  const author = reader.nodeId();
  const [epoch, nonce, seq] = [reader.u64(), reader.u64(), reader.safe()];
  return {
    type: FRAME_STORED,
    ask: ask === 1,
    author,
    epoch,
    nonce,
    seq,
  };
}
