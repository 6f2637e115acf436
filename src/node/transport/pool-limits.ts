/**
 * Limits and times of the link pool.
 */
import { MeshError } from "../../errors.ts";
import type { BackoffRange } from "./backoff.ts";

export interface PoolLimits extends BackoffRange {
  /** Dials at once. Default 16. */
  readonly dialsMax: number;
  /** Dials that wait for their turn; more are refused. Default 1,024. */
  readonly dialsWaitingMax: number;
  /** Addresses kept and tried per peer. Default 8. */
  readonly addressesMax: number;
  /** Peers kept connected. Default 2,048. */
  readonly wantedMax: number;
  /** Links to peers that are not wanted; beyond it the least recently used are closed. Default 256. */
  readonly unwantedMax: number;
  /** A link that is not wanted is closed when idle for this long, in ms. Default 30,000. */
  readonly idleMs: number;
  /** First and last ceiling of the delay before a reconnect, in ms. Defaults 100 and 10,000. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A link that lived this long resets the peer's backoff, in ms. Default 5,000. */
  readonly stableMs: number;
  /**
   * A second link within this time of the first is taken for both ends dialling at once; after it,
   * for a peer that lost the first one. In ms, above the longest dial. Default 10,000.
   */
  readonly contestMs: number;
  /**
   * How long the loser is kept before it is closed, in ms: the winner may come up later at the
   * peer, which must not be without a link meanwhile. Default 500.
   */
  readonly graceMs: number;
}

/** Completes and checks limits; MESH_VALUE_INVALID for one that is not a positive integer. */
export function resolvePoolLimits(given: Partial<PoolLimits> = {}): PoolLimits {
  const limits: PoolLimits = Object.freeze({ ...DEFAULT_POOL_LIMITS, ...given });
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new MeshError(
        "MESH_VALUE_INVALID",
        `${name}: expected a positive integer, got ${value}`,
      );
    }
  }
  return limits;
}

const DEFAULT_POOL_LIMITS: PoolLimits = Object.freeze({
  dialsMax: 16,
  dialsWaitingMax: 1024,
  addressesMax: 8,
  wantedMax: 2048,
  unwantedMax: 256,
  idleMs: 30_000,
  backoffMinMs: 100,
  backoffMaxMs: 10_000,
  stableMs: 5_000,
  contestMs: 10_000,
  graceMs: 500,
});
