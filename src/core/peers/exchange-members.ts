/**
 * Keeping member lists equal: where digests differ, digests by bucket, then the records of the
 * buckets that differ. Partial views are not compared; they mix, a few records now and then.
 */
import type { CoreState } from "../core-state.ts";
import { tellUnreachable } from "../failure/words.ts";
import { transmit } from "../gossip/transmit.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import {
  BUCKET_BYTES,
  type BucketsFrame,
  FRAME_BUCKETS,
  FRAME_MEMBERS,
  MEMBER_BUCKETS,
} from "../wire/frame.ts";
import { bytesEqual, type SignedMember } from "../wire/member.ts";
import { memberParts } from "./member-parts.ts";
import { isFullDigest } from "./membership.ts";

/** Member lists are compared with one peer at most this often. */
const EXCHANGE_MS = 1_000;
/** A list of at most this many records is sent whole: comparing would cost as much. */
const WHOLE_LIST_MAX = 32;
/** Records of a partial view handed to a new link. */
const GREETING_RECORDS = 64;
/** Records of a partial view handed to one link each MIX_MS. */
const MIX_RECORDS = 8;
export const MIX_MS = 10_000;

/** A peer has shown the digest of its member list. */
export function exchangeMembers(core: CoreState, peer: NodeId, digest: Uint8Array, now: Now): void {
  const { membership, view } = core;
  const link = view.link(peer);
  if (link === undefined) return;
  link.claimsPartial = !isFullDigest(digest);
  if (link.claimsPartial && isClaimedByMany(core)) membership.becomePartial();
  if (link.claimsPartial || membership.isPartial) return;
  if (bytesEqual(digest, membership.digest())) return;
  if (now.monoMs - link.membersMonoMs < EXCHANGE_MS) return;
  link.membersMonoMs = now.monoMs;
  const members = membership.signed();
  if (members.length <= WHOLE_LIST_MAX) return sendMembers(core, peer, members, now);
  sendBuckets(core, peer, true, now);
}

/** More than a third of the links: fewer may be liars, and a view given up does not come back. */
function isClaimedByMany({ view }: CoreState): boolean {
  const peers = view.peers();
  const claims = peers.filter((peer) => view.link(peer)?.claimsPartial === true).length;
  return claims * 3 > peers.length;
}

/** Sends the records of the buckets in which the lists differ; answers with the own digests. */
export function takeBuckets(core: CoreState, peer: NodeId, frame: BucketsFrame, now: Now): void {
  const { membership, view } = core;
  const link = view.link(peer);
  if (link === undefined || membership.isPartial) return;
  // Only an answer to an own question, or a question, and that as seldom as own ones.
  const sinceMs = now.monoMs - link.bucketsMonoMs;
  if (frame.asks && sinceMs < EXCHANGE_MS) return;
  if (frame.asks) link.bucketsMonoMs = now.monoMs;
  const own = membership.bucketDigests();
  const members: SignedMember[] = [];
  for (let bucket = 0; bucket < MEMBER_BUCKETS; bucket++) {
    if (!isSameBucket(own, frame.digests, bucket)) members.push(...membership.signedIn(bucket));
  }
  if (frame.asks) sendBuckets(core, peer, false, now);
  sendMembers(core, peer, members, now);
}

function isSameBucket(own: Uint8Array, others: Uint8Array, bucket: number): boolean {
  const end = (bucket + 1) * BUCKET_BYTES;
  for (let at = bucket * BUCKET_BYTES; at < end; at++) if (own[at] !== others[at]) return false;
  return true;
}

/** Hands a new link some of a partial view. */
export function greet(core: CoreState, peer: NodeId, now: Now): void {
  if (core.membership.isPartial) sendSome(core, peer, GREETING_RECORDS, now);
}

/** Hands one link some of a partial view; to be called every MIX_MS. */
export function mixMembers(core: CoreState, now: Now): void {
  if (!core.membership.isPartial) return;
  const peers = core.view.peers();
  if (peers.length === 0) return;
  const peer = peers[core.random.below(peers.length)];
  if (peer !== undefined) sendSome(core, peer, MIX_RECORDS, now);
}

function sendSome(core: CoreState, peer: NodeId, count: number, now: Now): void {
  const own = core.membership.signedOf(core.config.nodeId);
  const others = core.membership.signed().filter((member) => member !== own);
  const some = core.random.shuffleHead(others, count).slice(0, count);
  sendMembers(core, peer, own === undefined ? some : [own, ...some], now);
}

function sendBuckets(core: CoreState, peer: NodeId, asks: boolean, now: Now): void {
  const digests = core.membership.bucketDigests();
  transmit(core, [peer], { type: FRAME_BUCKETS, asks, digests }, now);
}

function sendMembers(
  core: CoreState,
  peer: NodeId,
  members: readonly SignedMember[],
  now: Now,
): void {
  for (const part of memberParts(members)) {
    transmit(core, [peer], { type: FRAME_MEMBERS, members: part }, now);
  }
  // A newcomer could not place a word about members it had not heard of before.
  tellUnreachable(core, peer, now);
}
