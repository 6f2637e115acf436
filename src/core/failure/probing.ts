/**
 * Probing: one link at a time in a shuffled round robin. A probe that nobody answers is repeated
 * and others are asked; a check that ends without any sign of life is an accusation.
 */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { noteEcho, noteSilence } from "../partition/evidence.ts";
import { meshRoot } from "../state/root.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { FRAME_PROBE, PROBE_ROOT_BYTES, type ProbeFrame } from "../wire/failure-frames.ts";
import { WORD_ALIVE, WORD_ASKED, WORD_UNREACHABLE } from "../wire/suspect.ts";
import { accuse, recovered } from "./judging.ts";
import { ATTEMPTS_MAX, endCheck, isChecking, type PeerProbe } from "./probes.ts";
import { probeIntervalMs, probeTimeoutMs } from "./timing.ts";
import { ownWord, say } from "./words.ts";

/** Linked peers that are asked to probe a silent one: SWIM's indirect probe. */
const HELPERS_MAX = 3;
/**
 * The first probe of a check is waited for so long, or several of the peer's round trips: short
 * where probes are frequent and the few links must show a cut soon, longer where a roll call costs
 * many.
 */
const FIRST_MS_MAX = 200;
const FIRST_SHARE = 2 / 3;
const FIRST_ROUND_TRIPS = 4;
/**
 * Of a busy host other members are mostly on it too: there a probe is given all the time that echoes have
 * taken and half as much again, or the roll calls for those that are merely slow would be what makes
 * them slow.
 */
const BUSY_ROUND_TRIPS = 1.5;
const BUSY_MS_MAX = 5_000;
/** Where this process runs late, an echo waits for both ends there and back. */
const FIRST_LATENESSES = 4;
/** A departed member is told at most this often. */
const TELL_MS = 1_000;

/** Time between this node's probes. */
function probeEveryMs(core: CoreState): number {
  return core.config.probeIntervalMs ?? probeIntervalMs(core.membership.present().length);
}

/** Gives the next link its turn, unless all have echoed of late. */
export function probeNext(core: CoreState, now: Now): void {
  const { probes } = core.failure;
  const first = probes.turnMonoMs === Number.NEGATIVE_INFINITY;
  const everyMs = probeEveryMs(core);
  probes.takeTurn(everyMs, now);
  if (first) return;
  const peer = probes.next(core.view.peers(), (id) => {
    // Whoever was given up takes no turn of those who may fall silent: its own frames bring it back.
    if (core.failure.lifeguard && core.failure.standings.isUnreachable(id)) return false;
    const probe = probes.get(id);
    return probe === undefined || (!isChecking(probe) && now.monoMs - probe.echoMonoMs >= everyMs);
  });
  if (peer !== undefined) beginCheck(core, peer, now);
}

/** Probes a peer now, unless that is under way. */
export function beginCheck(core: CoreState, peer: NodeId, now: Now): PeerProbe {
  const probe = core.failure.probes.of(peer);
  if (!isChecking(probe)) sendProbe(core, probe, 0, now);
  return probe;
}

/** A gossip link has ended: whether the peer lives is found out. */
export function linkLost(core: CoreState, peer: NodeId, now: Now): void {
  const probe = core.failure.probes.of(peer);
  endCheck(probe);
  if (!core.membership.isPresent(peer)) return core.failure.probes.delete(peer);
  sendProbe(core, probe, 0, now);
  silent(core, probe, now);
}

/** Takes up the checks whose newest probe has been waited for long enough. */
export function probesDue(core: CoreState, now: Now): void {
  const { probes } = core.failure;
  for (const probe of probes.overdue(now)) {
    // What an earlier one set in motion may have ended it.
    if (probes.get(probe.peer) === probe) unanswered(core, probe, now);
  }
}

