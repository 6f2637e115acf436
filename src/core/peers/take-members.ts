/** Stage "merge" for membership: verified records into the member list and the peer registry. */
import { renewClaims } from "../agents/claims.ts";
import { noticeConflicts } from "../agents/conflicts.ts";
import type { CoreState } from "../core-state.ts";
import { noteRecord } from "../failure/judging.ts";
import { HELLO_MS, memberGone, sendHello } from "../gossip/links.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { refuseFrame } from "../trust/refuse.ts";
import type { Work } from "../trust/verify.ts";
import { FRAME_HELLO } from "../wire/frame.ts";
import type { MemberRecord, SignedMember } from "../wire/member.ts";
import { noteOwnLeave } from "./leave.ts";
import { memberOf } from "./member-of.ts";
import type { MemberTable } from "./member-table.ts";
import { MEMBERS_MAX } from "./membership.ts";
import { refute, storeMember } from "./own-record.ts";

/** Accepts a peer's Hello; true when gossip with it may start now. */
export function takeHello(core: CoreState, work: Work, verdicts: Uint8Array, now: Now): boolean {
  const { peer, frame } = work;
  const link = core.view.link(peer);
  if (frame.type !== FRAME_HELLO || link === undefined) return false;
  const said = memberOf(core, frame.member);
  // The channel proves the peer's key; the record must be about that key.
  if (said?.record.id !== peer) return refused(core, peer, "malformed");
  if (verdicts.some((verdict) => verdict !== 1)) return refused(core, peer, "signature");
  if (work.uncertified > 0) {
    // Counted with the frame; nothing else that the peer sends can be taken.
    core.out.links.push({ kind: "disconnect", peer, reason: "certificate" });
    return false;
  }
  core.announcements.add(takeMembers(core, work, verdicts, now), now);
  if (!frame.heard && now.monoMs - link.helloMonoMs >= HELLO_MS) sendHello(core, link, now);
  const wasGossiping = core.view.isGossiping(peer);
  link.peerWants = frame.gossip;
  if (link.ready) return core.view.isGossiping(peer) && !wasGossiping;
  if (core.registry.get(peer) === undefined) register(core, said.record, now);
  link.ready = true;
  core.registry.touch(peer, now);
  core.out.events.push({ kind: "peer:up", peer });
  return true;
}

/** Takes verified records; returns those that were new or newer, to be handed on. */
export function takeMembers(
  core: CoreState,
  work: Work,
  verdicts: Uint8Array,
  now: Now,
): SignedMember[] {
  const taken: SignedMember[] = [];
  for (const [i, member] of work.members.entries()) {
    if (verdicts[i] !== 1) {
      refuseFrame(core, work.peer, "signature");
      continue;
    }
    if (member.record.id === core.config.nodeId) {
      noteOwnLeave(core, work.peer, member.record);
      if (refute(core, member.record)) renewClaims(core, now);
      continue;
    }
    const back = core.membership.isDeparted(member.record.id);
    const merge = core.membership.merge(member);
    for (const evicted of core.membership.takeEvicted()) forget(core, evicted);
    if (merge === "known" || merge === "unsampled") continue;
    taken.push(member);
    // What comes from this node itself comes out of its store.
    if (work.peer !== core.config.nodeId) storeMember(core, member);
    if (merge !== "crowned") note(core, member.record, back || merge === "new", now);
  }
  return taken;
}

/**
 * Takes a whole mesh's records, shared by many cores, in place of one after another; to be called
 * before anybody is known. Of more than a full view holds, each core keeps its own sample.
 */
export function adoptMembers(core: CoreState, table: MemberTable, now: Now): void {
  const { membership, registry, config } = core;
  if (table.members.size <= MEMBERS_MAX) {
    membership.adopt(table);
    registry.adopt(table, now);
    return;
  }
  membership.becomePartial();
  for (const member of table.members.values()) membership.merge(member);
  membership.takeEvicted();
  for (const id of membership.present()) {
    const record = membership.get(id);
    if (record !== undefined && id !== config.nodeId) registry.introduce(record, now);
  }
}

function note(core: CoreState, record: MemberRecord, joins: boolean, now: Now): void {
  // Who is expunged may sign what it likes: it is no peer any more.
  if (core.proofs.has(record.id)) return;
  noteRecord(core, record, now);
  if (record.left) {
    core.registry.deregister(record.id);
    core.out.events.push({ kind: "member:left", peer: record.id });
    memberGone(core, record.id, now);
    return;
  }
  core.registry.introduce(record, now);
  // Claims count from the moment their node is known: they may have come before its record.
  noticeConflicts(core, core.inboxes.agents);
  if (joins) core.out.events.push({ kind: "member:up", peer: record.id });
}

/** A partial view has let a member go; a linked one stays known to the registry. */
function forget(core: CoreState, id: NodeId): void {
  if (core.view.link(id) === undefined) core.registry.deregister(id);
}

function register(core: CoreState, record: MemberRecord, now: Now): void {
  const { id, addresses, region, zone } = record;
  core.registry.register({ id, addresses, region, zone, admitted: true }, "contact", now);
}

function refused(core: CoreState, peer: NodeId, reason: "malformed" | "signature"): false {
  refuseFrame(core, peer, reason);
  core.out.links.push({ kind: "disconnect", peer, reason });
  return false;
}
