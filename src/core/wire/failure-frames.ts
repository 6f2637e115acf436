/** Bodies of the frames of failure detection; the head and the other bodies are in frame.ts. */
import { DEPART_STATEMENTS_MAX, STATEMENT_BYTES } from "./departure.ts";
import type { Reader } from "./reader.ts";
import { decodeWords, encodeWords, type Word } from "./suspect.ts";
import type { Writer } from "./writer.ts";

export const FRAME_PROBE = 13;
export const FRAME_SUSPECT = 14;
export const FRAME_DEPART = 16;
/** Enough to tell that two roots differ; a liar could copy a whole one as well. */
export const PROBE_ROOT_BYTES = 8;

/** Asks for an echo, gives one, or both at once. */
export interface ProbeFrame {
  readonly type: typeof FRAME_PROBE;
  /** To be echoed; 0 when no echo is asked for. */
  readonly stamp: number;
  /** The stamp of the probe that this answers; 0 when it answers none. */
  readonly echo: number;
  /** First PROBE_ROOT_BYTES bytes of the sender's root. */
  readonly root: Uint8Array;
}
/** Words about members' lives. */
export interface SuspectFrame {
  readonly type: typeof FRAME_SUSPECT;
  readonly words: readonly Word[];
}
/** Signed statements that a member is gone. */
export interface DepartFrame {
  readonly type: typeof FRAME_DEPART;
  /** STATEMENT_BYTES each. */
  readonly statements: readonly Uint8Array[];
}
export type FailureFrame = ProbeFrame | SuspectFrame | DepartFrame;

export function encodeFailureBody(writer: Writer, frame: FailureFrame): Writer {
  switch (frame.type) {
    case FRAME_PROBE:
      return writer.u32(frame.stamp).u32(frame.echo).bytes(frame.root);
    case FRAME_SUSPECT:
      return encodeWords(writer, frame.words);
    case FRAME_DEPART:
      writer.u16(frame.statements.length);
      for (const statement of frame.statements) writer.bytes(statement);
      return writer;
  }
}

/** Undefined for a type of other frames. */
export function decodeFailureBody(type: number, reader: Reader): FailureFrame | undefined {
  switch (type) {
    case FRAME_PROBE:
      return {
        type,
        stamp: reader.u32(),
        echo: reader.u32(),
        root: reader.view(PROBE_ROOT_BYTES),
      };
    case FRAME_SUSPECT:
      return { type, words: decodeWords(reader) };
    case FRAME_DEPART: {
      const statements: Uint8Array[] = [];
      const count = reader.count(DEPART_STATEMENTS_MAX);
      for (let i = 0; i < count && reader.ok; i++) statements.push(reader.view(STATEMENT_BYTES));
      return { type, statements };
    }
    default:
      return undefined;
  }
}
