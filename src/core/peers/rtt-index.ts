/**
 * Peers by round-trip time without ever sorting all of them.
 *
 * A peer's smoothed time falls into one of about 830 buckets, 1/32 of an octave wide (3 %): exponent
 * and five mantissa bits of the float32. Moving a peer is O(1). The nearest are read bucket by
 * bucket; only buckets that are read are ordered, so the answer is exact and costs O(k + b), b being
 * the size of the last bucket read. Worst case, every peer at one distance: one pass over all.
 *
 * Ties go by a per-node salt, not by id: nodes at equal distances must not all choose the same few.
 */

import { DenseSet, NOWHERE } from "./dense-set.ts";
import type { PeerRecord } from "./peer-info.ts";

/** Index of peers that have at least one sample. */
export class RttIndex {
  readonly #buckets = new Map<number, DenseSet<PeerRecord>>();
  /** One bit per bucket with members, so that reading skips 32 empty ones at a time. */
  readonly #occupied = new Uint32Array(Math.ceil(BUCKET_COUNT / 32));

  /** Adds a measured peer that is in no bucket. */
  add(peer: PeerRecord): void {
    const number = bucketOf(peer.rtt?.smoothedMs ?? 0);
    let bucket = this.#buckets.get(number);
    if (bucket === undefined) {
      bucket = new DenseSet("rttPlace");
      this.#buckets.set(number, bucket);
      this.#occupied[number >> 5] = (this.#occupied[number >> 5] ?? 0) | (1 << (number & 31));
    }
    bucket.add(peer);
    peer.rttBucket = number;
  }

  /** Removes a peer of this index. */
  remove(peer: PeerRecord): void {
    const number = peer.rttBucket;
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) return;
    bucket.delete(peer);
    peer.rttBucket = NOWHERE;
    if (bucket.size > 0) return;
    this.#buckets.delete(number);
    this.#occupied[number >> 5] = (this.#occupied[number >> 5] ?? 0) & ~(1 << (number & 31));
  }

  /** Moves a peer of this index after its smoothed time changed. */
  move(peer: PeerRecord): void {
    if (peer.rttBucket === bucketOf(peer.rtt?.smoothedMs ?? 0)) return;
    this.remove(peer);
    this.add(peer);
  }

  /** Appends the nearest accepted peers to `into`, nearest first, until it holds `count`. */
  collect(count: number, accept: (peer: PeerRecord) => boolean, into: PeerRecord[]): void {
    for (let word = 0; word < this.#occupied.length && into.length < count; word++) {
      let bits = this.#occupied[word] ?? 0;
      while (bits !== 0 && into.length < count) {
        const bit = 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        const bucket = this.#buckets.get(32 * word + bit);
        if (bucket !== undefined) appendNearest(bucket.members, count, accept, into);
      }
    }
  }
}

function appendNearest(
  members: readonly PeerRecord[],
  count: number,
  accept: (peer: PeerRecord) => boolean,
  into: PeerRecord[],
): void {
  const wanted = count - into.length;
  const best: PeerRecord[] = [];
  const sortsLast = members.length <= wanted || wanted > INSERTION_MAX;
  for (const peer of members) {
    if (!accept(peer)) continue;
    if (sortsLast) best.push(peer);
    else insertBounded(best, peer, wanted);
  }
  if (sortsLast) best.sort(compareNearness);
  const taken = Math.min(wanted, best.length);
  for (let i = 0; i < taken; i++) into.push(best[i] as PeerRecord);
}

/** Keeps the `bound` nearest in order; most of a large bucket fails the first comparison. */
function insertBounded(best: PeerRecord[], peer: PeerRecord, bound: number): void {
  let at = best.length;
  if (at === bound) {
    if (compareNearness(peer, best[at - 1] as PeerRecord) >= 0) return;
    best.pop();
    at--;
  }
  while (at > 0 && compareNearness(peer, best[at - 1] as PeerRecord) < 0) at--;
  best.splice(at, 0, peer);
}

/** Total order: smoothed time, salted tie-break, id. */
function compareNearness(a: PeerRecord, b: PeerRecord): number {
  const byTime = (a.rtt?.smoothedMs ?? 0) - (b.rtt?.smoothedMs ?? 0);
  if (byTime !== 0) return byTime;
  if (a.tieBreak !== b.tieBreak) return a.tieBreak - b.tieBreak;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** Non-decreasing in `ms`, for ms in [0, 65,536). */
function bucketOf(ms: number): number {
  SCRATCH_F32[0] = ms;
  const exponentAndMantissa = (SCRATCH_U32[0] ?? 0) >>> 18;
  return Math.max(0, exponentAndMantissa - BUCKET_FIRST);
}

const SCRATCH_F32 = new Float32Array(1);
const SCRATCH_U32 = new Uint32Array(SCRATCH_F32.buffer);
const BUCKET_FIRST = (127 - 10) << 5; // 2^-10 ms, about a microsecond; less shares bucket 0
const BUCKET_COUNT = ((127 + 16) << 5) - BUCKET_FIRST; // up to 2^16 ms
const INSERTION_MAX = 64; // above, one sort beats insertions
