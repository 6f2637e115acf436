/**
 * Replica: what is remembered of every applied delta of an incarnation.
 *
 * The record's signature and hash are shared by all replicas of the process (identity.ts). Per
 * later delta: first seq (8 bytes), signature (64) and hash (32), so that a delta seen again is
 * known as held without reading its body, and another one at its place is known as a fork. Grows
 * with history up to ReplicaLimits.deltasMax per replica, in steps of a half.
 *
 * Marks follow each other without a hole. A gap is a mark without a delta: it stands for everything
 * from its first seq to the next mark, and its hash is that of the last delta in it, to which the
 * next one chains. What lies wholly in a gap counts as held: dominated, it changes nothing.
 */
import { DELTA_HEADER_BYTES, HASH_BYTES, SIGNATURE_BYTES } from "../../../../assembly/layout.ts";
import { copyBytes, equalBytes } from "./bytes.ts";

export interface Marks {
  /** The record, mark 0. */
  readonly record: { readonly signature: Uint8Array; readonly hash: Uint8Array };
  /** Deltas after the record: marks 1 to `count`. */
  count: number;
  /** MARK_BYTES per delta after the record: first seq u64, signature, hash. */
  bytes: Uint8Array;
}

const MARK_SIGNATURE_OFFSET = 8;
const MARK_HASH_OFFSET = MARK_SIGNATURE_OFFSET + SIGNATURE_BYTES;
const MARK_BYTES = MARK_HASH_OFFSET + HASH_BYTES;
const GAP_OFFSET = 7;
const GAP = 0x80;

export function createMarks(record: Marks["record"]): Marks {
  return { record, count: 0, bytes: NO_BYTES };
}

/** Remembers the delta at `offset` of `bytes`, whose hash is `hash`, as the head. */
export function addMark(
  marks: Marks,
  delta: {
    readonly firstSeq: number;
    readonly bytes: Uint8Array;
    readonly offset: number;
    readonly hash: Uint8Array;
  },
): void {
  const at = marks.count * MARK_BYTES;
  if (at + MARK_BYTES > marks.bytes.length) marks.bytes = grown(marks.bytes, marks.count);
  writeU64(marks.bytes, at, delta.firstSeq);
  const signature = delta.offset + DELTA_HEADER_BYTES;
  const signed = delta.bytes.subarray(signature, signature + SIGNATURE_BYTES);
  marks.bytes.set(signed, at + MARK_SIGNATURE_OFFSET);
  marks.bytes.set(delta.hash, at + MARK_HASH_OFFSET);
  marks.count += 1;
}

/** Mark of the delta that starts at `firstSeq`; -1 when none does. */
export function indexOfMark(marks: Marks, firstSeq: number): number {
  if (firstSeq === 0) return 0;
  const last = marksTo(marks, firstSeq);
  return last > 0 && startOf(marks, last) === firstSeq && !isGap(marks, last) ? last : -1;
}

/** Whether all from `firstSeq` to `lastSeq` lies in one gap; `seq` is where the marks end. */
export function isInGap(
  marks: Marks,
  range: { readonly firstSeq: number; readonly lastSeq: number; readonly seq: number },
): boolean {
  const { firstSeq, lastSeq, seq } = range;
  if (firstSeq === 0 || firstSeq > seq) return false;
  const last = marksTo(marks, firstSeq);
  if (!isGap(marks, last)) return false;
  return last === marks.count ? lastSeq <= seq : lastSeq < startOf(marks, last + 1);
}

/** Whether the head is a gap, which another gap may lengthen. */
export function endsInGap(marks: Marks): boolean {
  return isGap(marks, marks.count);
}

/** Makes a gap from `firstSeq` the head, or lengthens the one that is; `hash` is where it ends. */
export function addGap(marks: Marks, firstSeq: number, hash: Uint8Array): void {
  if (!endsInGap(marks)) {
    const at = marks.count * MARK_BYTES;
    if (at + MARK_BYTES > marks.bytes.length) marks.bytes = grown(marks.bytes, marks.count);
    writeU64(marks.bytes, at, firstSeq);
    marks.bytes[at + GAP_OFFSET] = GAP;
    marks.count += 1;
  }
  marks.bytes.set(hash, (marks.count - 1) * MARK_BYTES + MARK_HASH_OFFSET);
}

