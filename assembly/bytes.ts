// Comparing and copying short runs of bytes: a loop here beats a call out of the module.
//
// What is left behind whole words is read by a word that overlaps the last one: names differ in length
// from one to the next, and a loop over their last bytes is a branch that is guessed wrong.

/** Whether `count` bytes are equal. */
export function equalBytes(a: usize, b: usize, count: usize): bool {
  let at: usize = 0;
  for (; at + 16 <= count; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  if (at == count) return true;
  if (count >= 16) {
    const last = count - 16;
    return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
  }
  if (count >= 8) {
    const last = count - 8;
    return load<u64>(a) == load<u64>(b) && load<u64>(a + last) == load<u64>(b + last);
  }
  if (count >= 4) {
    const last = count - 4;
    return load<u32>(a) == load<u32>(b) && load<u32>(a + last) == load<u32>(b + last);
  }
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
