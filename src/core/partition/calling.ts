/**
 * Roll calls: started by a first silence, joined by everybody they reach, flooded over the links
 * until a quorum has answered.
 *
 * 1. Answers count link by link and only over links that carry both ways: a frame's answers are
 *    taken when it echoes the stamp that this node made for its sender since its own call began, and
 *    of late: an older one may have reached the peer before a cut of this direction.
 * 2. Of two calls the later number holds and the other's participants join it. A node judges once,
 *    CALL_MS after its own first silence or hearing: a change of number moves no deadline, so
 *    nobody keeps a cut-off node writable by calling again and again.
 *    What it heard of late in the calls it left counts in its own verdict, and is not told on.
 * 3. Answers are good for a moment: what is older may be from before a cut, and with what came after
 *    it make a quorum that never was. A call whose answers cease before there are enough is renewed,
 *    and so is one to which somebody answers after that.
 * 4. A node that has its quorum sends no more after a moment, but answers those that still ask.
 */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { RollCallFrame } from "../wire/roll-call.ts";
import { noteEcho } from "./evidence.ts";
import { lookAtMembers } from "./members.ts";
import { NEVER } from "./partition-state.ts";
import { peersToCall, reachUnanswered } from "./reaching.ts";
import { isLaterCall, RollCall } from "./roll-call.ts";
import {
  callMs,
  freshMs,
  goodMs,
  heedSlowness,
  newsMs,
  restedMonoMs,
  sendSoon,
  wantCall,
} from "./schedule.ts";
import { assess } from "./verdict.ts";

/** A call is sent to a link so many times in the time it may take, as frames get lost. */
const SENDS = 10;
/** While partitioned there is nothing to lose by a moment. */
const SENDS_CUT = 5;
/** Share of a call's time in which answers keep to its tree. */
const TREE_SHARE = 0.4;
/** Of two ends that both have their quorum, one tells the other what is new at most so often. */
const TOLD_GAP_MS = 40;
/** A link may bring this many new calls within a slot; honest ones bring one in 250 ms. */
const INTRODUCED_MAX = 8;
const INTRODUCED_SLOT_MS = 200;

/**
 * A call that older answers were not carried into has this share of a call's time at least for new
 * ones, but all of them together make an own call no longer than by that. With the wait for a silence
 * and the call itself, P1: 270 + 400 + 150 ms < 1 s.
 */
const ANEW_SHARE = 3 / 8;

/** Starts the call that is due. */
export function startCall(core: CoreState, now: Now): void {
  const { partition } = core;
  partition.startMonoMs = NEVER;
  if (partition.isCalling) return;
  const restedMs = restedMonoMs(core, now);
  if (restedMs > now.monoMs) partition.startMonoMs = restedMs;
  else joinCall(core, nextCall(core), undefined, now);
}

/** Takes a peer's frame. */
export function takeRollCall(core: CoreState, peer: NodeId, frame: RollCallFrame, now: Now): void {
  const { partition } = core;
  const { lastCall } = partition;
  if (lastCall === undefined || isLaterCall(frame.call, lastCall)) {
    if (now.monoMs < partition.deafMonoMs || !mayIntroduce(core, peer, now)) return;
    joinCall(core, frame.call, peer, now);
  }
  const { call } = partition;
  if (call === undefined || (!partition.isCalling && !isFresh(core, call, frame.call, now))) {
    // A caller that knows no later number, or has come too late for the last call.
    if (frame.asks) wantCall(core, now);
    return;
  }
  if (frame.call === call.id) takeAnswers(core, call, peer, frame, now);
  else if (frame.asks) answer(core, call, peer, now);
}

/** Sends the call to whom it is due, and sets when to send it again. */
export function sendCall(core: CoreState, now: Now): void {
  const { partition } = core;
  heedSlowness(core, now);
  renewCall(core, now);
  const { call, isCalling } = partition;
  partition.sentMonoMs = now.monoMs;
  const goesOn = isCalling || now.monoMs < partition.lingerMonoMs;
  const pauseMs = callMs(core, now) / (partition.health === "partitioned" ? SENDS_CUT : SENDS);
  partition.sendMonoMs = goesOn ? now.monoMs + pauseMs : NEVER;
  if (call === undefined) return;
  if (!goesOn) reachUnanswered(core, now);
  const keepsToTree = isNarrow(core, call, now);
  for (const peer of peersToCall(core, call, now)) {
    if (keepsToTree && !call.isBranch(peer) && call.hasTold(peer)) continue;
    const isDue = isCalling
      ? call.isDue(peer, pauseMs, now.monoMs)
      : call.isOwed(peer, TOLD_GAP_MS, now.monoMs);
    if (!isDue) continue;
    call.told(peer, now.monoMs);
    transmit(core, [peer], call.frameTo(peer, isCalling), now);
  }
}

