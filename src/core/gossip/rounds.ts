/**
 * Rounds: push-pull with random peers, for ever. A round sends own digests; the common answer is
 * "equal". While everything agrees the interval doubles up to 16 times the configured one; any
 * difference or change brings it back at once. One peer is asked, the fanout once somebody differs.
 */

import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { PeerInfo } from "../peers/peer-info.ts";
import { meshRoot } from "../state/root.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { FRAME_PULL } from "../wire/frame.ts";
import { transmit } from "./transmit.ts";

/** An idle mesh is asked at most this many times less often. */
const IDLE_FACTOR_MAX = 16;
/** After a change, the first round is so many intervals away. */
const SETTLE_FACTOR = 10;
/**
 * While peers have not shown their roots, but none is known to differ, rounds are this much rarer:
 * pushes, announcements and probes show roots as well, and mostly sooner.
 */
const SETTLING_FACTOR = 10;
/** A difference that outlives pushes under way. */
const DOUBT_MS = 200;
/** Peers asked in a round while nobody is known to differ. */
const QUIET_FANOUT = 1;

/** Rounds pause this long after each part of a long repair. */
const REPAIR_PAUSE_MS = 500;

/** `settling`: not all peers have shown their roots yet, and none is known to differ for long. */
type Mood = "urgent" | "settling" | "calm";

/** When the next round is, and how calm it is. */
export class Rounds {
  #dueMonoMs: number;
  #lastMonoMs: number;
  #idleFactor = 1;
  #number = 0;
  readonly #intervalMs: number;

  constructor(intervalMs: number, startMonoMs: number) {
    this.#intervalMs = intervalMs;
    this.#lastMonoMs = startMonoMs;
    this.#dueMonoMs = startMonoMs + intervalMs;
  }

  get dueMonoMs(): number {
    return this.#dueMonoMs;
  }

  get number(): number {
    return this.#number;
  }

  get isIdle(): boolean {
    return this.#idleFactor > 1;
  }

  /** Something differs: the next round comes an interval after the last, if that is past, at once. */
  wake(now: Now): void {
    if (this.#idleFactor === 1) return;
    this.#idleFactor = 1;
    const dueMonoMs = Math.max(now.monoMs, this.#lastMonoMs + this.#intervalMs);
    this.#dueMonoMs = Math.min(this.#dueMonoMs, dueMonoMs);
  }

  /**
   * The own root has changed: pushes and announcements carry it on and show most peers' roots;
   * rounds ask the others once that has had its time. Without a tree nothing is announced, and
   * they ask at once.
   */
  settle(hasTree: boolean, now: Now): void {
    if (!hasTree) return this.wake(now);
    if (this.#idleFactor <= SETTLING_FACTOR) return;
    this.#idleFactor = SETTLING_FACTOR;
    this.#dueMonoMs = Math.min(this.#dueMonoMs, now.monoMs + this.#intervalMs * SETTLE_FACTOR);
  }

  /** A long repair is under way: others are not asked for the same history meanwhile. */
  repairing(now: Now): void {
    this.#dueMonoMs = Math.max(this.#dueMonoMs, now.monoMs + REPAIR_PAUSE_MS);
  }

  /** Counts a round and sets the next. */
  advance(mood: Mood, now: Now): void {
    this.#number += 1;
    this.#lastMonoMs = now.monoMs;
    if (mood === "urgent") this.#idleFactor = 1;
    else if (mood === "settling")
      this.#idleFactor = Math.min(this.#idleFactor + 1, SETTLING_FACTOR);
    else this.#idleFactor = Math.min(IDLE_FACTOR_MAX, this.#idleFactor * 2);
    this.#dueMonoMs = now.monoMs + this.#intervalMs * this.#idleFactor;
  }
}

/** Runs one round. */
export function runRound(core: CoreState, now: Now): void {
  const { convergence, config } = core;
  const urgent = doubts(core, now);
  core.rounds.advance(urgent ? "urgent" : moodOf(core), now);
  convergence.round();
  core.cells.add(CELLS.gossipRounds, 1);
  // What pushes bring needs no asking: the whole fanout is for when somebody is known to differ.
  const fanout = urgent ? config.fanout : QUIET_FANOUT;
  core.cells.set(CELLS.gossipFanout, fanout);
  core.cells.add(CELLS.peerSelectionsRandom, 1);
  const peers = peersToAsk(core, fanout, now);
  for (const peer of peers) sendPull(core, peer.id, now);
}

function moodOf({ convergence, view }: CoreState): Mood {
  if (convergence.converged) return "calm";
  return view.hasTree ? "settling" : "urgent";
}

/** Whether something is known to differ that no push under way explains; none does where they get lost. */
export function doubts({ config, convergence, missing }: CoreState, now: Now): boolean {
  if (config.push === false) return !convergence.converged;
  return convergence.differsFor(missing.isLossy(now) ? 0 : DOUBT_MS, now);
}

/**
 * Peers that have shown the own root since it changed have nothing to tell: a push carries the
 * root, so after a write most of the view is known to agree. Those not known to are asked; when
 * there are none, anybody, so that rounds never stop probing.
 */
function peersToAsk(core: CoreState, fanout: number, now: Now): readonly PeerInfo[] {
  const { view, convergence, registry } = core;
  const { standings } = core.failure;
  const answering = view
    .peers()
    .filter((id) => !standings.isUnreachable(id) && !isAwaited(core, id, now));
  const unknown = registry.selectAmong(answering, fanout, ({ id }) => !convergence.agrees(id));
  if (unknown.length > 0) return unknown;
  return registry.selectAmong(answering, QUIET_FANOUT, () => true);
}

/** Sends own digests to one peer, unless a busy host may still answer the last ones. */
export function ask(core: CoreState, peer: NodeId, now: Now): void {
  if (!isAwaited(core, peer, now)) sendPull(core, peer, now);
}

/**
 * Whether asking a peer again would only add to what it has to do. Off a busy host a question costs next
 * to nothing, and one that is not answered in its time was lost.
 */
function isAwaited({ view, lateness }: CoreState, peer: NodeId, now: Now): boolean {
  return lateness.isBusy(now) && view.link(peer)?.question.isOpen(now) === true;
}

/** Sends own digests to one peer. */
export function sendPull(core: CoreState, peer: NodeId, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  const stamp = (core.random.nextU32() | 1) >>> 0; // 0 means "answers no Pull"
  const roundTripMs = core.registry.get(peer)?.rtt?.currentMs ?? 0;
  link.question.asked(stamp, core.config.roundIntervalMs, roundTripMs, now);
  core.leaving.stamped(stamp);
  const frame = {
    type: FRAME_PULL,
    stamp,
    root: meshRoot(core),
    frontierRoot: core.replica.frontierRoot(),
    membersDigest: core.membership.digest(),
  } as const;
  transmit(core, [peer], frame, now);
}
