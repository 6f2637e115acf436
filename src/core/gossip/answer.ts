/**
 * What a frame sets in motion once it has been merged: handing new deltas on, answering rounds,
 * moving a repair forward. One function per frame type that has an answer.
 */
import { flushMessages } from "../agents/messages.ts";
import type { CoreState } from "../core-state.ts";
import { echoed } from "../failure/probing.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { noteExchange } from "../partition/recovery.ts";
import { exchangeMembers, greet } from "../peers/exchange-members.ts";
import { noteShown } from "../peers/leave.ts";
import { memberParts } from "../peers/member-parts.ts";
import { meshRoot } from "../state/root.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { compareProofs } from "../trust/spread-proofs.ts";
import { concat } from "../wire/concat.ts";
import { FRAME_MEMBERS, FRAME_PUSH, type PullFrame, type SyncFrame } from "../wire/frame.ts";
import { bytesEqual } from "../wire/member.ts";
import { compareGaps } from "./gaps.ts";
import { announceLater } from "./ihave.ts";
import { inParts } from "./in-parts.ts";
import { repair, sendSync, wholeRange } from "./repair.ts";
import { ask, doubts, sendPull } from "./rounds.ts";
import { transmit } from "./transmit.ts";
import { graft, hang, standIn } from "./tree.ts";

/** Deltas in one push; half a frame, so that a few parked ones more still fit. */
const PUSH_BYTES_MAX = 524_288;
/**
 * A replica that cannot take what it lacks lacks it for ever, and its peers would send it as fast as it
 * refuses it. It tries again after so long: compaction may have made room.
 */
const FULL_REST_MS = 5_000;
/** Repaired deltas up to this many are handed on at once; more is history, which rounds carry. */
const HAND_ON_REPAIRED_MAX = 32;

/** Hands new deltas on to everyone but their sender, with the own root after merging them. */
export function handOn(
  core: CoreState,
  deltas: readonly Uint8Array[],
  from: { readonly peer: NodeId; readonly repaired: boolean },
  now: Now,
): void {
  if (deltas.length === 0) return;
  if (from.repaired && deltas.length > HAND_ON_REPAIRED_MAX) return;
  if (core.config.push === false) return;
  const eager = core.view.eagerPeers();
  const peers = eager.filter((peer) => peer !== from.peer);
  const root = meshRoot(core);
  // In a fully linked mesh one hop reaches everyone; handing on would only repeat it.
  const reached = eager.length + 1;
  for (const part of inParts(deltas, PUSH_BYTES_MAX)) {
    transmit(core, peers, { type: FRAME_PUSH, reached, root, deltas: concat(part) }, now);
  }
  announceLater(core, deltas, now);
}

/** A link's Hello has been verified: gossip may start. */
export function answerHello(core: CoreState, peer: NodeId, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  flushMessages(core, peer, now);
  if (!core.view.isGossiping(peer)) return;
  greet(core, peer, now);
  hang(core, now);
  standIn(core, peer, now);
  core.rounds.wake(now);
  // One end asks; the exchange goes both ways, member records too where the digests differ.
  if (core.config.nodeId < peer) sendPull(core, peer, now);
}

/** Answers a round: own digests, and the whole frontier as a range when it differs. */
export function answerPull(core: CoreState, peer: NodeId, frame: PullFrame, now: Now): void {
  const same = bytesEqual(frame.frontierRoot, core.replica.frontierRoot());
  if (!same && doubts(core, now)) core.rounds.wake(now);
  if (same || !rests(core, peer, now)) {
    sendSync(core, peer, { echo: frame.stamp, ranges: same ? [] : [wholeRange(core)] }, now);
  }
  exchangeMembers(core, peer, frame.membersDigest, now);
  compareProofs(core, peer, frame.root, now);
  if (same) compareGaps(core, peer, frame.root, now);
}

/** Takes the answer to an own round, or the next step of a repair. */
export function answerSync(core: CoreState, peer: NodeId, frame: SyncFrame, now: Now): void {
  noteShown(core, peer, frame, now);
  const rttMs = core.view.link(peer)?.question.answered(frame.echo, now);
  if (rttMs !== undefined) {
    core.registry.recordRtt(peer, rttMs);
    core.cells.record(CELLS.peerRtt, rttMs);
    echoed(core, peer, rttMs, now);
  }
  exchangeMembers(core, peer, frame.membersDigest, now);
  compareProofs(core, peer, frame.root, now);
  if (frame.ranges.length === 0) compareGaps(core, peer, frame.root, now);
  if (rests(core, peer, now)) return;
  const differed = repair(core, peer, frame.ranges, now);
  if (differed && doubts(core, now)) core.rounds.wake(now);
  if (frame.ranges.length === 0 || !differed) synced(core, peer, now);
}

/**
 * A repair answer has been merged: asks for the rest, if it was cut. One that brought nothing asks
 * no further, or a replica that cannot take what it lacks would ask for ever.
 */
export function answerDelta(
  core: CoreState,
  peer: NodeId,
  answer: { readonly more: boolean; readonly follows: boolean; readonly brought: boolean },
  now: Now,
): void {
  if (answer.brought) graft(core, peer, now);
  if (answer.follows) return;
  if (!answer.more) return synced(core, peer, now);
  if (!answer.brought) return;
  core.rounds.repairing(now);
  sendPull(core, peer, now);
}

/** Deltas came whose ancestors are missing: their sender has them. */
export function askAncestors(core: CoreState, peer: NodeId, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined || rests(core, peer, now)) return;
  if (now.monoMs - link.repairMonoMs < core.config.roundIntervalMs) return;
  link.repairMonoMs = now.monoMs;
  core.rounds.wake(now);
  ask(core, peer, now);
}

/** What a peer has sent found no room. */
export function restRepair(core: CoreState, peer: NodeId, now: Now): void {
  const link = core.view.link(peer);
  if (link !== undefined) link.restMonoMs = now.monoMs + FULL_REST_MS;
}

/** Whether nothing is repaired with a peer for now. */
export function rests(core: CoreState, peer: NodeId, now: Now): boolean {
  return now.monoMs < (core.view.link(peer)?.restMonoMs ?? Number.NEGATIVE_INFINITY);
}

/** Tells everyone the member records that have gathered. */
export function announceMembers(core: CoreState, now: Now): void {
  const members = core.announcements.take();
  // A partial view is not told of every member: its links mix what they know.
  if (core.membership.isPartial) return;
  const peers = core.view.eagerPeers();
  for (const part of memberParts(members)) {
    transmit(core, peers, { type: FRAME_MEMBERS, members: part }, now);
  }
}

function synced(core: CoreState, peer: NodeId, now: Now): void {
  noteExchange(core, peer, now);
  const link = core.view.link(peer);
  if (link === undefined || link.synced) return;
  link.synced = true;
  core.out.events.push({ kind: "synced", peer });
}
