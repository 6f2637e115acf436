/**
 * One frame's way: decode > admit > verify > merge > digest > encode. Each stage is a file; this
 * one is their order. Nothing a peer sends throws: a stage refuses, counts, and stops.
 */
import { receiveMessage, receiveResult } from "./agents/messages.ts";
import type { CoreState } from "./core-state.ts";
import { takeStored } from "./durability/stored.ts";
import { takeDepartures } from "./failure/departing.ts";
import { takeWords } from "./failure/hearing.ts";
import { noteSign, takeProbe } from "./failure/probing.ts";
import { tellUnreachable } from "./failure/words.ts";
import {
  answerDelta,
  answerHello,
  answerPull,
  answerSync,
  askAncestors,
  handOn,
  restRepair,
  rests,
} from "./gossip/answer.ts";
import { answerGaps } from "./gossip/gaps.ts";
import { announceLater, noteArrival, takeIHave } from "./gossip/ihave.ts";
import { answerWant } from "./gossip/repair.ts";
import { judgeLink, takeTree } from "./gossip/tree.ts";
import type { NodeId } from "./node-id.ts";
import type { Now } from "./now.ts";
import { takeRollCall } from "./partition/calling.ts";
import { takeBuckets } from "./peers/exchange-members.ts";
import { takeHello, takeMembers } from "./peers/take-members.ts";
import { digest } from "./state/digest.ts";
import { fill } from "./state/fill.ts";
import { authorsOf, mergeDeltas, type SignatureVerdict } from "./state/merge.ts";
import { noteChanges } from "./state/note-changes.ts";
import { noteRoom } from "./state/room.ts";
import { meshRoot } from "./state/root.ts";
import { countFrame } from "./telemetry/count-frame.ts";
import { admit } from "./trust/admit.ts";
import { chargeFrame, chargeOperations, chargeSignatures } from "./trust/charge.ts";
import { penalize } from "./trust/penalty.ts";
import { refuseFrame } from "./trust/refuse.ts";
import { takeProofs } from "./trust/spread-proofs.ts";
import { verdictsOf, type Work, workOf } from "./trust/verify.ts";
import { FRAME_DELTA } from "./wire/delta-frame.ts";
import { FRAME_DEPART, FRAME_PROBE, FRAME_SUSPECT } from "./wire/failure-frames.ts";
import {
  decodeFrame,
  FRAME_BUCKETS,
  FRAME_HELLO,
  FRAME_IHAVE,
  FRAME_MEMBERS,
  FRAME_MESSAGE,
  FRAME_MESSAGE_RESULT,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_TREE,
  FRAME_WANT,
  type Frame,
} from "./wire/frame.ts";
import { FRAME_FILL, FRAME_GAPS } from "./wire/gap-frames.ts";
import { FRAME_PROOF } from "./wire/proof-frame.ts";
import { FRAME_ROLL_CALL } from "./wire/roll-call.ts";
import { FRAME_STORED } from "./wire/stored.ts";
import type { CarriedDeltas } from "./wire/stub.ts";

/** Takes one frame from a peer as far as it goes without signatures. */
export function receive(core: CoreState, peer: NodeId, bytes: Uint8Array, now: Now): void {
  const charge = chargeFrame(core, peer, bytes, now);
  if (charge === "refused") return refuseFrame(core, peer, "rate");
  const decoded = decodeFrame(bytes);
  if (decoded.kind === "refused") return refuseFrame(core, peer, decoded.reason);
  const refusal = admit(core, peer, decoded, now);
  if (refusal !== undefined) return refuseFrame(core, peer, refusal);
  core.registry.touch(peer, now);
  noteSign(core, peer, now);
  countFrame(core, decoded.frame.type, bytes.length);
  if (charge !== "asked" && !chargeOperations(core, peer, decoded.frame, now)) {
    return refuseFrame(core, peer, "rate");
  }
  const work = workOf(core, peer, decoded.frame, now);
  if (work === undefined) return refuseFrame(core, peer, "malformed");
  for (let i = 0; i < work.uncertified; i++) refuseUncertified(core, work);
  verify(core, work, now);
}

/** What no certificate stands behind is refused, not the rest of its frame. */
function refuseUncertified(core: CoreState, { peer, frame }: Work): void {
  // Deltas are counted by outcome, where they are merged.
  if ("deltas" in frame) penalize(core, peer, "certificate");
  else refuseFrame(core, peer, "certificate");
}

/** Takes a frame on with the verdicts on its signatures, one byte each: 1 good, 0 bad. */
export function resume(core: CoreState, ticket: number, verdicts: Uint8Array, now: Now): void {
  const work = core.tickets.redeem(ticket);
  if (work === undefined) return;
  core.budgets.refundSignatures(work.peer, countOf(verdicts));
  complete(core, work, verdicts, now);
}

function countOf(verdicts: Uint8Array): number {
  let good = 0;
  for (const verdict of verdicts) if (verdict === 1) good += 1;
  return good;
}

/** Deltas from the future whose time has come start again at "verify". */
export function receiveDue(core: CoreState, now: Now): void {
  retryParked(core, core.parked.due(now.wallMs), now);
}

/** What this node's own user brings starts at "verify", as if it came from a peer. */
export function receiveOwn(core: CoreState, frame: Frame, now: Now): void {
  const work = workOf(core, core.config.nodeId, frame, now);
  if (work !== undefined) verify(core, work, now);
}

