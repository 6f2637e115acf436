/**
 * What a roll call says: a quorum answered, or this node is partitioned; and what follows.
 *
 * 1. A node with a quorum refuses nothing. Members known for less than SETTLE_MS cannot cost it its
 *    quorum: the call also holds when a quorum of the others answered, and is then repeated.
 * 2. The refusal needs the call alone; the alarm also needs the own links to agree.
 */
import type { CoreState } from "../core-state.ts";
import { abandonStored } from "../durability/stored.ts";
import type { Now } from "../now.ts";
import { quorumOf } from "../peers/quorum.ts";
import { raiseAlarm, setHealth } from "./health.ts";
import { lookAtMembers } from "./members.ts";
import { NEVER, SETTLE_MS } from "./partition-state.ts";
import { startRecovery } from "./recovery.ts";
import type { Roster } from "./roster.ts";
import { callMs, heedSlowness, patienceMs, restedMonoMs, sendSoon } from "./schedule.ts";

/** A confirmed call goes on so long, so that the count becomes complete. */
const LINGER_MS = 100;
/** A partitioned node calls again after so long, or as long as a call takes. */
const RETRY_MS = 400;

/** New answers have come: a quorum confirms at once. */
export function assess(core: CoreState, now: Now): void {
  const { partition } = core;
  const { roster, call } = partition;
  if (roster === undefined || call === undefined) return;
  const { members, answered } = roster.tally(call.heard, NEVER);
  if (partition.isCalling) {
    if (answered >= quorumOf(Math.max(1, members)).size) confirm(core, { isWhole: true }, now);
    else return;
  }
  partition.answered = Math.max(1, answered);
  if (answered === members) partition.lingerMonoMs = Math.min(partition.lingerMonoMs, now.monoMs);
}

/** The running call's time is over. */
export function judge(core: CoreState, now: Now): void {
  const { partition } = core;
  const roster = lookAtMembers(core, now);
  assess(core, now);
  if (!partition.isCalling) return;
  const waitMs = partition.gainMonoMs + patienceMs(core, now) - now.monoMs;
  heedSlowness(core, now);
  const leftMs = partition.longestMs - tookMs(core, now);
  // Whole milliseconds, or rounding could keep the deadline where it is.
  if (Math.min(waitMs, leftMs) >= 1) {
    partition.judgeMonoMs = now.monoMs + Math.min(waitMs, leftMs);
    return;
  }
  partition.answered = answeredOf(core, roster, NEVER).answered;
  const settled = answeredOf(core, roster, now.monoMs - SETTLE_MS);
  const isJoining = !partition.hasJoined && partition.health === "healthy";
  if (isJoining || settled.members === 0 || settled.answered >= quorumOf(settled.members).size) {
    confirm(core, { isWhole: false }, now);
  } else {
    lose(core, now);
  }
}

/** @param call.isWhole false when only a quorum of the settled members answered. */
function confirm(core: CoreState, call: { readonly isWhole: boolean }, now: Now): void {
  const { partition } = core;
  partition.judgeMonoMs = NEVER;
  partition.pauses = 0;
  partition.lingerMonoMs = now.monoMs + LINGER_MS;
  partition.confirmedMonoMs = now.monoMs;
  partition.tookMs = tookMs(core, now);
  if (partition.isPending || !call.isWhole) partition.startMonoMs = restedMonoMs(core, now);
  partition.isPending = false;
  sendSoon(core, now);
  if (partition.health === "partitioned") startRecovery(core, now);
}

/** How long this node's own call has been on. */
function tookMs({ partition }: CoreState, now: Now): number {
  return now.monoMs - (partition.call?.beganMonoMs ?? now.monoMs);
}

function lose(core: CoreState, now: Now): void {
  const { partition } = core;
  partition.judgeMonoMs = NEVER;
  partition.pauses = 0;
  partition.sendMonoMs = NEVER;
  partition.isPending = false;
  partition.startMonoMs = now.monoMs + Math.max(RETRY_MS, callMs(core, now));
  partition.recoveryDueMonoMs = NEVER;
  // Who leaves is its own quorum: it takes no writes, and has nothing to tell of the others.
  if (core.leaving.isOn) return;
  setHealth(core, "partitioned");
  abandonStored(core, "this node hears no quorum");
  raiseAlarm(core);
}

function answeredOf(core: CoreState, roster: Roster, sinceMonoMs: number) {
  return roster.tally(core.partition.call?.heard ?? new Uint8Array(0), sinceMonoMs);
}
