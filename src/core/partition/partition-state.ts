/**
 * What a node keeps to know whether it hears a quorum. Plain state that the functions of this
 * folder read and write; instants are monotonic ms, NEVER where nothing is due.
 */
import type { NodeId } from "../node-id.ts";
import type { RollCall } from "./roll-call.ts";
import type { Roster } from "./roster.ts";

/**
 * `partitioned`: fewer than a quorum answered the last roll call. `recovering`: a quorum answers
 * again, and this replica is being brought up to it. Both are read-only unless configured otherwise.
 */
export type Health = "healthy" | "partitioned" | "recovering";

/** What the own links say of a lost quorum: none answers, or some do and others are silent. */
export type PartitionCause = "isolated" | "cut";

/** Later than any instant. */
export const NEVER = Number.POSITIVE_INFINITY;
/** A new member is given so long to be heard through others, and a new node to hear them. */
export const SETTLE_MS = 1_000;

export class PartitionState {
  health: Health = "healthy";
  /** The members as of the last look; undefined before the first. */
  roster: Roster | undefined;
  /** Members of the own region that answered the last roll call, this node included. */
  answered = 1;
  /** Members with whom a stamp went unanswered, since when; until they echo one. Only members. */
  readonly silent = new Map<NodeId, number>();

  /** The running or the last call. */
  call: RollCall | undefined;
  /** Latest number of a call that this node has seen. */
  lastCall: number | undefined;
  /** When the running call is judged; NEVER while none runs. */
  judgeMonoMs = NEVER;
  /** A confirmed call goes on for the others' sake until then. */
  lingerMonoMs = -NEVER;
  sendMonoMs = NEVER;
  sentMonoMs = -NEVER;
  /** Before it no members are dialled for their answer. */
  reachMonoMs = -NEVER;
  /** When this node starts a call of its own. */
  startMonoMs = NEVER;
  /** A silence fell during the running call: another call follows. */
  isPending = false;
  /** When a quorum last answered, and how long that took: own calls rest then. */
  confirmedMonoMs = -NEVER;
  tookMs = 0;
  /** The own call has met loss or a busy host, and how long it may go on while new answers come. */
  isSlow = false;
  longestMs = 0;
  /** Per link, the new calls it has brought within the present slot. */
  readonly introduced = new Map<NodeId, { slot: number; count: number }>();

  /** The first exchange with a member has ended; before it a node is joining and loses nothing. */
  hasJoined = false;
  /** Members of an earlier life are known, and none has been met in this one. */
  isReturning = false;
  /** After an own pause, and after joining: no verdict before. */
  trustMonoMs = -NEVER;
  /** After an own pause no new call is joined before: what is heard first has long been settled. */
  deafMonoMs = -NEVER;
  /** Own pauses that have put off the verdict that is wanted. */
  pauses = 0;

  /** `partition:detected` has been told and not yet taken back. */
  isAlarmed = false;
  recoveringMonoMs = NEVER;
  recoveryDueMonoMs = NEVER;
  recoveryPullMonoMs = -NEVER;
  /** Peers with whom an exchange has ended since recovery began. */
  readonly exchanged = new Set<NodeId>();
  /** When the own call last heard of somebody who had not answered it. */
  gainMonoMs = -NEVER;

  get isCalling(): boolean {
    return this.judgeMonoMs !== NEVER;
  }

  /** When {@link runPartition} is next due. */
  get dueMonoMs(): number {
    return Math.min(this.judgeMonoMs, this.sendMonoMs, this.startMonoMs, this.recoveryDueMonoMs);
  }
}
