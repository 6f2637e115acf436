/**
 * Replica: comparing and copying bytes.
 *
 * Frames may be Node Buffers, whose `slice` shares memory: whatever is kept goes through here.
 */

/** Compares `length` bytes; positions past an end compare as unequal to any byte. */
export function equalBytes(
  a: Uint8Array,
  aAt: number,
  b: Uint8Array,
  bAt: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** A copy of [start, end) with memory of its own; `slice` of a Buffer would share it. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const out = new Uint8Array(end - start);
  out.set(bytes.subarray(start, end));
  return out;
}
