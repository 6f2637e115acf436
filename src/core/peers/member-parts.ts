/** Member records cut into frames. */
import { MEMBERS_RECORDS_MAX } from "../wire/frame.ts";
import type { SignedMember } from "../wire/member.ts";

/** Bytes of records in one frame: 256 plain ones fit, and some hundred with large credentials. */
const PART_BYTES_MAX = 524_288;

/** The records' bytes, in order, in parts that a Members frame holds each. */
export function* memberParts(members: readonly SignedMember[]): Generator<Uint8Array[]> {
  let part: Uint8Array[] = [];
  let total = 0;
  for (const { bytes } of members) {
    const isFull = part.length >= MEMBERS_RECORDS_MAX || total + bytes.length > PART_BYTES_MAX;
    if (isFull && part.length > 0) {
      yield part;
      part = [];
      total = 0;
    }
    part.push(bytes);
    total += bytes.length;
  }
  if (part.length > 0) yield part;
}
