/**
 * Departure: a member silent for `departAfterMs` leaves n, but only by statements that a quorum of
 * the present members has signed, or by one of the authority. A newer record of it, whenever it
 * comes, undoes that.
 */
import type { CoreState } from "../core-state.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { renewOwnRecord } from "../peers/own-record.ts";
import { quorumOf } from "../peers/quorum.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { refuseFrame } from "../trust/refuse.ts";
import { concat } from "../wire/concat.ts";
import { encodeDeparture, type SignedDeparture } from "../wire/departure.ts";
import { FRAME_DEPART } from "../wire/failure-frames.ts";
import { partsOf } from "./departures.ts";
import { storeDeparted } from "./stored-departed.ts";

/** Default of CoreConfig.departAfterMs: ten minutes. */
const DEPART_AFTER_MS = 600_000;
/** Members whose departure a node signs at once: so many are settled before the next. */
const SIGNING_MAX = 16;
const REPEAT_MS = 1_000;
/** A certificate is sent to one peer at most this often. */
const CERTIFICATE_MS = 1_000;

/** Signs what is due and repeats what is open; called at every maintenance. */
export function signDepartures(core: CoreState, now: Now): void {
  const { standings, departures } = core.failure;
  if (standings.unreachableCount === 0) return;
  const afterMs = core.config.departAfterMs ?? DEPART_AFTER_MS;
  const due: NodeId[] = [];
  for (const { member, state, sinceMonoMs } of standings.all()) {
    if (state === "unreachable" && now.monoMs - sinceMonoMs >= afterMs) due.push(member);
  }
  // Every node takes the lowest ids first, so that quorums meet on the same members.
  for (const member of due.sort().slice(0, SIGNING_MAX)) {
    if (!departures.has(member, core.config.nodeId)) sign(core, member, now);
  }
  if (due.length > 0 && now.monoMs >= departures.repeatMonoMs) repeat(core, now);
}

/** Whether a statement is worth verifying; a peer that lags behind a departure gets its certificate. */
export function wantsDeparture(core: CoreState, peer: NodeId, signed: SignedDeparture, now: Now) {
  const { member, epoch, counter, by } = signed.departure;
  const record = core.membership.get(member);
  if (record?.epoch !== epoch || record.counter !== counter || by === member) return false;
  if (core.membership.isDeparted(member)) {
    sendCertificate(core, peer, member, now);
    return false;
  }
  const { standings, departures } = core.failure;
  if (by === core.certificates.authority) return departures.wants(signed);
  return (
    standings.isUnreachable(member) && core.membership.isPresent(by) && departures.wants(signed)
  );
}

/** Takes verified statements. */
export function takeDepartures(
  core: CoreState,
  peer: NodeId,
  statements: readonly SignedDeparture[],
  verdicts: Uint8Array,
  now: Now,
): void {
  for (const [i, signed] of statements.entries()) {
    if (verdicts[i] === 1) take(core, peer, signed, now);
    else refuseFrame(core, peer, "signature");
  }
}

/** Hands on the statements that have gathered. */
export function flushDepartures(core: CoreState, now: Now): void {
  const { departures } = core.failure;
  for (const peer of core.view.peers()) {
    for (const statements of departures.partsFor(peer)) {
      transmit(core, [peer], { type: FRAME_DEPART, statements }, now);
    }
  }
  departures.handedOn();
}

function sign(core: CoreState, member: NodeId, now: Now): void {
  const record = core.membership.get(member);
  if (record === undefined || !core.membership.isPresent(member)) return;
  const { epoch, counter } = record;
  const { nodeId, meshId } = core.config;
  const departure = { member, epoch, counter, by: nodeId };
  const signed = encodeDeparture(departure, meshId);
  const signature = core.deps.crypto.sign(signed, core.deps.identityKey);
  take(core, undefined, { departure, bytes: concat([signed, signature]) }, now);
}

function take(core: CoreState, from: NodeId | undefined, signed: SignedDeparture, now: Now): void {
  const { member, by } = signed.departure;
  // Of several statements in one frame an earlier one may have settled it.
  if (!core.membership.isPresent(member)) return;
  const isEviction = by === core.certificates.authority;
  if (!isEviction && !core.failure.standings.isUnreachable(member)) return;
  if (member === core.config.nodeId) return refuteEviction(core, now);
  if (!core.failure.departures.add(signed)) return;
  core.failure.departures.handOn(signed.bytes, from, now);
  if (isEviction) return depart(core, member);
  // Of those who signed, some may have left since, or been expunged.
  const signers = core.failure.departures.signersOf(member);
  const present = signers.filter((by) => core.membership.isPresent(by)).length;
  const members = core.membership.present().length;
  if (present >= quorumOf(members).size) depart(core, member);
}

/** This node is not gone: a newer record of it undoes the statement. */
function refuteEviction(core: CoreState, now: Now): void {
  const addresses = core.membership.get(core.config.nodeId)?.addresses ?? [];
  core.announcements.add([renewOwnRecord(core, { addresses, left: false })], now);
}

function depart(core: CoreState, member: NodeId): void {
  core.membership.depart(member);
  core.registry.deregister(member);
  core.failure.standings.delete(member);
  core.failure.departures.close(member);
  storeDeparted(core);
  core.cells.add(CELLS.peerDepartures, 1);
  core.out.events.push({ kind: "member:departed", peer: member });
}

function repeat(core: CoreState, now: Now): void {
  const { departures } = core.failure;
  departures.repeatMonoMs = now.monoMs + REPEAT_MS;
  const peers = core.view.peers();
  if (peers.length === 0) return;
  const peer = peers[core.random.below(peers.length)];
  const statements = departures.sample(core.random);
  if (peer === undefined || statements.length === 0) return;
  transmit(core, [peer], { type: FRAME_DEPART, statements }, now);
}

function sendCertificate(core: CoreState, peer: NodeId, member: NodeId, now: Now): void {
  const probe = core.failure.probes.of(peer);
  if (now.monoMs - probe.certificateMonoMs < CERTIFICATE_MS) return;
  probe.certificateMonoMs = now.monoMs;
  for (const statements of partsOf(core.failure.departures.certificate(member))) {
    transmit(core, [peer], { type: FRAME_DEPART, statements }, now);
  }
}
