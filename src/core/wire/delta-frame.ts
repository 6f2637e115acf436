/** The Delta frame: what repair sends. Layout: docs/wire.md. */
import { DELTA_PREFIX_BYTES, HASH_BYTES, SCAN_ROWS_MAX } from "../../../assembly/layout.ts";
import type { Reader } from "./reader.ts";
import type { CarriedDeltas } from "./stub.ts";
import type { Writer } from "./writer.ts";

export const FRAME_DELTA = 6;

/** Repair: deltas that the sender saw missing, or was asked for. */
export interface DeltaFrame extends CarriedDeltas {
  readonly type: typeof FRAME_DELTA;
  /** True when the answer was cut: ask again. */
  readonly more: boolean;
  /** Another frame of the same answer follows: `more` is the last one's to say. Absent: none. */
  readonly follows?: true;
  readonly root: Uint8Array;
}

const MORE = 1;
/** In the flags: the places of stubs stand before the deltas. */
const STUBS = 2;
const FOLLOWS = 4;

export function encodeDeltaFrame(writer: Writer, frame: DeltaFrame): Writer {
  const { more, follows, root, deltas, stubs } = frame;
  const flags = (more ? MORE : 0) | (stubs === undefined ? 0 : STUBS) | (follows ? FOLLOWS : 0);
  writer.u8(flags).bytes(root);
  if (stubs !== undefined) encodeStubs(writer, stubs);
  return writer.bytes(deltas);
}

export function decodeDeltaFrame(reader: Reader): DeltaFrame {
  const flags = reader.u8();
  if (flags > (MORE | STUBS | FOLLOWS) || (flags & MORE && flags & FOLLOWS)) reader.fail();
  const more = (flags & MORE) !== 0;
  const frame = { type: FRAME_DELTA, more, ...(flags & FOLLOWS ? FOLLOWED : {}) } as const;
  const root = reader.view(HASH_BYTES);
  if ((flags & STUBS) === 0) return { ...frame, root, deltas: reader.view(reader.remaining) };
  const stubs = decodeStubs(reader);
  if (reader.remaining < DELTA_PREFIX_BYTES) reader.fail();
  return { ...frame, root, deltas: reader.view(reader.remaining), stubs };
}

/** Whether another frame follows, of the first byte of a body: before anything is decoded. */
export function isFollowed(flags: number | undefined): boolean {
  return flags !== undefined && (flags & FOLLOWS) !== 0;
}

const FOLLOWED = { follows: true } as const;

/** The places of stubs among deltas: u16 count, u16 each, ascending; at least one. */
export function encodeStubs(writer: Writer, stubs: readonly number[]): void {
  writer.u16(stubs.length);
  for (const place of stubs) writer.u16(place);
}

export function decodeStubs(reader: Reader): readonly number[] {
  const stubs: number[] = [];
  const count = reader.count(SCAN_ROWS_MAX);
  if (count === 0) reader.fail();
  for (let i = 0; i < count && reader.ok; i++) {
    const place = reader.u16();
    if (place <= (stubs.at(-1) ?? -1)) reader.fail();
    stubs.push(place);
  }
  return stubs;
}
