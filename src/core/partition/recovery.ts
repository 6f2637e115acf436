/**
 * Back from a partition: read-only until this replica has what the answering peers have. Every link
 * that is not silent has shown the own root, or has ended an exchange since the quorum was back; after
 * a while a quorum of them is enough, or one liar could keep a node read-only for good.
 */
import type { CoreState } from "../core-state.ts";
import { sendPull } from "../gossip/rounds.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { quorumOf } from "../peers/quorum.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { setHealth, standing } from "./health.ts";
import { NEVER, SETTLE_MS } from "./partition-state.ts";
import { meetAgain } from "./returning.ts";

/** Looked at so often. */
const LOOK_MS = 25;
/** Links that heal together are waited for so long at least. */
const GATHER_MS = 100;
/** Who has not been exchanged with is asked again so often. */
const PULL_MS = 200;
/** So long all links are waited for, then a quorum. */
const PATIENCE_MS = 2_000;

/** A quorum answers again. */
export function startRecovery(core: CoreState, now: Now): void {
  const { partition } = core;
  partition.isReturning = false;
  partition.exchanged.clear();
  partition.recoveringMonoMs = now.monoMs;
  partition.recoveryDueMonoMs = now.monoMs;
  partition.recoveryPullMonoMs = -NEVER;
  core.rounds.wake(now);
  setHealth(core, "recovering");
}

/** Moves recovery on; due every LOOK_MS while it lasts. */
export function recoverOn(core: CoreState, now: Now): void {
  const { partition } = core;
  const behind = core.view.peers().filter((peer) => !isLevel(core, peer));
  const heard = core.view.peers().filter((peer) => !partition.silent.has(peer));
  const level = heard.filter((peer) => isLevel(core, peer)).length;
  const elapsedMs = now.monoMs - partition.recoveringMonoMs;
  // The own node counted, as in every quorum.
  const enough = elapsedMs >= PATIENCE_MS ? quorumOf(heard.length + 1).size - 1 : heard.length;
  // Where nobody else counts any more, there is nobody to catch up with.
  const isMet = heard.length > 0 || standing(core).quorum === 1;
  if (isMet && level >= enough && elapsedMs >= GATHER_MS) {
    return recovered(core, elapsedMs);
  }
  partition.recoveryDueMonoMs = now.monoMs + LOOK_MS;
  if (now.monoMs - partition.recoveryPullMonoMs < PULL_MS) return;
  partition.recoveryPullMonoMs = now.monoMs;
  for (const peer of behind) sendPull(core, peer, now);
}

/** An exchange with a peer has ended: neither lacks what the other has shown. */
export function noteExchange(core: CoreState, peer: NodeId, now: Now): void {
  if (!core.partition.hasJoined) {
    core.partition.hasJoined = true;
    core.partition.trustMonoMs = now.monoMs + SETTLE_MS;
  }
  meetAgain(core, now);
  if (core.partition.health === "recovering") core.partition.exchanged.add(peer);
}

function isLevel(core: CoreState, peer: NodeId): boolean {
  return core.convergence.agrees(peer) || core.partition.exchanged.has(peer);
}

function recovered(core: CoreState, elapsedMs: number): void {
  const { partition } = core;
  partition.recoveryDueMonoMs = NEVER;
  partition.exchanged.clear();
  core.cells.record(CELLS.partitionRecovery, elapsedMs);
  setHealth(core, "healthy");
  if (!partition.isAlarmed) return;
  partition.isAlarmed = false;
  core.out.events.push({ kind: "partition:recovered", elapsedMs });
}
