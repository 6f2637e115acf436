/**
 * Unreachable members are not planned for, but one at a time is dialled: so the halves of a healed
 * partition find each other again.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { beginCheck } from "./probing.ts";

const REDIAL_MS = 1_000;

/** When the next one is to be dialled; infinity while everybody is reachable. */
export function redialDueMonoMs(core: CoreState): number {
  const { standings, redialMonoMs } = core.failure;
  return standings.unreachableCount === 0 ? Number.POSITIVE_INFINITY : redialMonoMs;
}

/** Dials the next unreachable member by id, or probes it when a link has outlasted it. */
export function redial(core: CoreState, now: Now): void {
  const { failure } = core;
  failure.redialMonoMs = now.monoMs + REDIAL_MS;
  const peer = nextUnreachable(core);
  if (peer === undefined) return;
  failure.redialled = peer;
  if (core.view.link(peer) !== undefined) {
    beginCheck(core, peer, now);
    return;
  }
  const addresses = core.membership.get(peer)?.addresses ?? [];
  if (addresses.length > 0) core.out.links.push({ kind: "reach", peer, addresses });
}

/** The unreachable member that follows the one dialled last, in the order of ids. */
function nextUnreachable(core: CoreState): NodeId | undefined {
  const { standings, redialled } = core.failure;
  let least: NodeId | undefined;
  let next: NodeId | undefined;
  for (const { member, state } of standings.all()) {
    if (state !== "unreachable") continue;
    if (least === undefined || member < least) least = member;
    if (member > redialled && (next === undefined || member < next)) next = member;
  }
  return next ?? least;
}
