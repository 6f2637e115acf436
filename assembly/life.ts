// A life: one incarnation as one replica knows it. Its author's lives stand together, ascending by
// (epoch, nonce); its row is its lane of the frontier vector and of the tree, for good.
//
//   life    identity u32 | author u32 | row u32 | next dirty u32 | seq u64 | hlc u64 |
//           marks u32, count u32, capacity u32 | flags u32
//   author  lives u32, count u32, capacity u32 | pending dots u32

import { compareHash } from "./bytes";
import { IDENTITY_ID, IDENTITY_KEY } from "./identity";

export const LIFE_IDENTITY: usize = 0;
export const LIFE_AUTHOR: usize = 4;
export const LIFE_ROW: usize = 8;
export const LIFE_DIRTY_NEXT: usize = 12;
export const LIFE_SEQ: usize = 16;
export const LIFE_HLC: usize = 24;
export const LIFE_MARKS: usize = 32;
export const LIFE_MARK_COUNT: usize = 36;
export const LIFE_MARK_CAPACITY: usize = 40;
const LIFE_FLAGS: usize = 44;
export const LIFE_BYTES: usize = 48;
const FLAG_ENDED: u32 = 1;
const FLAG_DIRTY: u32 = 2;

export const AUTHOR_LIVES: usize = 0;
export const AUTHOR_COUNT: usize = 4;
export const AUTHOR_CAPACITY: usize = 8;
export const AUTHOR_PENDING: usize = 12;
export const AUTHOR_BYTES: usize = 16;

const EPOCH: usize = IDENTITY_ID + 32;
const NONCE: usize = IDENTITY_ID + 40;

export function identityOf(life: usize): usize {
  return load<u32>(life, LIFE_IDENTITY);
}

/** author | epoch | nonce. */
export function idOf(life: usize): usize {
  return identityOf(life) + IDENTITY_ID;
}

export function keyOfLife(life: usize): usize {
  return identityOf(life) + IDENTITY_KEY;
}

export function authorOf(life: usize): usize {
  return load<u32>(life, LIFE_AUTHOR);
}

export function seqOf(life: usize): u64 {
  return load<u64>(life, LIFE_SEQ);
}

export function isEnded(life: usize): bool {
  return (load<u32>(life, LIFE_FLAGS) & FLAG_ENDED) != 0;
}

export function endLife(life: usize): void {
  store<u32>(life, load<u32>(life, LIFE_FLAGS) | FLAG_ENDED, LIFE_FLAGS);
}

export function isDirtyLife(life: usize): bool {
  return (load<u32>(life, LIFE_FLAGS) & FLAG_DIRTY) != 0;
}

export function setDirtyLife(life: usize, dirty: bool): void {
  const others = load<u32>(life, LIFE_FLAGS) & ~FLAG_DIRTY;
  store<u32>(life, dirty ? others | FLAG_DIRTY : others, LIFE_FLAGS);
}

/** Order in what is hashed: author bytes, epoch, nonce. */
export function compareLives(a: usize, b: usize): i32 {
  if (a == b) return 0;
  if (authorOf(a) != authorOf(b)) return compareHash(idOf(a), idOf(b));
  return compareTimes(identityOf(a) + EPOCH, identityOf(b) + EPOCH);
}

/** Order of two (epoch, nonce) pairs. */
export function compareTimes(a: usize, b: usize): i32 {
  const epochA = load<u64>(a);
  const epochB = load<u64>(b);
  if (epochA != epochB) return epochA < epochB ? -1 : 1;
  const nonceA = load<u64>(a, NONCE - EPOCH);
  const nonceB = load<u64>(b, NONCE - EPOCH);
  if (nonceA == nonceB) return 0;
  return nonceA < nonceB ? -1 : 1;
}
