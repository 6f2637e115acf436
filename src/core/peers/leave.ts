/** What a leave sets in motion, and what ends it; its rules are in leaving.ts. */
import type { CoreState } from "../core-state.ts";
import { abandonStored, DURABLE_OTHERS_MAX } from "../durability/stored.ts";
import { showsOwnHead } from "../gossip/own-head.ts";
import { sendPull } from "../gossip/rounds.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { FRAME_MEMBERS, type SyncFrame } from "../wire/frame.ts";
import { bytesEqual, type MemberRecord } from "../wire/member.ts";
import { LEAVE_MS, LEAVE_SOME_MS } from "./leaving.ts";
import { renewOwnRecord } from "./own-record.ts";
import { quorumOf } from "./quorum.ts";

/** Says goodbye, with the last delta closed; a `left` event follows when this node may go. */
export function leave(core: CoreState, now: Now): void {
  if (core.leaving.isOn) return;
  abandonStored(core, "the node leaves");
  core.leaving.begin(now);
  renewOwnRecord(core, { addresses: [], left: true });
  goOnLeaving(core, now);
}

/** Goes, or asks those it waits for: what they lack is sent again, and they show what they hold. */
export function goOnLeaving(core: CoreState, now: Now): void {
  const awaited = awaitedOf(core);
  if (mayGo(core, awaited, now)) return go(core);
  core.leaving.asked(now);
  const own = core.membership.signedOf(core.config.nodeId);
  for (const peer of awaited) {
    if (own !== undefined && !core.leaving.isInformed(peer)) {
      transmit(core, [peer], { type: FRAME_MEMBERS, members: [own.bytes] }, now);
    }
    sendPull(core, peer, now);
  }
}

/** A peer has shown what it holds. */
export function noteShown(core: CoreState, peer: NodeId, frame: SyncFrame, now: Now): void {
  const { leaving, membership } = core;
  if (!leaving.isOn || leaving.isOver) return;
  const isAnswer = frame.echo !== 0 && leaving.knows(frame.echo);
  // Samples of members are not compared. There the record went before the question it answers.
  const isTold = membership.isPartial
    ? isAnswer
    : bytesEqual(frame.membersDigest, membership.digest());
  if (isTold) leaving.informed(peer);
  if ((isAnswer && frame.ranges.length === 0) || showsOwnHead(core, frame.ranges)) {
    leaving.holds(peer);
  }
  if (mayGo(core, awaitedOf(core), now)) go(core);
}

/** A peer tells this node of its own leave: it has heard of it. */
export function noteOwnLeave(core: CoreState, peer: NodeId, seen: MemberRecord): void {
  if (core.leaving.isOn && seen.left && seen.epoch === core.epoch) core.leaving.informed(peer);
}

/** Members that stay and may be heard, and have not shown all that this node waits for. */
function awaitedOf(core: CoreState): NodeId[] {
  const { view, membership, failure, leaving } = core;
  return view
    .peers()
    .filter((peer) => membership.isPresent(peer) && !failure.standings.isUnreachable(peer))
    .filter((peer) => !leaving.isDone(peer));
}

function mayGo(core: CoreState, awaited: readonly NodeId[], now: Now): boolean {
  const { leaving, membership, view } = core;
  const lastsMs = leaving.lastsMs(now);
  if (awaited.length === 0 || lastsMs >= LEAVE_MS) return true;
  if (lastsMs < LEAVE_SOME_MS) return false;
  const members = membership.present().length + 1;
  const some = Math.min(quorumOf(members).faults + 1, DURABLE_OTHERS_MAX, members - 1);
  const done = view.peers().filter((peer) => membership.isPresent(peer) && leaving.isDone(peer));
  return done.length >= some;
}

function go(core: CoreState): void {
  if (core.leaving.isOver) return;
  core.leaving.end();
  core.out.events.push({ kind: "left" });
}
