/**
 * Silence of links, as long as nothing else probes them: each link is asked in turn with a round's
 * Pull; one whose stamp is not echoed in time is silent.
 */
import type { CoreState } from "../core-state.ts";
import { sendPull } from "../gossip/rounds.ts";
import type { Now } from "../now.ts";
import { noteSilence } from "./evidence.ts";

/** Tells of overdue echoes and asks the next link. */
export function watchLinks(core: CoreState, now: Now): void {
  const { watch } = core.partition;
  for (const [peer, untilMs] of watch.asked) {
    if (untilMs > now.monoMs) continue;
    watch.asked.delete(peer);
    noteSilence(core, peer, now);
  }
  if (watch.nextMonoMs > now.monoMs) return;
  const askMs = core.membership.present().length > SMALL_MESH ? ASK_LARGE_MS : ASK_MS;
  watch.nextMonoMs = now.monoMs + askMs;
  const peers = core.view.peers();
  for (let tries = 0; tries < peers.length; tries++) {
    const peer = peers[watch.turn++ % peers.length];
    const known = peer === undefined ? undefined : core.registry.get(peer);
    if (peer === undefined || known === undefined || watch.asked.has(peer)) continue;
    // Whose frames are refused cannot answer.
    if (known.reputation < core.config.reputationThreshold) continue;
    if (now.monoMs - (watch.heard.get(peer) ?? -Infinity) < askMs) continue;
    const waitMs = Math.max(WAIT_MS_LEAST, WAIT_ROUND_TRIPS * (known.rtt?.smoothedMs ?? 0));
    watch.asked.set(peer, now.monoMs + Math.min(WAIT_MS_MOST, waitMs));
    sendPull(core, peer, now);
    return;
  }
}

/** One link is asked so often; above SMALL_MESH members there are many to notice. */
const ASK_MS = 200;
const ASK_LARGE_MS = 400;
const SMALL_MESH = 16;
/** An echo is awaited for this long, or for four times the round-trip time, within bounds. */
const WAIT_MS_LEAST = 100;
const WAIT_MS_MOST = 400;
const WAIT_ROUND_TRIPS = 4;
