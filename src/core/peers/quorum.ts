/**
 * Quorum arithmetic (docs/ARCHITECTURE.md), the one place where n, f and quorum are related.
 *
 * n counts the admitted members of the own region, this node included. Any two quorums of n - f
 * share at least n - 2f > f members, so at least one that does not lie. Three or fewer cannot
 * outvote a single liar, so they only guard against cuts: a majority.
 */

import { assertInvariant } from "../../errors.ts";

/** n, f and quorum of one region. */
export interface Quorum {
  /** n: admitted members, own node included. */
  readonly members: number;
  /** f: Byzantine members tolerated. */
  readonly faults: number;
  /** How many members, own node included, must answer. */
  readonly size: number;
}

/**
 * f = floor((n - 1) / 3), or `faultsMax` when that is lower; quorum = n - f; for n <= 3 a majority
 * whatever `faultsMax` says.
 * @throws MESH_INVARIANT unless `members` is an integer >= 1 and `faultsMax` one >= 0.
 */
export function quorumOf(members: number, faultsMax = Number.MAX_SAFE_INTEGER): Quorum {
  assertInvariant(Number.isSafeInteger(members) && members >= 1, "a quorum counts the own node");
  assertInvariant(
    Number.isSafeInteger(faultsMax) && faultsMax >= 0,
    "faultsMax is an integer >= 0",
  );
  if (members <= 3) return { members, faults: 0, size: Math.floor(members / 2) + 1 };
  const faults = Math.min(Math.floor((members - 1) / 3), faultsMax);
  return { members, faults, size: members - faults };
}