/** Makes a gap of the delta that starts at `firstSeq`; false when none does, or it is the head. */
export function forgetMark(marks: Marks, firstSeq: number): boolean {
  const index = indexOfMark(marks, firstSeq);
  if (index <= 0 || index === marks.count) return false;
  marks.bytes[(index - 1) * MARK_BYTES + GAP_OFFSET] = GAP;
  return true;
}

/** Makes one gap of gaps that follow each other, and returns the room; how many marks went. */
export function joinGaps(marks: Marks): number {
  let kept = 0;
  for (let index = 1; index <= marks.count; index++) {
    const at = (index - 1) * MARK_BYTES;
    const isJoined = isGap(marks, index) && isGap(marks, kept);
    const [to, from] = isJoined
      ? [(kept - 1) * MARK_BYTES + MARK_HASH_OFFSET, at + MARK_HASH_OFFSET]
      : [kept * MARK_BYTES, at];
    marks.bytes.copyWithin(to, from, at + MARK_BYTES);
    if (!isJoined) kept += 1;
  }
  const gone = marks.count - kept;
  marks.count = kept;
  if (2 * kept * MARK_BYTES < marks.bytes.length) {
    marks.bytes = marks.bytes.slice(0, kept * MARK_BYTES);
  }
  return gone;
}

/** The last mark that starts at `firstSeq` or below; 0 when only the record does. */
function marksTo(marks: Marks, firstSeq: number): number {
  let low = 0;
  let high = marks.count;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (startOf(marks, middle) <= firstSeq) low = middle;
    else high = middle - 1;
  }
  return low;
}

function startOf(marks: Marks, index: number): number {
  return readSeq(marks.bytes, (index - 1) * MARK_BYTES);
}

function isGap(marks: Marks, index: number): boolean {
  return index > 0 && marks.bytes[(index - 1) * MARK_BYTES + GAP_OFFSET] === GAP;
}

/** Whether the delta at `offset` of `bytes` carries the signature of mark `index`. */
export function hasSignature(
  marks: Marks,
  index: number,
  bytes: Uint8Array,
  offset: number,
): boolean {
  const at = offset + DELTA_HEADER_BYTES;
  if (index === 0) return equalBytes(marks.record.signature, 0, bytes, at, SIGNATURE_BYTES);
  const own = (index - 1) * MARK_BYTES + MARK_SIGNATURE_OFFSET;
  return equalBytes(marks.bytes, own, bytes, at, SIGNATURE_BYTES);
}

/** Whether mark `index` has the delta hash at `at` of `bytes`. */
export function hasHash(marks: Marks, index: number, bytes: Uint8Array, at: number): boolean {
  if (index === 0) return equalBytes(marks.record.hash, 0, bytes, at, HASH_BYTES);
  const own = (index - 1) * MARK_BYTES + MARK_HASH_OFFSET;
  return equalBytes(marks.bytes, own, bytes, at, HASH_BYTES);
}

/** The hash of the newest mark: the head of the chain; copied. */
export function headHash(marks: Marks): Uint8Array {
  if (marks.count === 0) return marks.record.hash.slice();
  const at = (marks.count - 1) * MARK_BYTES + MARK_HASH_OFFSET;
  return copyBytes(marks.bytes, at, at + HASH_BYTES);
}

function grown(bytes: Uint8Array, count: number): Uint8Array {
  const larger = new Uint8Array((count + Math.ceil((count + 1) / 2)) * MARK_BYTES);
  larger.set(bytes);
  return larger;
}

function writeU64(bytes: Uint8Array, at: number, value: number): void {
  let rest = value;
  for (let i = 0; i < 8; i++) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** The first seq of a mark, which is below 2^53; its highest byte says whether it is a gap. */
function readSeq(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 6; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

const NO_BYTES = new Uint8Array(0);
