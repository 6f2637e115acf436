/**
 * The roll call frame: which members the sender has heard answer within one call, and the stamps
 * by which both ends of the link know that it carries both ways. Layout: docs/wire.md.
 *
 * The members are named by a bitmap over the sender's sorted member list, or, for a receiver whose
 * list differs, by the first four bytes of their ids.
 */
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export const FRAME_ROLL_CALL = 15;
/** Members that a call can name: as many as a member list holds. */
export const ROLL_CALL_MEMBERS_MAX = 2_000;
/** First bytes of the BLAKE3 of a member list. */
export const ROSTER_DIGEST_BYTES = 8;

export interface RollCallFrame {
  readonly type: typeof FRAME_ROLL_CALL;
  /** Number of the call; of two the later one holds (serial arithmetic, RFC 1982). */
  readonly call: number;
  /** The sender's stamp for this link and call; not 0. */
  readonly stamp: number;
  /** The receiver's stamp of this call that the sender has had; 0 when none yet. */
  readonly echo: number;
  /** Whether the sender still lacks a quorum and wants an answer. */
  readonly asks: boolean;
  /** First 8 bytes of BLAKE3 over the sender's sorted member ids. */
  readonly roster: Uint8Array;
  readonly answered: Answered;
}

export type Answered =
  /** Bit i % 8 of byte i / 8 stands for member i of `members` in the sender's sorted list. */
  | { readonly kind: "bitmap"; readonly members: number; readonly bits: Uint8Array }
  /** First four bytes of the ids, big-endian. */
  | { readonly kind: "list"; readonly prefixes: readonly number[] };

export function encodeRollCall(writer: Writer, frame: RollCallFrame): Writer {
  const { answered } = frame;
  const isList = answered.kind === "list";
  writer.u32(frame.call).u32(frame.stamp).u32(frame.echo);
  writer.u8((frame.asks ? 1 : 0) | (isList ? 2 : 0)).bytes(frame.roster);
  if (!isList) return writer.u16(answered.members).bytes(answered.bits);
  writer.u16(answered.prefixes.length);
  for (const prefix of answered.prefixes) writer.u32(prefix);
  return writer;
}

export function decodeRollCall(reader: Reader): RollCallFrame {
  const call = reader.u32();
  const stamp = reader.u32();
  const echo = reader.u32();
  const flags = reader.u8();
  if (stamp === 0 || flags > 3) reader.fail();
  const roster = reader.view(ROSTER_DIGEST_BYTES);
  const count = reader.count(ROLL_CALL_MEMBERS_MAX);
  const answered = (flags & 2) === 0 ? bitmap(reader, count) : list(reader, count);
  return { type: FRAME_ROLL_CALL, call, stamp, echo, asks: (flags & 1) !== 0, roster, answered };
}

function bitmap(reader: Reader, members: number): Answered {
  const bits = reader.view(bitmapBytes(members));
  // Bits beyond the last member: one value, one encoding.
  if (members % 8 !== 0 && (bits[bits.length - 1] ?? 0) >> (members % 8) !== 0) reader.fail();
  return { kind: "bitmap", members, bits };
}

function list(reader: Reader, count: number): Answered {
  const prefixes: number[] = [];
  for (let i = 0; i < count && reader.ok; i++) prefixes.push(reader.u32());
  return { kind: "list", prefixes };
}

/** Bytes of a bitmap over so many members. */
export function bitmapBytes(members: number): number {
  return Math.ceil(members / 8);
}
