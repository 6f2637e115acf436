/**
 * Stage "admit", before any work: a frame is charged to its sender's budgets, and a sender that
 * floods is cut off. Each function says whether the frame may go on.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_OPS_MAX,
  DELTA_PREFIX_BYTES,
  KIND_RECORD,
  RECORD_BODY_BYTES,
  SCAN_ROWS_MAX,
} from "../../../assembly/layout.ts";
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { isAt, u32At } from "../wire/bytes-at.ts";
import { operationCountOf } from "../wire/delta.ts";
import { FRAME_DELTA, isFollowed } from "../wire/delta-frame.ts";
import { FRAME_HEAD_BYTES, FRAME_TYPE_OFFSET, type Frame } from "../wire/frame.ts";
import { FRAME_FILL } from "../wire/gap-frames.ts";
import { type CarriedDeltas, NO_STUBS } from "../wire/stub.ts";
import type { Charge } from "./token-bucket.ts";

/** A frame of a peer that is ignored counts for so many: it is to stop, not to be paid for. */
const IGNORED_FRAME_COST = 10;

/** What a frame in deltas brings, by who made it. */
export interface OperationCount {
  readonly own: number;
  readonly handedOn: number;
}

/**
 * Charges an undecoded frame.
 * @returns `asked`: history that this node has asked for, which is not charged as operations.
 */
export function chargeFrame(
  core: CoreState,
  peer: NodeId,
  bytes: Uint8Array,
  now: Now,
): "within" | "asked" | "refused" {
  const { budgets } = core;
  if (budgets.isCut(peer, now.monoMs)) return "refused";
  const type = bytes[FRAME_TYPE_OFFSET];
  const isAnswer = type === FRAME_DELTA || type === FRAME_FILL;
  const follows = type === FRAME_DELTA && isFollowed(bytes[FRAME_HEAD_BYTES]);
  const asked = isAnswer && budgets.takeOwed(peer, follows);
  const frames = isIgnored(core, peer) ? IGNORED_FRAME_COST : 1;
  const cost = { frames, bytes: asked ? 0 : bytes.length };
  const charge = budgets.chargeFrame(peer, cost, now.monoMs);
  if (!settle(core, peer, charge, now)) return "refused";
  return asked ? "asked" : "within";
}

/** Charges the operations of a decoded frame, before its deltas are looked into. */
export function chargeOperations(core: CoreState, peer: NodeId, frame: Frame, now: Now): boolean {
  if (!("deltas" in frame)) return true;
  const id = core.budgets.idBytes(peer);
  if (id === undefined) return true; // without a link nothing is admitted anyway
  const operations = countOperations(frame, id);
  return settle(core, peer, core.budgets.chargeOperations(peer, operations, now.monoMs), now);
}

/** Charges signatures that are to be verified. */
export function chargeSignatures(core: CoreState, peer: NodeId, count: number, now: Now): boolean {
  return settle(core, peer, core.budgets.chargeSignatures(peer, count, now.monoMs), now);
}

/** Whether a peer's reputation is below the threshold: its frames are not heard. */
export function isIgnored(core: CoreState, peer: NodeId): boolean {
  if (core.proofs.has(peer)) return true;
  if (!core.registry.hasTarnished) return false;
  const reputation = core.registry.get(peer)?.reputation;
  return reputation !== undefined && reputation < core.config.reputationThreshold;
}

/**
 * Operations in deltas laid end to end, as their headers say, without reading a body. A delta counts
 * for one at least; a header that claims more than a delta holds, for that much.
 */
export function countOperations(
  { deltas, stubs = NO_STUBS }: CarriedDeltas,
  peer: Uint8Array,
): OperationCount {
  let own = 0;
  let handedOn = 0;
  let at = 0;
  let nextStub = 0;
  for (let row = 0; row < SCAN_ROWS_MAX && at + DELTA_PREFIX_BYTES <= deltas.length; row++) {
    const count = Math.max(1, Math.min(DELTA_OPS_MAX, operationCountOf(deltas, at)));
    if (isAt(deltas, at + DELTA_AUTHOR_OFFSET, peer)) own += count;
    else handedOn += count;
    const isStub = stubs[nextStub] === row;
    if (isStub) nextStub += 1;
    const isRecord = deltas[at + DELTA_KIND_OFFSET] === KIND_RECORD;
    const cutBodyBytes = isRecord ? RECORD_BODY_BYTES : 0;
    const bodyBytes = isStub ? cutBodyBytes : u32At(deltas, at + DELTA_BODY_BYTES_OFFSET);
    at += DELTA_PREFIX_BYTES + bodyBytes;
  }
  return { own, handedOn };
}

function settle(core: CoreState, peer: NodeId, charge: Charge, now: Now): boolean {
  if (charge === "flood") cutOff(core, peer, now);
  return charge === "within";
}

/** Ends a peer's link for a while. Local: nobody is told, no reputation changes. */
function cutOff(core: CoreState, peer: NodeId, now: Now): void {
  if (core.budgets.isCut(peer, now.monoMs)) return;
  core.budgets.cut(peer, now.monoMs);
  core.out.events.push({ kind: "peer:refused", peer, reason: FLOOD });
  core.out.links.push({ kind: "disconnect", peer, reason: FLOOD });
}

/** Why a link ends: its peer sends more than it may, and does not let up. */
export const FLOOD = "flood";
