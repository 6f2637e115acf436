/** Lower-case hexadecimal of a range of bytes: how authors are named. */
export function hex(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let i = at; i < at + length; i++) text += PAIRS[bytes[i] ?? 0];
  return text;
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