/**
 * Answers have ceased to come before there were enough: all are asked for anew, while there is time.
 * Else those from before and after a change would be added up, whoever tells them on.
 */
function renewCall(core: CoreState, now: Now): void {
  const { partition } = core;
  const leftMs = partition.judgeMonoMs - now.monoMs;
  if (!partition.isCalling || leftMs < ANEW_SHARE * callMs(core, now)) return;
  if (partition.call?.isStalled(goodMs(core, now), now.monoMs) !== true) return;
  joinCall(core, nextCall(core), undefined, now);
}

/**
 * Everybody is told of a call at once. Answers then go the way it came, and back, over links that the
 * call has just shown to live: a frame or two a member instead of several a link. Whoever has no quorum
 * by that in its time asks over all links.
 */
function isNarrow(core: CoreState, call: RollCall, now: Now): boolean {
  const { view, partition } = core;
  if (!view.hasTree || partition.health !== "healthy") return false;
  const treeMs = TREE_SHARE * callMs(core, now);
  return !partition.isCalling || now.monoMs - call.joinedMonoMs < treeMs;
}

function joinCall(core: CoreState, id: number, caller: NodeId | undefined, now: Now): void {
  const { partition, config, random } = core;
  const roster = lookAtMembers(core, now);
  partition.lastCall = id;
  partition.startMonoMs = NEVER;
  const before = partition.isCalling ? partition.call : undefined;
  const lastsMs = callMs(core, now);
  if (before === undefined) {
    partition.judgeMonoMs = Math.max(now.monoMs + lastsMs, partition.trustMonoMs);
    partition.isPending = false;
    partition.isSlow = false;
    partition.longestMs = 0;
  }
  heedSlowness(core, now);
  const self = config.nodeId;
  const joinedMonoMs = now.monoMs;
  const freshMonoMs = now.monoMs - goodMs(core, now);
  const joined = { id, self, roster, random, joinedMonoMs, caller, before, freshMonoMs };
  partition.call = new RollCall(joined);
  if (partition.call.hasForgotten) {
    const lastMonoMs = partition.call.beganMonoMs + (1 + ANEW_SHARE) * lastsMs;
    const wantedMonoMs = Math.min(now.monoMs + ANEW_SHARE * lastsMs, lastMonoMs);
    partition.judgeMonoMs = Math.max(partition.judgeMonoMs, wantedMonoMs);
  }
  partition.sendMonoMs = now.monoMs;
  assess(core, now);
}

function takeAnswers(
  core: CoreState,
  call: RollCall,
  peer: NodeId,
  frame: RollCallFrame,
  now: Now,
): void {
  const { partition } = core;
  const isLate = partition.isCalling && call.isStalled(goodMs(core, now), now.monoMs);
  // Somebody answers long after the others: whether they still would is not known.
  if (isLate && !call.hears(peer)) return joinCall(core, nextCall(core), undefined, now);
  const { mutual, news, gains } = call.take(peer, frame, now.monoMs);
  if (mutual) noteEcho(core, peer);
  const sends = partition.isCalling || now.monoMs < partition.lingerMonoMs;
  if (news && sends) sendSoon(core, now);
  if (gains) partition.gainMonoMs = now.monoMs;
  if (news && mutual) assess(core, now);
  // A call goes over such a link late, and to whom this node chooses: the peer would wait for it.
  const isApart = !core.view.isGossiping(peer);
  if (frame.asks && (!partition.isCalling || isApart)) answer(core, call, peer, now);
}

/** Answers one peer out of turn. */
function answer(core: CoreState, call: RollCall, peer: NodeId, now: Now): void {
  if (!call.mayAnswer(peer, newsMs(core, now), now.monoMs)) return;
  transmit(core, [peer], call.frameTo(peer, core.partition.isCalling), now);
}

function isFresh(core: CoreState, call: RollCall, asked: number, now: Now): boolean {
  return now.monoMs - call.joinedMonoMs <= freshMs(core, asked === call.id, now);
}

/** Later than every number seen; the low byte tells calls apart that start at the same time. */
function nextCall(core: CoreState): number {
  const seen = (core.partition.lastCall ?? 0) >>> 8;
  return (((seen + 1) << 8) | core.random.below(256)) >>> 0;
}

function mayIntroduce(core: CoreState, peer: NodeId, now: Now): boolean {
  const slot = Math.floor(now.monoMs / INTRODUCED_SLOT_MS);
  const held = core.partition.introduced.get(peer);
  const count = held?.slot === slot ? held.count + 1 : 1;
  if (count > INTRODUCED_MAX) return false;
  core.partition.introduced.set(peer, { slot, count });
  return true;
}
