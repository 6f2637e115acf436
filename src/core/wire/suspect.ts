/**
 * Words about a member's life: not signed, so they only ask, warn or comfort; the member's own
 * signed record and first-hand contact decide. Layout: docs/wire.md, "Suspect".
 */
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Words in one frame. */
export const SUSPECT_WORDS_MAX = 256;

/** Asks the receiver to probe the member and to answer if it lives; goes no further. */
export const WORD_ASKED = 0;
/** The speaker has probed it in vain. */
export const WORD_SUSPECT = 1;
/** The speaker holds it for unreachable. */
export const WORD_UNREACHABLE = 2;
/** The speaker has just heard from it. */
export const WORD_ALIVE = 3;
export type WordState = 0 | 1 | 2 | 3;

export interface Word {
  readonly member: NodeId;
  /** The newest member record that the speaker holds of it. */
  readonly epoch: bigint;
  readonly counter: number;
  readonly state: WordState;
  /** Whose judgement this is. */
  readonly by: NodeId;
}

export function encodeWords(writer: Writer, words: readonly Word[]): Writer {
  writer.u16(words.length);
  for (const { member, epoch, counter, state, by } of words) {
    writer.bytes(nodeIdToBytes(member)).u64(epoch).u32(counter).u8(state);
    writer.bytes(nodeIdToBytes(by));
  }
  return writer;
}

export function decodeWords(reader: Reader): Word[] {
  const words: Word[] = [];
  const count = reader.count(SUSPECT_WORDS_MAX);
  for (let i = 0; i < count && reader.ok; i++) {
    const member = reader.nodeId();
    const epoch = reader.u64();
    const counter = reader.u32();
    const state = reader.u8();
    const by = reader.nodeId();
    if (state !== 0 && state !== 1 && state !== 2 && state !== 3) reader.fail();
    else if (reader.ok) {
      words.push({ member, epoch, counter, state, by });
    }
  }
  return words;
}
