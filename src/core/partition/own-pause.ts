/**
 * The own process stood still: what it did not hear meanwhile says nothing.
 */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { NEVER } from "./partition-state.ts";

/** Lateness up to this is the timer's; beyond it the running call is given the time it lost. */
const LATE_MS = 20;
/** Beyond this the process stood still: silences start afresh, and the verdict waits. */
const PAUSE_MS = 100;
/** After a pause there is no verdict for this long. */
const WAKE_MS = 1_000;
/** Answers from before a pause of this length are too old: the call is void. */
const VOID_MS = 1_000;
/** After a pause, what has waited is read: calls in it have been settled, and one that has not is told again. */
const BACKLOG_MS = 100;
/** So many pauses put one verdict off; a process that goes on pausing is judged by the time it runs. */
const PAUSES_MAX = 10;

/** An input has come late. */
export function heedLateness(core: CoreState, lateMs: number, now: Now): void {
  if (lateMs <= LATE_MS) return;
  const { partition } = core;
  const isWanted = partition.isCalling || partition.startMonoMs !== NEVER;
  if (!isWanted) partition.pauses = 0;
  const mayWait = partition.pauses < PAUSES_MAX;
  if (lateMs > VOID_MS && mayWait) voidCall(core, now);
  if (partition.isCalling) partition.judgeMonoMs += lateMs;
  if (lateMs <= PAUSE_MS || !mayWait) return;
  partition.deafMonoMs = now.monoMs + BACKLOG_MS;
  partition.pauses += 1;
  partition.silent.clear();
  partition.trustMonoMs = now.monoMs + WAKE_MS;
  if (partition.isCalling) {
    partition.judgeMonoMs = Math.max(partition.judgeMonoMs, partition.trustMonoMs);
  }
}

/** If a call was on or due, another starts. */
function voidCall(core: CoreState, now: Now): void {
  const { partition } = core;
  if (partition.isCalling || partition.startMonoMs !== NEVER) partition.startMonoMs = now.monoMs;
  partition.call = undefined;
  partition.judgeMonoMs = NEVER;
  partition.sendMonoMs = NEVER;
  partition.lingerMonoMs = -NEVER;
  partition.isPending = false;
}
