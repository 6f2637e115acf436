// Peer selection: Floyd's sampling without replacement (Bentley and Floyd, CACM 30:9, 1987) over
// xoshiro128** (Blackman and Vigna, 2018), with Lemire's unbiased bounded draw (2019).
// The order of draws is part of the contract: the reference must leave the same state behind.

import { RANDOM } from "./memory";

// Below this many draws a scan of what is drawn beats a hash table.
const SCAN_COUNT_MAX: u32 = 32;

let state0: u32 = 0;
let state1: u32 = 0;
let state2: u32 = 0;
let state3: u32 = 0;

/**
 * Draws `k` <= `count` distinct indices of [0, count) to `out`, advancing the state at RANDOM.
 * `table` has `1 << tableBits` >= 2 k rows of u32, or is 0 when k <= SELECT_SCAN_MAX.
 */
export function selectPeers(count: u32, k: u32, out: usize, table: usize, tableBits: u32): void {
  loadState();
  if (k <= SCAN_COUNT_MAX) {
    selectByScan(count, k, out);
  } else {
    memory.fill(table, 0, (<usize>4) << tableBits);
    selectByTable(count, k, out, table, tableBits);
  }
  storeState();
}

/** The largest `k` that needs no table. */
export const SELECT_SCAN_MAX: u32 = SCAN_COUNT_MAX;

function selectByScan(count: u32, k: u32, out: usize): void {
  const end = out + ((<usize>k) << 2);
  let bound = count - k;
  for (let to = out; to < end; to += 4) {
    let drawn = draw(++bound);
    for (let at = out; at < to; at += 4) {
      if (load<u32>(at) == drawn) {
        drawn = bound - 1;
        break;
      }
    }
    store<u32>(to, drawn);
  }
}

function selectByTable(count: u32, k: u32, out: usize, table: usize, tableBits: u32): void {
  const end = out + ((<usize>k) << 2);
  let bound = count - k;
  for (let to = out; to < end; to += 4) {
    let drawn = draw(++bound);
    if (!insert(table, tableBits, drawn)) {
      // Taken: the newest index cannot have been drawn before.
      drawn = bound - 1;
      insert(table, tableBits, drawn);
    }
    store<u32>(to, drawn);
  }
}

/** Adds to an open-addressed set; false when present. Rows hold index + 1, so that 0 is empty. */
function insert(table: usize, tableBits: u32, index: u32): bool {
  const mask = ((<u32>1) << tableBits) - 1;
  let slot = (index * 0x9e3779b1) >> (32 - tableBits);
  while (true) {
    const at = table + ((<usize>slot) << 2);
    const held = load<u32>(at);
    if (held == 0) {
      store<u32>(at, index + 1);
      return true;
    }
    if (held == index + 1) return false;
    slot = (slot + 1) & mask;
  }
}

/** Uniform on [0, bound), bound > 0: the high word of a product, redrawn where it would be biased. */
function draw(bound: u32): u32 {
  let product = <u64>next() * <u64>bound;
  let low = <u32>product;
  if (low < bound) {
    const threshold: u32 = (<u32>0 - bound) % bound; // 2^32 mod bound
    while (low < threshold) {
      product = <u64>next() * <u64>bound;
      low = <u32>product;
    }
  }
  return <u32>(product >> 32);
}

function next(): u32 {
  const result = rotl<u32>(state1 * 5, 7) * 9;
  const shifted = state1 << 9;
  state2 ^= state0;
  state3 ^= state1;
  state1 ^= state2;
  state0 ^= state3;
  state2 ^= shifted;
  state3 = rotl<u32>(state3, 11);
  return result;
}

function loadState(): void {
  state0 = load<u32>(RANDOM);
  state1 = load<u32>(RANDOM, 4);
  state2 = load<u32>(RANDOM, 8);
  state3 = load<u32>(RANDOM, 12);
}

function storeState(): void {
  store<u32>(RANDOM, state0);
  store<u32>(RANDOM, state1, 4);
  store<u32>(RANDOM, state2, 8);
  store<u32>(RANDOM, state3, 12);
}
