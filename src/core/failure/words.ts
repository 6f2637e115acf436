/** Saying words about members: to one peer at once, or to everybody by way of the rumours. */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { FRAME_SUSPECT } from "../wire/failure-frames.ts";
import { SUSPECT_WORDS_MAX, WORD_UNREACHABLE, type Word, type WordState } from "../wire/suspect.ts";

/** This node's own word about the record it holds of a member; undefined when it holds none. */
export function ownWord(core: CoreState, member: NodeId, state: WordState): Word | undefined {
  const record = core.membership.get(member);
  if (record === undefined) return undefined;
  const { epoch, counter } = record;
  return { member, epoch, counter, state, by: core.config.nodeId };
}

/** Says one word to one peer. */
export function say(core: CoreState, peer: NodeId, word: Word | undefined, now: Now): void {
  if (word === undefined || core.view.link(peer)?.ready !== true) return;
  transmit(core, [peer], { type: FRAME_SUSPECT, words: [word] }, now);
}

/** Hands a word on to every gossip link but the one it came over. */
export function spread(core: CoreState, word: Word, from: NodeId | undefined, now: Now): void {
  core.failure.rumours.add(word, from, now);
}

/** Sends the words that have gathered. */
export function flushRumours(core: CoreState, now: Now): void {
  const rumours = core.failure.rumours.take();
  const speakers = new Set(rumours.map(({ from }) => from));
  const peers = core.view.peers();
  // Most links have said none of these words: they share one encoding.
  const silent = peers.filter((peer) => !speakers.has(peer));
  const all = rumours.map(({ word }) => word);
  for (const part of parts(all)) transmit(core, silent, { type: FRAME_SUSPECT, words: part }, now);
  for (const peer of peers.filter((id) => speakers.has(id))) {
    const others = rumours.filter(({ from }) => from !== peer).map(({ word }) => word);
    for (const part of parts(others)) {
      transmit(core, [peer], { type: FRAME_SUSPECT, words: part }, now);
    }
  }
}

/**
 * A link has begun, or lives again: its peer hears who is unreachable from here. A newcomer learns
 * it so; and when a cut heals, those who are named hear of it through their own half and refute.
 */
export function tellUnreachable(core: CoreState, peer: NodeId, now: Now): void {
  const { standings } = core.failure;
  if (standings.unreachableCount === 0) return;
  const words: Word[] = [];
  for (const { member, state, epoch, counter } of standings.all()) {
    if (state !== "unreachable" || member === peer) continue;
    words.push({ member, epoch, counter, state: WORD_UNREACHABLE, by: core.config.nodeId });
  }
  // Different ones to each peer, when there are too many for one frame.
  const told = core.random.shuffleHead(words, SUSPECT_WORDS_MAX).slice(0, SUSPECT_WORDS_MAX);
  if (told.length > 0) transmit(core, [peer], { type: FRAME_SUSPECT, words: told }, now);
}

function* parts(words: readonly Word[]): Generator<readonly Word[]> {
  for (let i = 0; i < words.length; i += SUSPECT_WORDS_MAX) {
    yield words.slice(i, i + SUSPECT_WORDS_MAX);
  }
}
