/** When the next call starts, how long it may take, when it is sent; the rest of the folder asks here. */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { NEVER } from "./partition-state.ts";

/** A call is called for: now, after the running one, or when the last confirmation has aged. */
export function wantCall(core: CoreState, now: Now): void {
  const { partition } = core;
  if (partition.isCalling) {
    partition.isPending = true;
    return;
  }
  // Where answers take long, others' calls are given their time too: a later one would end them.
  const joinedMonoMs = partition.call?.joinedMonoMs ?? -NEVER;
  const restMs = callMs(core, now) - CALL_MS;
  const startMs = Math.max(now.monoMs, restedMonoMs(core, now), joinedMonoMs + restMs);
  partition.startMonoMs = Math.min(partition.startMonoMs, startMs);
}

/** What a call was wanted for has been settled otherwise. */
export function dropWantedCall({ partition }: CoreState): void {
  partition.isPending = false;
  if (!partition.isCalling) partition.startMonoMs = NEVER;
}

/** Sends soon: somebody new has answered, or a quorum has. */
export function sendSoon(core: CoreState, now: Now): void {
  const { partition } = core;
  const soonMs = Math.max(now.monoMs, partition.sentMonoMs + newsMs(core, now));
  partition.sendMonoMs = Math.min(partition.sendMonoMs, soonMs);
}

/**
 * When the rest ends that follows a confirmed call; a long one is looked at again meanwhile, as the host may
 * not stay busy.
 */
export function restedMonoMs(core: CoreState, now: Now): number {
  const { confirmedMonoMs, tookMs } = core.partition;
  const busyMs = core.lateness.isBusy(now)
    ? Math.min(QUIET_BUSY_MS_MAX, QUIET_CALLS_BUSY * tookMs)
    : 0;
  const shareMs = (QUIET_MS / CALL_MS) * callMs(core, now);
  const restMs = Math.max(QUIET_MS, shareMs, QUIET_CALLS * tookMs, busyMs);
  return Math.min(confirmedMonoMs + restMs, Math.max(confirmedMonoMs, now.monoMs) + REST_LOOK_MS);
}

/**
 * On news a call is sent, and a peer answered, at most so often: what comes within a turn of a busy
 * host's event loop is told in one frame.
 */
export function newsMs({ lateness }: CoreState, now: Now): number {
  return lateness.isBusy(now) ? Math.max(NEWS_MS, lateness.ofLateMs(now)) : NEWS_MS;
}

/** How long this node's call may take: far peers and busy ones need longer to answer. */
export function callMs({ parameters, lateness }: CoreState, now: Now): number {
  const roundTripsMs = CALL_ROUND_TRIPS * parameters.rttMs;
  const latenessMs = CALL_LATENESSES * lateness.ofLateMs(now);
  const leastMs = lateness.isBusy(now) ? CALL_BUSY_MS : CALL_MS;
  return Math.min(CALL_MS_MAX, Math.max(leastMs, roundTripsMs, latenessMs));
}

/**
 * Who asks so long after this node joined its last call is answered out of it, later by another call: what
 * it has gathered says something for as long as one node's call may take. On a busy host frames of that
 * very call come late, and others for their sake would keep it busy.
 */
export function freshMs(core: CoreState, isOfCall: boolean, now: Now): number {
  return isOfCall && core.lateness.isBusy(now) ? FRESH_BUSY_MS : callMs(core, now);
}

/**
 * Who has not answered for so long since the last answer may not any more; on a busy host, longer, and
 * where frames get lost.
 */
export function patienceMs(core: CoreState, now: Now): number {
  const lossyMs = (STILL_COMING_LOSSY_MS / CALL_MS) * callMs(core, now);
  const leastMs = losesFrames(core, now) ? lossyMs : STILL_COMING_MS;
  return Math.max(leastMs, STILL_COMING_LATENESSES * core.lateness.ofLateMs(now));
}

/**
 * While new answers come a call goes on, but not for ever: on a busy host and where frames get lost they take
 * long. Elsewhere whoever comes so late was found by no flood, and would keep a node that has lost its
 * quorum writable. What the call has met counts to its end: a host that has just come to rest has brought no
 * answer yet. P1 for a lone node of 16 with the wait for a silence: 250 + 700 ms < 1 s.
 */
export function heedSlowness(core: CoreState, now: Now): void {
  const { partition } = core;
  if (isSlow(core, now)) partition.isSlow = true;
  const longestMs = partition.isSlow ? ANSWERS_MS_MAX : (LONGEST_MS / CALL_MS) * callMs(core, now);
  partition.longestMs = Math.max(partition.longestMs, longestMs);
}

/**
 * So long an answer is good beyond the moment, and a call may stand still. Where frames get lost both
 * are no sign of a change, and answers take their time: there they are good as long as the own call.
 */
export function goodMs(core: CoreState, now: Now): number {
  return core.partition.isSlow || isSlow(core, now) ? NEVER : patienceMs(core, now);
}

/** Frames get lost, or the host is busy: answers take their time. */
function isSlow(core: CoreState, now: Now): boolean {
  return losesFrames(core, now) || core.lateness.isBusy(now);
}

function losesFrames({ missing, failure }: CoreState, now: Now): boolean {
  return missing.isLossy(now) || failure.probes.isLossy(now);
}

const NEWS_MS = 12;
/** From a node's first silence or hearing to its verdict: with the probe's wait less than 1 s. */
const CALL_MS = 400;
const CALL_MS_MAX = 2_000;
/** At least, on a busy host: this process may be in time for a moment, and those that answer late. */
const CALL_BUSY_MS = 1_000;
/** Of a call that takes CALL_MS; others in proportion. */
const LONGEST_MS = 700;
const ANSWERS_MS_MAX = 10_000;
/** Round trips that a call takes through a mesh: echoes first, then a few hops there and back. */
const CALL_ROUND_TRIPS = 8;
/** Where this process runs late its peers mostly do, and every hop of a call waits for some. */
const CALL_LATENESSES = 16;
/** After a confirmed call the next own one waits so long, or in proportion; and twice as long as it took. */
const QUIET_MS = 250;
const QUIET_CALLS = 2;
/** Where calls themselves keep a host busy they leave it most of the time, within a bound. */
const QUIET_CALLS_BUSY = 8;
const QUIET_BUSY_MS_MAX = 5_000;
const REST_LOOK_MS = 250;
const FRESH_BUSY_MS = 5_000;
const STILL_COMING_MS = 150;
const STILL_COMING_LATENESSES = 4;
/** The same where frames get lost, of a call that takes CALL_MS: a lost quorum is still found out within 1 s. */
const STILL_COMING_LOSSY_MS = 200;
