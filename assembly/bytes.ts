// Comparing and copying short runs of bytes: a loop here beats a call out of the module.

/** Whether `count` bytes are equal. */
export function equalBytes(a: usize, b: usize, count: usize): bool {
  let at: usize = 0;
  for (; at + 16 <= count; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  for (; at + 4 <= count; at += 4) if (load<u32>(a + at) != load<u32>(b + at)) return false;
  for (; at < count; at++) if (load<u8>(a + at) != load<u8>(b + at)) return false;
  return true;
}

/** Whether 32 bytes are equal. */
export function equalHash(a: usize, b: usize): bool {
  const low = v128.xor(v128.load(a), v128.load(b));
  const high = v128.xor(v128.load(a, 16), v128.load(b, 16));
  return !v128.any_true(v128.or(low, high));
}

/** Copies `count` bytes; the ranges must not overlap. */
export function copyBytes(to: usize, from: usize, count: usize): void {
  if (count > 256) {
    memory.copy(to, from, count);
    return;
  }
  let at: usize = 0;
  for (; at + 16 <= count; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at + 4 <= count; at += 4) store<u32>(to + at, load<u32>(from + at));
  for (; at < count; at++) store<u8>(to + at, load<u8>(from + at));
}

/** Order of 32 bytes, most significant first: negative, zero or positive. */
export function compareHash(a: usize, b: usize): i32 {
  for (let at: usize = 0; at < 32; at += 8) {
    const x = load<u64>(a + at);
    const y = load<u64>(b + at);
    if (x != y) return bswap<u64>(x) < bswap<u64>(y) ? -1 : 1;
  }
  return 0;
}
