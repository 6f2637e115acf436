/**
 * Numbers and byte strings at a place in bytes whose length has been checked. For single fields that
 * every frame is asked for: a DataView made for one of them costs more than reading it.
 */

/** The little-endian u16 at `at`. */
export function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** The little-endian u32 at `at`. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (u16At(bytes, at) | (u16At(bytes, at + 2) << 16)) >>> 0;
}

/** The little-endian u48 at `at`. */
export function u48At(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) + u16At(bytes, at + 4) * 0x1_0000_0000;
}

/** The little-endian u64 at `at`, rounded where it is above 2^53. */
export function u64NumberAt(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) + u32At(bytes, at + 4) * 0x1_0000_0000;
}

/** The little-endian u64 at `at`. */
export function u64At(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true);
}

/** Whether `wanted` lies at `at`. */
export function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