/** Takes a probe, an echo, or both; answers a probe. */
export function takeProbe(core: CoreState, peer: NodeId, frame: ProbeFrame, now: Now): void {
  if (frame.echo !== 0) takeEcho(core, peer, frame.echo, now);
  if (frame.stamp === 0) return;
  const probe = core.failure.probes.of(peer);
  // An echo that is long due rides along, so that one exchange serves both ends.
  const links = core.view.peers().length;
  const overdue = now.monoMs - probe.echoMonoMs >= probeEveryMs(core) * (links + 1);
  if (overdue && !isChecking(probe) && core.view.isGossiping(peer)) {
    sendProbe(core, probe, frame.stamp, now);
  } else {
    transmitProbe(core, peer, { stamp: 0, echo: frame.stamp }, now);
  }
}

/** A peer has echoed an own stamp, of a probe or of a round. */
export function echoed(core: CoreState, peer: NodeId, rttMs: number, now: Now): void {
  const probe = core.failure.probes.of(peer);
  probe.echoMonoMs = now.monoMs;
  noteEcho(core, peer);
  core.failure.health.answered(rttMs, now);
  for (const asker of probe.askers) say(core, asker, ownWord(core, peer, WORD_ALIVE), now);
  endCheck(probe);
  alive(core, probe, now);
}

/** Any frame of a peer is a sign of life; plain SWIM takes echoes alone. */
export function noteSign(core: CoreState, peer: NodeId, now: Now): void {
  if (!core.failure.lifeguard || peer === core.config.nodeId) return;
  alive(core, core.failure.probes.of(peer), now);
}

function alive(core: CoreState, probe: PeerProbe, now: Now): void {
  probe.signMonoMs = now.monoMs;
  probe.dismissals = 0;
  if (core.failure.standings.size > 0) recovered(core, probe.peer, now);
  if (core.membership.isDeparted(probe.peer)) returned(core, probe, now);
}

/** A departed member is back with the record that was ended: told so, it signs a newer one. */
function returned(core: CoreState, probe: PeerProbe, now: Now): void {
  if (now.monoMs - probe.toldMonoMs < TELL_MS) return;
  probe.toldMonoMs = now.monoMs;
  say(core, probe.peer, ownWord(core, probe.peer, WORD_UNREACHABLE), now);
}

function takeEcho(core: CoreState, peer: NodeId, stamp: number, now: Now): void {
  const probe = core.failure.probes.get(peer);
  const sent = probe?.sent.find((each) => each.stamp === stamp);
  if (probe === undefined || sent === undefined) return;
  const first = probe.sent.find((each) => each.stamp !== 0);
  if (sent !== first) core.failure.probes.noteLoss(peer, now);
  const rttMs = now.monoMs - sent.monoMs;
  core.registry.recordRtt(peer, rttMs);
  core.cells.record(CELLS.peerRtt, rttMs);
  echoed(core, peer, rttMs, now);
}

/** Sends the next probe of a check; to a peer without a link, only its time passes. */
function sendProbe(core: CoreState, probe: PeerProbe, echo: number, now: Now): void {
  const linked = core.view.link(probe.peer)?.ready === true;
  const stamp = linked ? (core.random.nextU32() | 1) >>> 0 : 0;
  probe.sent.push({ stamp, monoMs: now.monoMs });
  // The first is not stretched by own trouble: the partition detector waits for its silence.
  const stretch = probe.sent.length <= 1 ? 1 : core.failure.health.probeStretch;
  probe.dueMonoMs = now.monoMs + timeoutMs(core, probe.peer, stretch, now);
  if (!linked) return;
  core.cells.add(CELLS.peerProbes, 1);
  transmitProbe(core, probe.peer, { stamp, echo }, now);
}

/** A probe shows the own root as well: where all links agree, rounds have nothing left to ask. */
function transmitProbe(
  core: CoreState,
  peer: NodeId,
  stamps: { readonly stamp: number; readonly echo: number },
  now: Now,
): void {
  const root = meshRoot(core).subarray(0, PROBE_ROOT_BYTES);
  transmit(core, [peer], { type: FRAME_PROBE, ...stamps, root }, now);
}

