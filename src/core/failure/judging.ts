/**
 * From doubt to verdict and back: a member is suspected, becomes unreachable unless it refutes, and
 * is alive again at once on a newer record of its own or when heard first-hand. Nothing here ever
 * takes a member out of n.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import type { MemberRecord } from "../wire/member.ts";
import { WORD_ALIVE, WORD_SUSPECT, WORD_UNREACHABLE, type Word } from "../wire/suspect.ts";
import { isNewer, type Standing } from "./standings.ts";
import { SUSPICION_FAST_MS, suspicionMs } from "./timing.ts";
import { ownWord, say, spread, tellUnreachable } from "./words.ts";

/** Neighbours are asked so often, before a conviction, whether the member has refuted. */
const INQUIRIES_MAX = 2;
/** More suspects at once are a cut, and not worth more words than one each. */
const SUSPECTS_MANY = 64;
/** A node that hears no echo at all believes in a silence only after this long. */
const DOUBT_MS = 8_000;
/** How soon a verdict that was put off is looked at again. */
const AGAIN_MS = 100;

/** This node has probed a member in vain: it says so to everybody, the member included. */
export function accuse(core: CoreState, member: NodeId, now: Now): void {
  const word = ownWord(core, member, WORD_SUSPECT);
  if (word === undefined || !core.membership.isPresent(member)) return;
  if (takeAccusation(core, word, now)) spread(core, word, undefined, now);
}

/** Takes an accusation in; true when it is news, to be handed on. */
export function takeAccusation(core: CoreState, word: Word, now: Now): boolean {
  if (core.failure.pardons.holds(word, now)) return false;
  const outcome = core.failure.standings.accuse(word, now);
  if (outcome !== "known") enter(core, word.member);
  if (outcome === "first") {
    core.cells.add(CELLS.peerSuspicions, 1);
    core.out.events.push({ kind: "member:suspected", peer: word.member });
  }
  return outcome === "first" || (outcome === "news" && !isCut(core));
}

/**
 * Somebody has just heard from a suspect: it is no suspect until it is accused again, and when too
 * many have said so, at least its refutation is waited for.
 */
export function comfort(core: CoreState, word: Word, from: NodeId, now: Now): void {
  const standing = core.failure.standings.get(word.member);
  if (standing?.state !== "suspect" || isNewer(standing, word)) return;
  standing.comforted = true;
  if (!core.failure.lifeguard || !core.failure.pardons.grant(word, now)) return;
  acquit(core, word.member, now);
  spread(core, word, from, now);
}

/** A newer record of a member has been taken: whatever was said of the older one is void. */
export function noteRecord(core: CoreState, record: MemberRecord, now: Now): void {
  core.failure.departures.delete(record.id);
  core.failure.pardons.delete(record.id);
  const standing = core.failure.standings.get(record.id);
  if (standing === undefined) return;
  if (record.left) core.failure.standings.delete(record.id);
  else if (isNewer(record, standing)) acquit(core, record.id, now);
}

/** A member in doubt has been heard first-hand. It is told, so that it refutes, and so are others. */
export function recovered(core: CoreState, member: NodeId, now: Now): void {
  const standing = core.failure.standings.get(member);
  if (standing === undefined) return;
  const { epoch, counter, state } = standing;
  acquit(core, member, now);
  const said = state === "suspect" ? WORD_SUSPECT : WORD_UNREACHABLE;
  say(core, member, { member, epoch, counter, state: said, by: core.config.nodeId }, now);
  if (state === "unreachable") return tellUnreachable(core, member, now);
  const word = { member, epoch, counter, state: WORD_ALIVE, by: core.config.nodeId } as const;
  if (core.failure.lifeguard) spread(core, word, undefined, now);
}

/** When a suspicion next needs looking at, or a little earlier; infinity when there is none. */
export function judgementDueMonoMs(core: CoreState): number {
  const { standings, docket, health } = core.failure;
  if (standings.suspectedCount === 0) return Number.POSITIVE_INFINITY;
  if (!docket.isOf(health.score, core.membership.present().length)) review(core);
  return docket.dueMonoMs;
}

/** Works out when the next suspicion needs looking at. */
function review(core: CoreState): void {
  const { standings, docket, health } = core.failure;
  let dueMonoMs = Number.POSITIVE_INFINITY;
  for (const standing of standings.all()) {
    if (standing.state === "suspect") dueMonoMs = Math.min(dueMonoMs, nextStep(core, standing));
  }
  docket.set(dueMonoMs, health.score, core.membership.present().length);
}

