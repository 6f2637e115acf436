/**
 * Node ids and hexadecimal: 32 raw bytes of an ed25519 public key <-> 64 lower-case hex digits.
 *
 * Ids are converted once per frame and peer, so both directions work from lookup tables, and the
 * encoder hands whole groups of character codes to the string builder: adding two digits at a time
 * builds a rope that the first Map lookup must flatten. Decoding is total: bad text gives
 * `undefined`, never an exception.
 */

import { NODE_ID_BYTES } from "../../assembly/layout.ts";
import { assertInvariant } from "../errors.ts";

/** 64 lower-case hex digits: the 32 raw bytes of an ed25519 public key. */
export type NodeId = string;

/**
 * Reads the id at `offset` of `bytes` (borrowed).
 * @throws MESH_INVARIANT when fewer than 32 bytes remain; callers check lengths first.
 */
export function nodeIdFromBytes(bytes: Uint8Array, offset = 0): NodeId {
  const end = offset + NODE_ID_BYTES;
  assertInvariant(offset >= 0 && end <= bytes.length, "a node id needs 32 bytes");
  return hexFromRange(bytes, offset, end);
}

/**
 * The 32 raw bytes of an id, newly allocated.
 * @throws MESH_INVARIANT when `id` is no node id; text from outside is checked by {@link isNodeId}.
 */
export function nodeIdToBytes(id: NodeId): Uint8Array {
  const bytes = id.length === NODE_ID_DIGITS ? bytesFromHex(id) : undefined;
  assertInvariant(bytes !== undefined, "a node id is 64 lower-case hex digits");
  return bytes;
}

/** Whether the bytes of `id` lie at `offset`, without making text of them. */
export function isNodeIdAt(bytes: Uint8Array, offset: number, id: NodeId): boolean {
  for (let i = 0; i < NODE_ID_BYTES; i++) {
    const byte = (digitValue(id, 2 * i) << 4) | digitValue(id, 2 * i + 1);
    if (bytes[offset + i] !== byte) return false;
  }
  return true;
}

/** Whether `value` is a string of exactly 64 lower-case hex digits. */
export function isNodeId(value: unknown): value is NodeId {
  if (typeof value !== "string" || value.length !== NODE_ID_DIGITS) return false;
  for (let i = 0; i < NODE_ID_DIGITS; i++) {
    if (digitValue(value, i) < 0) return false;
  }
  return true;
}

/** Lower-case hex digits of all of `bytes` (borrowed). */
export function hexFromBytes(bytes: Uint8Array): string {
  return hexFromRange(bytes, 0, bytes.length);
}

/** The bytes of lower-case hex digits, newly allocated; `undefined` for anything else. */
export function bytesFromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitValue(text, 2 * i);
    const low = digitValue(text, 2 * i + 1);
    // A missing digit is -1, so the sign bit of the OR tells whether either was bad.
    if ((high | low) < 0) return undefined;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** Sixteen bytes at a time: a step more is a string more, and lists of ids are what peers send. */
function hexFromRange(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const a = digitsOf(bytes, at);
    const b = digitsOf(bytes, at + 1);
    const c = digitsOf(bytes, at + 2);
    const d = digitsOf(bytes, at + 3);
    const e = digitsOf(bytes, at + 4);
    const f = digitsOf(bytes, at + 5);
    const g = digitsOf(bytes, at + 6);
    const h = digitsOf(bytes, at + 7);
    const i = digitsOf(bytes, at + 8);
    const j = digitsOf(bytes, at + 9);
    const k = digitsOf(bytes, at + 10);
    const l = digitsOf(bytes, at + 11);
    const m = digitsOf(bytes, at + 12);
    const n = digitsOf(bytes, at + 13);
    const o = digitsOf(bytes, at + 14);
    const p = digitsOf(bytes, at + 15);
    // biome-ignore format: one line per four bytes reads as a table
    text += String.fromCharCode(
      a & 255, a >> 8, b & 255, b >> 8, c & 255, c >> 8, d & 255, d >> 8,
      e & 255, e >> 8, f & 255, f >> 8, g & 255, g >> 8, h & 255, h >> 8,
      i & 255, i >> 8, j & 255, j >> 8, k & 255, k >> 8, l & 255, l >> 8,
      m & 255, m >> 8, n & 255, n >> 8, o & 255, o >> 8, p & 255, p >> 8,
    );
  }
  for (; at < end; at++) {
    const pair = digitsOf(bytes, at);
    text += String.fromCharCode(pair & 255, pair >> 8);
  }
  return text;
}

/** Both digits of a byte: the high half-byte's character code in the low eight bits. */
function digitsOf(bytes: Uint8Array, at: number): number {
  return DIGIT_PAIRS[bytes[at] ?? 0] ?? 0;
}

/** Value of the digit at `at`, -1 when it is none. */
function digitValue(text: string, at: number): number {
  return DIGIT_VALUES[text.charCodeAt(at)] ?? -1;
}

const NODE_ID_DIGITS = 2 * NODE_ID_BYTES;
const DIGITS = "0123456789abcdef";

const DIGIT_PAIRS = Uint16Array.from(
  { length: 256 },
  (_, byte) => DIGITS.charCodeAt(byte >> 4) | (DIGITS.charCodeAt(byte & 15) << 8),
);

// Lower case only: two spellings of one id would be two peers.
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  DIGITS.indexOf(String.fromCharCode(code)),
);