/** Asks for the signatures of a frame; one that needs none goes on at once. */
function verify(core: CoreState, work: Work, now: Now): void {
  if (work.checks.length === 0) return complete(core, work, new Uint8Array(0), now);
  if (!chargeSignatures(core, work.peer, work.checks.length, now)) {
    return refuseFrame(core, work.peer, "rate");
  }
  const ticket = core.tickets.issue(work);
  if (ticket === undefined) return refuseFrame(core, work.peer, "backlog");
  const { checks, peer } = work;
  const isAwaited = work.frame.type === FRAME_HELLO;
  core.out.verifies.push({ ticket, checks, peer, isAwaited });
}

function complete(core: CoreState, work: Work, checked: Uint8Array, now: Now): void {
  const { peer, frame } = work;
  const verdicts = verdictsOf(core, work, checked);
  switch (frame.type) {
    case FRAME_HELLO:
      if (!takeHello(core, work, verdicts, now)) return;
      answerHello(core, peer, now);
      return tellUnreachable(core, peer, now);
    case FRAME_PUSH:
    case FRAME_DELTA: {
      const brought = mergeAndHandOn(core, work, frame, verdicts, now);
      const isPeers = peer !== core.config.nodeId;
      digest(core, isPeers ? { peer, root: frame.root } : undefined, now);
      if (frame.type === FRAME_DELTA) {
        const { more, follows = false } = frame;
        answerDelta(core, peer, { more, follows, brought }, now);
      } else if (!reachesAll(core, frame)) judgeLink(core, peer, brought, now);
      return;
    }
    case FRAME_PULL:
      digest(core, { peer, root: frame.root }, now);
      return answerPull(core, peer, frame, now);
    case FRAME_SYNC:
      digest(core, { peer, root: frame.root }, now);
      return answerSync(core, peer, frame, now);
    case FRAME_WANT:
      return answerWant(core, peer, frame.wants, now);
    case FRAME_MEMBERS:
      return core.announcements.add(takeMembers(core, work, verdicts, now), now);
    case FRAME_MESSAGE:
      if (work.message === undefined || verdicts[0] !== 1) {
        return refuseFrame(core, peer, "signature");
      }
      return receiveMessage(core, work.message, now);
    case FRAME_MESSAGE_RESULT:
      return receiveResult(core, peer, frame);
    case FRAME_TREE:
      return takeTree(core, peer, frame);
    case FRAME_IHAVE:
      digest(core, { peer, root: frame.root }, now);
      return takeIHave(core, peer, frame, now);
    case FRAME_BUCKETS:
      return takeBuckets(core, peer, frame, now);
    case FRAME_PROBE:
      digest(core, { peer, root: frame.root }, now);
      return takeProbe(core, peer, frame, now);
    case FRAME_SUSPECT:
      return takeWords(core, peer, frame.words, now);
    case FRAME_DEPART:
      return takeDepartures(core, peer, work.departures, verdicts, now);
    case FRAME_ROLL_CALL:
      return takeRollCall(core, peer, frame, now);
    case FRAME_STORED:
      return takeStored(core, peer, frame, now);
    case FRAME_GAPS:
      return answerGaps(core, peer, frame.gaps, now);
    case FRAME_FILL:
      return fill(core, verdicts.every((verdict) => verdict === 1) ? work.fillings : [], now);
    case FRAME_PROOF:
      return takeProofs(core, work, frame, verdicts, now);
  }
}

/** Whether a push goes to every member that this node knows. */
function reachesAll(core: CoreState, frame: Frame): boolean {
  return frame.type === FRAME_PUSH && frame.reached >= core.membership.present().length;
}

/** True when anything of the deltas was new. */
function mergeAndHandOn(
  core: CoreState,
  work: Work,
  carried: CarriedDeltas,
  verdicts: Uint8Array,
  now: Now,
): boolean {
  const asked: SignatureVerdict[] = [];
  for (let i = 0; i < work.rows.length; i++) {
    asked[work.rows[i] ?? 0] = verdicts[i] === 1 ? "good" : "bad";
  }
  const verdictOf = (row: number): SignatureVerdict => asked[row] ?? "unasked";
  const merged = mergeDeltas(core, work.peer, carried, verdictOf, now);
  noteRoom(core, merged, now);
  // Of a repair alone: a liar must not end repairs by what it has others push.
  const isRefused = merged.full > 0 && merged.applied.length === 0;
  if (isRefused && work.frame.type === FRAME_DELTA) restRepair(core, work.peer, now);
  if (merged.orphans > 0) askAncestors(core, work.peer, now);
  // An orphan is news too: its link is not to be pruned for it. Unless its ancestor found no room.
  const isNews = merged.orphans > 0 && !rests(core, work.peer, now);
  if (merged.applied.length === 0) return isNews || merged.passed > 0;
  const { frame, peer } = work;
  noteArrival(core, merged.applied, frame.type === FRAME_PUSH, now);
  if (frame.type === FRAME_DELTA || !reachesAll(core, frame)) {
    handOn(core, merged.applied, { peer, repaired: frame.type === FRAME_DELTA }, now);
  } else {
    announceLater(core, merged.applied, now);
  }
  noteChanges(core, merged.changes);
  if (!core.parked.isEmpty) retryParked(core, authorsOf(merged.applied), now);
  return true;
}

/**
 * Parked deltas that may be tried now start again at "verify", an author at a time and in this
 * node's own name: who brought what they waited for is not to blame for them.
 */
function retryParked(core: CoreState, authors: Iterable<NodeId>, now: Now): void {
  for (const author of authors) {
    const deltas = core.parked.take(author, now.wallMs);
    if (deltas === undefined) continue;
    const root = meshRoot(core);
    const frame = { type: FRAME_PUSH, reached: 1, root, deltas } as const;
    receiveOwn(core, frame, now);
  }
}
