/**
 * Exponential backoff with equal jitter, for redialling peers and seeds.
 *
 * The delay before attempt a is drawn from the upper half of min(maxMs, baseMs * factor^a): never
 * less than half, so a dead peer is not hammered; spread over the other half, so that nodes which
 * lost the same peer together do not return together.
 */

import { assertInvariant } from "../../errors.ts";
import type { Random } from "../random.ts";

/** Bounds of a backoff; all in milliseconds but the factor. */
export interface BackoffPolicy {
  /** Ceiling of the first delay; > 0. */
  readonly baseMs: number;
  /** Ceiling of every delay; >= baseMs. */
  readonly maxMs: number;
  /** Growth per failed attempt; >= 1. */
  readonly factor: number;
}

/** 200 ms doubling to 30 s: seven failures to the ceiling. Guess, to be measured under churn. */
export const BACKOFF_DEFAULT: BackoffPolicy = { baseMs: 200, maxMs: 30_000, factor: 2 };

/**
 * Milliseconds to wait after `failures` failures in a row (0 = before a first retry). One float is
 * drawn from `random`.
 * @throws MESH_INVARIANT for a policy or count outside its bounds.
 */
export function backoffDelayMs(failures: number, policy: BackoffPolicy, random: Random): number {
  const { baseMs, maxMs, factor } = policy;
  assertInvariant(
    baseMs > 0 && maxMs >= baseMs && Number.isFinite(maxMs) && factor >= 1,
    "backoff needs 0 < baseMs <= maxMs < Infinity and factor >= 1",
  );
  assertInvariant(Number.isInteger(failures) && failures >= 0, "failures is an integer >= 0");
  // A large exponent gives Infinity, which the minimum turns into the ceiling.
  const ceilingMs = Math.min(maxMs, baseMs * factor ** failures);
  return ceilingMs / 2 + (ceilingMs / 2) * random.float();
}
