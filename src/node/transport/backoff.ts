/**
 * Exponential backoff with jitter.
 *
 * Half of each delay is fixed and half is drawn: the fixed half keeps a failing peer from being
 * dialled in a burst, the drawn half spreads those who lost the same peer at the same moment.
 */

export interface BackoffRange {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

/**
 * Delay before retry number `attempt` (from 0), in ms: within [half, whole] of min * 2^attempt, and
 * never above the maximum.
 * @param random draws from [0, 1).
 */
export function backoffMs(attempt: number, range: BackoffRange, random: () => number): number {
  const ceiling = Math.min(
    range.backoffMaxMs,
    range.backoffMinMs * 2 ** Math.min(attempt, EXPONENT_MAX),
  );
  return Math.ceil(ceiling / 2 + (random() * ceiling) / 2);
}

/** Keeps the power finite however often a peer failed. */
const EXPONENT_MAX = 32;
