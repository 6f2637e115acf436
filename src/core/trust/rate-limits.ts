/**
 * What one peer may send (C6), all derived from one configured number: frames a second. The
 * arithmetic behind the shares is in docs/LIMITS.md, "What one peer may send".
 *
 * A rate comes with a burst of BURST_SECONDS, and at least as much as honest peers send at once: the
 * answers of a whole member list, a few full frames.
 */

/** One resource: so many a second, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface RateLimits {
  readonly frames: Rate;
  readonly bytes: Rate;
  /** Operations in deltas that were not asked for. */
  readonly operations: Rate;
  /** Signatures to check; those that hold are given back. */
  readonly signatures: Rate;
}

export const RATE_LIMIT_PER_PEER_DEFAULT = 10_000;

export function deriveRateLimits(framesPerSecond: number): RateLimits {
  const rate = (perFrame: number, burstMin: number): Rate => {
    const perSecond = framesPerSecond * perFrame;
    return { perSecond, burst: Math.max(burstMin, perSecond * BURST_SECONDS) };
  };
  return {
    frames: rate(1, FRAMES_BURST_MIN),
    bytes: rate(BYTES_PER_FRAME, BYTES_BURST_MIN),
    operations: rate(OPERATIONS_PER_FRAME, OPERATIONS_BURST_MIN),
    signatures: rate(SIGNATURES_PER_FRAME, SIGNATURES_BURST_MIN),
  };
}

const BURST_SECONDS = 2;
const FRAMES_BURST_MIN = 2_000;
const BYTES_PER_FRAME = 8_192;
const BYTES_BURST_MIN = 8_388_608;
const OPERATIONS_PER_FRAME = 25;
const OPERATIONS_BURST_MIN = 131_072;
const SIGNATURES_PER_FRAME = 0.1;
const SIGNATURES_BURST_MIN = 16_384;