/** @param stretch 1 for the first probe of a check, which waits no longer than the peer takes of late. */
function timeoutMs(core: CoreState, peer: NodeId, stretch: number, now: Now): number {
  const p99Ms = core.registry.get(peer)?.rtt?.figures().p99Ms;
  const lateMs = core.failure.lifeguard ? core.lateness.ofLateMs(now) : 0;
  const isBusy = core.failure.lifeguard && core.lateness.isBusy(now);
  const busyMs = isBusy ? Math.min(BUSY_MS_MAX, BUSY_ROUND_TRIPS * (p99Ms ?? 0)) : 0;
  const timeout = Math.max(busyMs, probeTimeoutMs(p99Ms, stretch));
  if (stretch > 1) return timeout;
  const firstMs = Math.min(FIRST_MS_MAX, FIRST_SHARE * probeEveryMs(core));
  const currentMs = core.registry.get(peer)?.rtt?.currentMs ?? 0;
  const latenessMs = Math.max(busyMs, FIRST_LATENESSES * lateMs);
  return Math.max(latenessMs, Math.min(timeout, Math.max(firstMs, FIRST_ROUND_TRIPS * currentMs)));
}

function unanswered(core: CoreState, probe: PeerProbe, now: Now): void {
  const { health, standings, probes } = core.failure;
  if (!core.membership.isPresent(probe.peer)) return forget(core, probe);
  // What was sent before an own pause, or may be waiting unheard, says nothing.
  if (health.isGuarded(now)) probe.sent.length = 0;
  if (probe.sent.length === 0) return sendProbe(core, probe, 0, now);
  if (!probe.silent) {
    noteSilence(core, probe.peer, probe.sent[0]?.monoMs ?? now.monoMs, now);
    silent(core, probe, now);
  }
  const known = standings.livenessOf(probe.peer) === "unreachable";
  if (!known && probe.sent.length < ATTEMPTS_MAX) return sendProbe(core, probe, 0, now);
  const [first] = probe.sent;
  const heard = first !== undefined && probe.signMonoMs > first.monoMs;
  endCheck(probe);
  if (!heard && !known) {
    health.missed();
    accuse(core, probe.peer, now);
  }
  if (core.view.link(probe.peer) === undefined) probes.delete(probe.peer);
}

/** The first probe of a check, or the link, has failed: others are asked while it is repeated. */
function silent(core: CoreState, probe: PeerProbe, now: Now): void {
  const { peer } = probe;
  probe.silent = true;
  core.cells.add(CELLS.peerSilences, 1);
  if (core.failure.standings.isUnreachable(peer)) return;
  const question = ownWord(core, peer, WORD_ASKED);
  for (const helper of helpers(core, peer)) say(core, helper, question, now);
}

/** Linked peers next to the silent one on the ring of ids: those most likely have a link to it. */
function helpers(core: CoreState, silentPeer: NodeId): NodeId[] {
  const present = core.membership.present();
  const place = present.indexOf(silentPeer);
  const distance = (peer: NodeId): number => {
    const apart = Math.abs(present.indexOf(peer) - place);
    return Math.min(apart, present.length - apart);
  };
  const candidates = core.view
    .peers()
    .filter((peer) => peer !== silentPeer && core.failure.standings.livenessOf(peer) === "alive");
  const near = candidates.map((peer) => ({ peer, apart: distance(peer) }));
  // In a fully linked mesh everybody has a link to it: any will do, and not always the same.
  if (present.length > candidates.length + 2) near.sort((a, b) => a.apart - b.apart);
  else core.random.shuffle(near);
  return near.slice(0, HELPERS_MAX).map(({ peer }) => peer);
}

function forget(core: CoreState, probe: PeerProbe): void {
  endCheck(probe);
  if (core.view.link(probe.peer) === undefined) core.failure.probes.delete(probe.peer);
}
