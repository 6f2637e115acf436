/**
 * First-hand evidence about links: an own stamp that came back, or did not. Both ways or nothing:
 * a frame that echoes no own stamp proves only that the peer can be heard.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { raiseAlarm } from "./health.ts";
import { dropWantedCall, wantCall } from "./schedule.ts";

/** How long a confirmed call explains silences; links that have changed since it are few. */
const EXPLAINS_MS = 5_000;
/**
 * On a busy host somebody is always late, and a call that a whole mesh takes part in makes more so.
 * Whoever has lost its quorum is on a side that has lost over a third of its links: less than this
 * share of them is no sign of it. Not so elsewhere, where a silence is rare and time is short.
 */
const TELLING_SHARE = 1 / 4;

/**
 * A linked peer has not echoed an own stamp in its time, or its link went down unasked: the first
 * such silence of a peer starts a roll call, unless the last one has its answer already or too few
 * are silent to tell.
 * @param sinceMonoMs when the unanswered stamp was sent.
 */
export function noteSilence(core: CoreState, peer: NodeId, sinceMonoMs: number, now: Now): void {
  const { partition } = core;
  if (partition.silent.has(peer) || !core.membership.isPresent(peer)) return;
  partition.silent.set(peer, now.monoMs);
  if (partition.health === "partitioned") raiseAlarm(core);
  if (isTelling(core, now) && !isExplained(core, peer, sinceMonoMs, now)) wantCall(core, now);
}

/** Whether so many links are silent that they may say something of the quorum. */
function isTelling({ partition, view, lateness }: CoreState, now: Now): boolean {
  const links = lateness.isBusy(now) ? view.peers().length : 0;
  return partition.silent.size >= TELLING_SHARE * links;
}

/**
 * Whether a call has a quorum, or may yet get one, without the silent peer, or since it fell silent.
 * Whoever loses its quorum later loses some member that has answered, and with it a link over which
 * that answer came: there the silence is of one that the call has heard, and younger than it.
 */
function isExplained(core: CoreState, peer: NodeId, sinceMonoMs: number, now: Now): boolean {
  const { call, health } = core.partition;
  if (call === undefined || health !== "healthy") return false;
  if (now.monoMs - call.joinedMonoMs > EXPLAINS_MS) return false;
  const roundTripMs = core.registry.get(peer)?.rtt?.currentMs ?? 0;
  if (sinceMonoMs + roundTripMs <= call.beganMonoMs) return true;
  const echoMonoMs = core.failure.probes.get(peer)?.echoMonoMs ?? Number.NEGATIVE_INFINITY;
  return !call.hears(peer) && echoMonoMs < call.beganMonoMs;
}

/** A peer has echoed an own stamp: frames pass both ways. */
export function noteEcho(core: CoreState, peer: NodeId): void {
  const { partition } = core;
  if (!partition.silent.delete(peer) || partition.silent.size > 0) return;
  // It was late, not silent: a call that has not begun for it need not.
  if (partition.health === "healthy") dropWantedCall(core);
}

/**
 * A link is gone. One that its other end closed in order is no silence, and one that carried
 * messages alone is none of gossip's.
 */
export function noteLinkDown(
  core: CoreState,
  peer: NodeId,
  link: { readonly reason: string; readonly wasGossiping: boolean },
  now: Now,
): void {
  core.partition.introduced.delete(peer);
  if (link.wasGossiping && !ORDERLY.has(link.reason)) noteSilence(core, peer, now.monoMs, now);
}

/** The transport's words for a link closed on purpose. */
const ORDERLY: ReadonlySet<string> = new Set(["local_close", "peer_close"]);
