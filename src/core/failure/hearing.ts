/** What a peer's words about members set in motion. None of them is signed: none decides. */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { renewOwnRecord } from "../peers/own-record.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { FRAME_MEMBERS } from "../wire/frame.ts";
import { WORD_ALIVE, WORD_ASKED, type Word } from "../wire/suspect.ts";
import { comfort, takeAccusation } from "./judging.ts";
import { addAsker, endCheck } from "./probes.ts";
import { beginCheck } from "./probing.ts";
import { isNewer } from "./standings.ts";
import { ownWord, say, spread } from "./words.ts";

/** Who was heard this lately needs no probe. Less than a check takes, so no crash is overlooked. */
const FRESH_MS = 100;
/** Checks in a row that another's word may end: a liar cannot keep a dead member alive. */
const DISMISSALS_MAX = 2;
/** A node refutes at most this often. */
const REFUTE_MS = 200;

/** Takes a frame of words. */
export function takeWords(core: CoreState, peer: NodeId, words: readonly Word[], now: Now): void {
  let outdated: NodeId | undefined;
  for (const word of words) {
    if (word.member === core.config.nodeId) {
      if (word.state !== WORD_ALIVE && refuted(core, word, now)) outdated = word.member;
      continue;
    }
    const record = core.membership.get(word.member);
    if (record === undefined || !core.membership.isPresent(word.member)) continue;
    if (isNewer(record, word)) {
      if (word.state !== WORD_ALIVE) outdated = word.member;
      continue;
    }
    takeWord(core, peer, word, now);
  }
  // One record a frame: the answer must not be much larger than the question.
  const member = outdated === undefined ? undefined : core.membership.signedOf(outdated);
  if (member === undefined) return;
  transmit(core, [peer], { type: FRAME_MEMBERS, members: [member.bytes] }, now);
}

function takeWord(core: CoreState, peer: NodeId, word: Word, now: Now): void {
  switch (word.state) {
    case WORD_ASKED:
      return asked(core, peer, word, now);
    case WORD_ALIVE:
      return comforted(core, peer, word, now);
    default:
      return warned(core, peer, word, now);
  }
}

/** A peer cannot reach a member: probe it, and answer if it lives. */
function asked(core: CoreState, peer: NodeId, word: Word, now: Now): void {
  if (peer === word.member || core.view.link(word.member)?.ready !== true) return;
  if (isFresh(core, word.member, now)) {
    return say(core, peer, ownWord(core, word.member, WORD_ALIVE), now);
  }
  addAsker(beginCheck(core, word.member, now), peer);
}

/** Somebody has heard from a member that is silent here. */
function comforted(core: CoreState, peer: NodeId, word: Word, now: Now): void {
  if (word.by === word.member || !core.membership.isPresent(word.by)) return;
  comfort(core, word, peer, now);
  const probe = core.failure.probes.get(word.member);
  if (probe === undefined || probe.dismissals >= DISMISSALS_MAX) return;
  probe.dismissals += 1;
  endCheck(probe);
}

/** Somebody has probed a member in vain. */
function warned(core: CoreState, peer: NodeId, word: Word, now: Now): void {
  if (word.by === word.member || !core.membership.isPresent(word.by)) return;
  const linked = core.view.link(word.member)?.ready === true;
  if (linked && isFresh(core, word.member, now)) {
    // No need for others to doubt it; it is told, so that it can refute.
    say(core, peer, ownWord(core, word.member, WORD_ALIVE), now);
    return say(core, word.member, word, now);
  }
  if (!takeAccusation(core, word, now)) return;
  spread(core, word, peer, now);
  if (linked) addAsker(beginCheck(core, word.member, now), peer);
}

function isFresh(core: CoreState, member: NodeId, now: Now): boolean {
  const signMonoMs = core.failure.probes.get(member)?.signMonoMs ?? Number.NEGATIVE_INFINITY;
  return now.monoMs - signMonoMs <= FRESH_MS;
}

/**
 * This node is doubted: a new own record clears it wherever it arrives. True when the newest record
 * has done so already, and only the speaker does not know it.
 */
function refuted(core: CoreState, word: Word, now: Now): boolean {
  const held = core.membership.get(core.config.nodeId);
  if (held === undefined || held.left) return false;
  if (isNewer(held, word)) return true;
  // Nobody can have seen a later record than the newest: such a word is a lie.
  if (isNewer(word, held) || word.state === WORD_ASKED) return false;
  if (now.monoMs - core.failure.refutedMonoMs < REFUTE_MS) return false;
  core.failure.refutedMonoMs = now.monoMs;
  core.failure.health.missed();
  core.cells.add(CELLS.peerRefutations, 1);
  const { addresses } = held;
  core.announcements.add([renewOwnRecord(core, { addresses, left: false })], now);
  return false;
}
