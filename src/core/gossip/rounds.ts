/**
 * Rounds: push-pull with random peers, for ever. A round sends own digests; the common answer is
 * "equal". While everything agrees the interval doubles up to 16 times the configured one; any
 * difference or change brings it back at once. One peer is asked, the fanout once somebody differs.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import type { PeerInfo } from "../peers/peer-info.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { FRAME_PULL } from "../wire/frame.ts";
import { transmit } from "./transmit.ts";

/** An idle mesh is asked at most this many times less often. */
const IDLE_FACTOR_MAX = 16;
/** Peers asked in a round while nobody is known to differ. */
const QUIET_FANOUT = 1;

/** Rounds pause this long after each part of a long repair. */
const REPAIR_PAUSE_MS = 500;

/** When the next round is, and how calm it is. */
export class Rounds {
  #dueMonoMs: number;
  #idleFactor = 1;
  #number = 0;
  readonly #intervalMs: number;

  constructor(intervalMs: number, startMonoMs: number) {
    this.#intervalMs = intervalMs;
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

  /** Something differs or has changed: the next round comes at the configured interval. */
  wake(now: Now): void {
    if (this.#idleFactor === 1) return;
    this.#idleFactor = 1;
    this.#dueMonoMs = Math.min(this.#dueMonoMs, now.monoMs + this.#intervalMs);
  }

  /** A long repair is under way: others are not asked for the same history meanwhile. */
  repairing(now: Now): void {
    this.#dueMonoMs = Math.max(this.#dueMonoMs, now.monoMs + REPAIR_PAUSE_MS);
  }

  /** Counts a round and sets the next. */
  advance(calm: boolean, now: Now): void {
    this.#number += 1;
    this.#idleFactor = calm ? Math.min(IDLE_FACTOR_MAX, this.#idleFactor * 2) : 1;
    this.#dueMonoMs = now.monoMs + this.#intervalMs * this.#idleFactor;
  }
}

/** Runs one round. */
export function runRound(core: CoreState, now: Now): void {
  const calm = core.convergence.converged;
  core.rounds.advance(calm, now);
  core.convergence.round();
  core.cells.add(CELLS.gossipRounds, 1);
  // What pushes bring needs no asking: the whole fanout is for when somebody is known to differ.
  const fanout = core.convergence.differs ? core.config.fanout : QUIET_FANOUT;
  core.cells.set(CELLS.gossipFanout, fanout);
  core.cells.add(CELLS.peerSelectionsRandom, 1);
  const peers = peersToAsk(core, fanout);
  for (const peer of peers) sendPull(core, peer.id, now);
}

/**
 * Peers that have shown the own root since it changed have nothing to tell: a push carries the
 * root, so after a write most of the view is known to agree. Those not known to are asked; when
 * there are none, anybody, so that rounds never stop probing.
 */
function peersToAsk(core: CoreState, fanout: number): readonly PeerInfo[] {
  const { view, convergence, registry } = core;
  const answers = (id: NodeId): boolean =>
    view.isGossiping(id) && !core.failure.standings.isUnreachable(id);
  const unknown = registry.selectRandom(fanout, ({ id }) => answers(id) && !convergence.agrees(id));
  if (unknown.length > 0) return unknown;
  return registry.selectRandom(QUIET_FANOUT, ({ id }) => answers(id));
}

/** Sends own digests to one peer. */
export function sendPull(core: CoreState, peer: NodeId, now: Now): void {
  const link = core.view.link(peer);
  if (link === undefined) return;
  link.stamp = (core.random.nextU32() | 1) >>> 0; // 0 means "answers no Pull"
  link.stampMonoMs = now.monoMs;
  const frame = {
    type: FRAME_PULL,
    stamp: link.stamp,
    root: core.replica.root(),
    frontierRoot: core.replica.frontierRoot(),
    membersDigest: core.membership.digest(),
  } as const;
  transmit(core, [peer], frame, now);
}
