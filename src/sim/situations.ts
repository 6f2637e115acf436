/**
 * "Sometimes" gates: rare situations that a sweep must have come into, or its clean result says
 * nothing about them. What each means: docs/TESTING.md.
 */
import type { ProfileName } from "./options.ts";

/** Reached by storms. */
const STORM = [
  "write refused",
  "read-only left",
  "repair asked for",
  "duplicate dropped",
  "suspicion refuted",
  "member given up",
  "member back",
  "member left",
  "restart from disk",
  "restart from nothing",
  "write of a new life",
  "durable write confirmed",
  "durable write uncertain",
  "orphan parked",
  "orphan released",
  "link pruned",
  "link grafted",
  "roll call held",
  "roll call lost",
  "delete won",
] as const;

/** Reached only where somebody lies. */
const BYZANTINE = [
  "fork proven",
  "author expunged",
  "signature refused",
  "peer ignored",
  "peer heard again",
] as const;

/** Reached only in runs of their own, under another configuration: test/simulation/situations.test.ts. */
const ALONE = ["member departed", "flood cut off", "queue overflowed"] as const;

export type Situation =
  | (typeof STORM)[number]
  | (typeof BYZANTINE)[number]
  | (typeof ALONE)[number];

/** What a sweep of a profile must come into. */
export function expectedIn(profile: ProfileName | undefined): readonly Situation[] {
  if (profile === "storm") return STORM;
  return profile === "byzantine" ? BYZANTINE : [];
}

/** In how many seeds each was reached, in the order of the list; 0: missed. */
export function tally(
  expected: readonly Situation[],
  reached: Iterable<readonly Situation[]>,
): Partial<Record<Situation, number>> {
  const counts: Partial<Record<Situation, number>> = {};
  for (const situation of expected) counts[situation] = 0;
  for (const situations of reached) {
    for (const situation of situations) counts[situation] = (counts[situation] ?? 0) + 1;
  }
  return counts;
}
