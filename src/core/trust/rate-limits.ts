/**
 * What one peer may send (C6), all derived from one configured number: frames a second. The
 * arithmetic behind the shares is in docs/LIMITS.md, "What one peer may send".
 */

/** One resource: so many a second, so many at once, and how far beyond is a flood. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
  /** Owed by a peer that has kept sending what was refused: it is cut off. */
  readonly debtMax: number;
}

export interface RateLimits {
  readonly frames: Rate;
  readonly bytes: Rate;
  /** Operations in deltas that were not asked for. */
  readonly operations: Rate;
  /** Bytes of history sent to the peer because it asked. */
  readonly answers: Rate;
  /** Signatures to check; those that hold are given back. */
  readonly signatures: Rate;
}

export const RATE_LIMIT_PER_PEER_DEFAULT = 10_000;

export function deriveRateLimits(framesPerSecond: number): RateLimits {
  const operationsPerSecond = framesPerSecond * OPERATIONS_PER_FRAME;
  return {
    frames: twoSecondsOf(framesPerSecond, FRAMES_BURST_MIN),
    bytes: twoSecondsOf(framesPerSecond * BYTES_PER_FRAME, BYTES_BURST_MIN),
    answers: twoSecondsOf(framesPerSecond * BYTES_PER_FRAME, BYTES_BURST_MIN),
    operations: {
      perSecond: operationsPerSecond,
      burst: Math.max(OPERATIONS_BURST_MIN, operationsPerSecond / 2),
      debtMax: Math.max(OPERATIONS_DEBT_MIN, operationsPerSecond * OPERATIONS_DEBT_SECONDS),
    },
    signatures: twoSecondsOf(framesPerSecond * SIGNATURES_PER_FRAME, SIGNATURES_BURST_MIN),
  };
}

function twoSecondsOf(perSecond: number, burstMin: number): Rate {
  const burst = Math.max(burstMin, perSecond * 2);
  return { perSecond, burst, debtMax: burst };
}

const FRAMES_BURST_MIN = 2_000;
const BYTES_PER_FRAME = 8_192;
const BYTES_BURST_MIN = 8_388_608;
const OPERATIONS_PER_FRAME = 25;
/** Small, since all of it may come at once and the honest peers' frames wait behind it. */
const OPERATIONS_BURST_MIN = 16_384;
/** Long, since who writes much for a while is no attacker, and what was refused comes by repair. */
const OPERATIONS_DEBT_SECONDS = 4;
/** More than one frame holds, or a single large one would count as a flood. */
const OPERATIONS_DEBT_MIN = 131_072;
const SIGNATURES_PER_FRAME = 0.1;
const SIGNATURES_BURST_MIN = 16_384;
