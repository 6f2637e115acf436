/**
 * Parameters that follow from what a node observes: how many members there are and how far its
 * peers are. One configuration serves ten nodes and ten thousand; `status` prints what it came to.
 */
import type { CoreConfig, CoreState } from "../core-state.ts";

export interface GossipParameters {
  /** Members, own node included; an estimate above the full view's bound. */
  readonly members: number;
  /** Links aimed for. */
  readonly viewSize: number;
  /** Peers asked in a round once somebody differs. */
  readonly fanout: number;
  /** Median smoothed round-trip time of the gossip links, ms; 0 while none is measured. */
  readonly rttMs: number;
  /** How long a delta's announcement outside the tree waits for the tree. */
  readonly announceDelayMs: number;
  /** How long the tree has, at least, to bring what was announced. */
  readonly graftDelayMs: number;
  /** Whether only a sample of the members is known. */
  readonly partialView: boolean;
}

const ANNOUNCE_DELAY_MS_MIN = 20;
const ANNOUNCE_DELAY_MS_MAX = 250;
const GRAFT_ROUND_TRIPS = 1;

/** Before anything has been observed. */
export function firstParameters({ viewSize, fanout }: CoreConfig): GossipParameters {
  return {
    members: 1,
    viewSize,
    fanout,
    rttMs: 0,
    announceDelayMs: ANNOUNCE_DELAY_MS_MIN,
    graftDelayMs: 0,
    partialView: false,
  };
}

export function deriveParameters(core: CoreState): GossipParameters {
  const rttMs = medianRtt(core);
  return {
    members: core.membership.estimate,
    viewSize: core.config.viewSize,
    fanout: core.config.fanout,
    rttMs,
    announceDelayMs: Math.min(ANNOUNCE_DELAY_MS_MAX, Math.max(ANNOUNCE_DELAY_MS_MIN, rttMs)),
    partialView: core.membership.isPartial,
    graftDelayMs: Math.min(ANNOUNCE_DELAY_MS_MAX, GRAFT_ROUND_TRIPS * rttMs),
  };
}

/** Of each link's newest sample: what was slow a minute ago must not stretch what waits now. */
function medianRtt(core: CoreState): number {
  const samples: number[] = [];
  for (const peer of core.view.peers()) {
    const rtt = core.registry.get(peer)?.rtt;
    if (rtt !== undefined) samples.push(rtt.currentMs);
  }
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1] ?? 0;
}
