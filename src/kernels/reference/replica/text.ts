/**
 * Replica: bytes to text, strictly and quickly.
 *
 * Two different byte strings never give one text: UTF-8 is checked, a byte order mark is kept,
 * and raw ids become one character per byte. Text is only ever a Map key, so no key is special.
 */

/** Most bytes that are turned into text without a TextDecoder. */
const SHORT_BYTES = 64;

/** Decodes UTF-8 of [start, end); undefined when it is not well formed. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT_BYTES && isAscii(bytes, start, end)) return rawText(bytes, start, end);
  try {
    return DECODER.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** One character per byte: a compact Map key for raw bytes, not for people. */
export function rawText(bytes: Uint8Array, start: number, end: number): string {
  // Far cheaper than a loop of concatenations; `apply` takes any array-like, the type does not say.
  return Reflect.apply(String.fromCharCode, undefined, bytes.subarray(start, end));
}

/** The 64 lower-case hex digits of 32 bytes. */
export function hexText(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i] ?? 0] ?? "";
  return text;
}

/** The raw text of hex digits; undefined when they are not 64 lower-case ones. */
export function hexToRawText(hex: string): string | undefined {
  if (!NODE_ID.test(hex)) return undefined;
  let text = "";
  for (let i = 0; i < hex.length; i += 2) {
    text += String.fromCharCode(Number.parseInt(hex.slice(i, i + 2), 16));
  }
  return text;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] ?? 0) > 0x7f) return false;
  return true;
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NODE_ID = /^[0-9a-f]{64}$/;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
