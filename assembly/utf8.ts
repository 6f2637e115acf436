// Strict UTF-8 (Unicode 16, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF.
// A byte order mark is a character like any other.

/** Whether every byte of [at, end) is below 0x80. */
export function isAscii(at: usize, end: usize): bool {
  let from = at;
  for (; from + 8 <= end; from += 8) if (load<u64>(from) & 0x8080808080808080) return false;
  if (from == end) return true;
  // A word that overlaps what was looked at, where there is one.
  if (end - at >= 8) return (load<u64>(end - 8) & 0x8080808080808080) == 0;
  if (end - at >= 4) return ((load<u32>(at) | load<u32>(end - 4)) & 0x80808080) == 0;
  for (; from < end; from++) if (load<u8>(from) & 0x80) return false;
  return true;
}

/** Whether [at, end) is well-formed. */
export function isUtf8(at: usize, end: usize): bool {
  let from = at;
  while (from < end) {
    const lead: u32 = load<u8>(from);
    if (lead < 0x80) {
      from++;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return false;
    const more: usize = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (from + more >= end) return false;
    // The second byte is where overlong forms, surrogates and too large numbers show.
    const low: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const high: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    const second: u32 = load<u8>(from, 1);
    if (second < low || second > high) return false;
    for (let at: usize = 2; at <= more; at++) {
      if ((load<u8>(from + at) & 0xc0) != 0x80) return false;
    }
    from += more + 1;
  }
  return true;
}
