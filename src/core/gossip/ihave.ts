/**
 * Lazy announcements (Leitao et al. 2007, "Epidemic Broadcast Trees"): what the push tree brought
 * is announced by name over the links outside it, at once to those that watch this node. Whoever
 * hears of something that does not come in its usual time asks the announcer for it, and grafts the
 * announcer's link into the tree when the answer is news.
 */

import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { meshRoot } from "../state/root.ts";
import { correct } from "../trust/spread-proofs.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import {
  type AnnouncedHead,
  FRAME_IHAVE,
  FRAME_WANT,
  IHAVE_ENTRIES_MAX,
  type IHaveFrame,
  type Want,
} from "../wire/frame.ts";
import { nameOf } from "./missing.ts";
import { transmit } from "./transmit.ts";

/** Peers told of what the tree brought; more would only hear it again from others. */
const ANNOUNCE_FANOUT = 3;

/**
 * A process that runs late announces later, by so many times its lateness and at most so long: on a
 * busy host announcements would be in the way of the pushes that make them superfluous. From the
 * least on it announces nothing promptly.
 */
const BUSY_FACTOR = 16;
const BUSY_MS_MAX = 100;
const BUSY_MS_MIN = 10;

/** Where frames are lost, heads are announced again: so often, so far apart. */
const REPEATS = 3;
const REPEAT_MS = 100;

/** Heads that wait to be announced; the newest of each incarnation. */
export class LazyHeads {
  readonly #heads = new Map<string, AnnouncedHead>();
  /** Announced before, and how many times more they will be. */
  readonly #repeated = new Map<string, { readonly head: AnnouncedHead; left: number }>();
  #dueMonoMs = Number.POSITIVE_INFINITY;

  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  /** At the bound a head is left out: its receivers see that the roots differ, and rounds repair. */
  add(head: AnnouncedHead, dueMonoMs: number): void {
    const name = nameOf(head);
    if (this.#heads.size >= IHAVE_ENTRIES_MAX && !this.#heads.has(name)) return;
    this.#heads.set(name, head);
    this.#dueMonoMs = Math.min(this.#dueMonoMs, dueMonoMs);
  }

  /** Takes all that wait; where frames are lost, with those announced of late. */
  take(isLossy: boolean, now: Now): AnnouncedHead[] {
    const heads = [...this.#heads.values()];
    this.#dueMonoMs = Number.POSITIVE_INFINITY;
    if (!isLossy) this.#repeated.clear();
    for (const [name, repeat] of this.#repeated) {
      if (!this.#heads.has(name)) heads.push(repeat.head);
      repeat.left -= 1;
      if (repeat.left <= 0) this.#repeated.delete(name);
    }
    if (isLossy) {
      for (const [name, head] of this.#heads) {
        if (this.#repeated.size < IHAVE_ENTRIES_MAX)
          this.#repeated.set(name, { head, left: REPEATS });
      }
    }
    this.#heads.clear();
    if (this.#repeated.size > 0) this.#dueMonoMs = now.monoMs + REPEAT_MS;
    return heads.slice(0, IHAVE_ENTRIES_MAX);
  }
}

/** Deltas have gone into the tree: their heads will be announced outside it. */
export function announceLater(core: CoreState, deltas: readonly Uint8Array[], now: Now): void {
  if (!core.view.hasLazyLink()) return;
  const busyMs = Math.min(BUSY_MS_MAX, BUSY_FACTOR * core.lateness.ofLateMs(now));
  const dueMonoMs = now.monoMs + core.parameters.announceDelayMs + busyMs;
  const isPrompt = busyMs < BUSY_MS_MIN && core.view.predecessors.length > 0;
  for (const delta of deltas) {
    const head = headOf(delta);
    core.lazyHeads.add(head, dueMonoMs);
    if (isPrompt) core.promptHeads.add(head, core.parameters.announceDelayMs, now);
  }
}

/** Announces what has just come to those that watch this node. */
export function announcePromptly(core: CoreState, now: Now): void {
  const heads = core.promptHeads.take(now);
  const { view, convergence } = core;
  const peers = view.predecessors.filter(
    (id) => view.isGossiping(id) && view.link(id)?.eager === false && !convergence.agrees(id),
  );
  if (peers.length === 0) return;
  transmit(core, peers, { type: FRAME_IHAVE, root: meshRoot(core), heads }, now);
}

/** Deltas have come: nobody need be asked for them. */
export function noteArrival(
  core: CoreState,
  deltas: readonly Uint8Array[],
  pushed: boolean,
  now: Now,
): void {
  if (core.missing.isEmpty) return;
  for (const delta of deltas) core.missing.came(headOf(delta), pushed, now);
}

/** Announces what waits; a peer that has shown the own root already knows it all. */
export function announceHeads(core: CoreState, now: Now): void {
  const isLossy = core.missing.isLossy(now);
  const heads = core.lazyHeads.take(isLossy, now);
  // What was pushed over the tree may not have come, either.
  const told = isLossy ? core.view.peers() : core.view.lazyPeers();
  const unaware = told.filter((peer) => !core.convergence.agrees(peer));
  const peers = core.random.shuffleHead(unaware, ANNOUNCE_FANOUT).slice(0, ANNOUNCE_FANOUT);
  const root = meshRoot(core);
  transmit(core, peers, { type: FRAME_IHAVE, root, heads }, now);
}

/** Notes what a peer announces and this node lacks; it is asked for when its time is over. */
export function takeIHave(core: CoreState, peer: NodeId, frame: IHaveFrame, now: Now): void {
  for (const head of frame.heads) {
    if (core.proofs.has(head.author)) correct(core, peer, head.author, now);
    else if (lacks(core, head)) core.missing.note(head, peer, core.parameters.graftDelayMs, now);
  }
}

/** Asks the announcers for what has still not come by the tree; an answer that is news grafts its link. */
export function askMissing(core: CoreState, now: Now): void {
  const wants = new Map<NodeId, Want[]>();
  for (const { head, peer } of core.missing.due(now)) {
    const held = core.replica.head(head.author, head.epoch, head.nonce);
    if (held !== undefined && held.seq >= head.seq) continue;
    if (peer === undefined) {
      core.rounds.wake(now);
      continue;
    }
    const { author, epoch, nonce } = head;
    const want = { author, epoch, nonce, after: held?.seq ?? -1 };
    wants.set(peer, [...(wants.get(peer) ?? []), want]);
  }
  for (const [peer, list] of wants) {
    if (!core.view.isGossiping(peer)) continue;
    transmit(core, [peer], { type: FRAME_WANT, wants: list }, now);
  }
}

function headOf(delta: Uint8Array): AnnouncedHead {
  const { author, epoch, nonce, firstSeq, count } = decodeDeltaHeader(delta, 0);
  return { author, epoch, nonce, seq: firstSeq + count - 1 };
}

function lacks(core: CoreState, head: AnnouncedHead): boolean {
  const held = core.replica.head(head.author, head.epoch, head.nonce);
  return held === undefined || (held.seq < head.seq && !held.ended);
}
