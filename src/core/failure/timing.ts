/**
 * How long failure detection waits: the arithmetic of SWIM (Das et al. 2002) with Lifeguard
 * (Dadgar et al. 2018). All times in ms.
 */

/** A probe is waited for at least and at most this long, before local health stretches it. */
const PROBE_TIMEOUT_MIN_MS = 100;
const PROBE_TIMEOUT_CEILING_MS = 1_000;
/** A suspicion that others confirm ends after the first, one that nobody confirms after the second. */
export const SUSPICION_FAST_MS = 1_200;
const SUSPICION_SLOW_MS = 3_000;
/** Confirmations by others that make a suspicion as fast as it gets. */
const CONFIRMATIONS_WANTED = 3;

const INTERVAL_SMALL_MS = 150;
const INTERVAL_LARGE_MS = 450;
const MEMBERS_SMALL = 16;
const MEMBERS_LARGE = 1_000;

/**
 * Time between a node's probes. A member is probed about once an interval by somebody, whatever
 * their number, so the growth only pays for traffic: 80 bytes a probe and as many an echo,
 * 60 of them a datagram's own, are 356 bytes/s at 1,000 members.
 */
export function probeIntervalMs(members: number): number {
  const share = Math.log(members / MEMBERS_SMALL) / Math.log(MEMBERS_LARGE / MEMBERS_SMALL);
  const within = Math.min(1, Math.max(0, share));
  return Math.round(INTERVAL_SMALL_MS + within * (INTERVAL_LARGE_MS - INTERVAL_SMALL_MS));
}

/** @param p99Ms of the round-trip times; undefined before the first sample. */
export function probeTimeoutMs(p99Ms: number | undefined, stretch: number): number {
  const wanted = Math.max(PROBE_TIMEOUT_MIN_MS, 3 * (p99Ms ?? 0)) * stretch;
  return Math.min(PROBE_TIMEOUT_CEILING_MS, wanted);
}

/**
 * How long a suspicion waits for a refutation: from slow to fast, logarithmically in the number of
 * members that have confirmed it. Where nobody else could confirm, one accuser suffices.
 * @param members all that are present, own node and suspect included.
 */
export function suspicionMs(confirmations: number, members: number, stretch: number): number {
  const wanted = Math.min(CONFIRMATIONS_WANTED, members - 2);
  const share = wanted < 1 ? 1 : Math.min(1, Math.log(confirmations + 1) / Math.log(wanted + 1));
  return (SUSPICION_SLOW_MS - share * (SUSPICION_SLOW_MS - SUSPICION_FAST_MS)) * stretch;
}