/** A suspicion is new, or somebody has confirmed it. */
function enter(core: CoreState, member: NodeId): void {
  const { standings, docket } = core.failure;
  const standing = standings.get(member);
  // What was due when there was last a suspect is long past.
  if (standings.suspectedCount === 1) review(core);
  else if (standing?.state === "suspect") docket.hurry(nextStep(core, standing));
}

/** Convicts the suspects whose time is over, and inquires after those whose time nears its end. */
export function judge(core: CoreState, now: Now): void {
  if (judgementDueMonoMs(core) > now.monoMs) return;
  for (const standing of [...core.failure.standings.all()]) {
    if (standing.state !== "suspect" || nextStep(core, standing) > now.monoMs) continue;
    if (standing.inquiries < inquiriesWanted(core)) inquire(core, standing, now);
    else if (hears(core, standing, now)) convict(core, standing, now);
    else standing.notBeforeMonoMs = now.monoMs + AGAIN_MS;
  }
  review(core);
}

function acquit(core: CoreState, member: NodeId, now: Now): void {
  if (core.failure.standings.delete(member) === undefined) return;
  core.failure.redialMonoMs = Math.max(core.failure.redialMonoMs, now.monoMs);
  core.out.events.push({ kind: "member:reachable", peer: member });
}

function isCut(core: CoreState): boolean {
  return core.failure.standings.suspectedCount > SUSPECTS_MANY;
}

/** A refutation may be lost on its way to this node: neighbours that have it answer with it. */
function inquire(core: CoreState, standing: Standing, now: Now): void {
  standing.inquiries += 1;
  const { member, epoch, counter } = standing;
  const [by] = standing.accusers;
  if (by === undefined || isCut(core)) return;
  spread(core, { member, epoch, counter, state: WORD_SUSPECT, by }, undefined, now);
}

function convict(core: CoreState, standing: Standing, now: Now): void {
  const { member, accusers } = standing;
  core.failure.standings.convict(standing, now);
  core.cells.add(CELLS.peerConvictions, 1);
  core.out.events.push({ kind: "member:unreachable", peer: member });
  // Only those who have probed it themselves say so: the others have been told all they know.
  if (standing.toldUnreachable || isCut(core) || !accusers.has(core.config.nodeId)) return;
  standing.toldUnreachable = true;
  const { epoch, counter } = standing;
  const word = { member, epoch, counter, state: WORD_UNREACHABLE, by: core.config.nodeId } as const;
  spread(core, word, undefined, now);
}

/**
 * Whether the silence can be believed: while the suspicion lasted, somebody else's echo came in
 * time. A node whose frames wait unread hears no refutation either. It is believed in the end: all
 * others may be gone too.
 */
function hears(core: CoreState, standing: Standing, now: Now): boolean {
  const { lifeguard, health, standings } = core.failure;
  if (!lifeguard || health.timelyMonoMs >= standing.sinceMonoMs) return true;
  if (now.monoMs - standing.sinceMonoMs >= DOUBT_MS) return true;
  return core.view.peers().every((peer) => standings.livenessOf(peer) !== "alive");
}

/** When a suspicion is next acted on: inquiries at a half and three quarters, then the verdict. */
function nextStep(core: CoreState, standing: Standing): number {
  const lastsMs = lasts(core, standing);
  const wanted = inquiriesWanted(core);
  const share = standing.inquiries < wanted ? 0.5 + standing.inquiries / 4 : 1;
  const dueMonoMs = standing.sinceMonoMs + lastsMs * share;
  return share < 1
    ? dueMonoMs
    : Math.max(dueMonoMs, core.failure.health.graceMonoMs, standing.notBeforeMonoMs);
}

function lasts(core: CoreState, standing: Standing): number {
  const { lifeguard, health } = core.failure;
  if (!lifeguard) return SUSPICION_FAST_MS;
  const confirmations = standing.comforted ? 0 : standing.accusers.size - 1;
  const members = core.membership.present().length;
  return suspicionMs(confirmations, members, health.suspicionStretch);
}

function inquiriesWanted(core: CoreState): number {
  return core.failure.lifeguard ? INQUIRIES_MAX : 0;
}
