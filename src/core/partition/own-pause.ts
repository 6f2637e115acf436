/**
 * The own process stood still: what it did not hear meanwhile says nothing. The core tells a pause
 * by its own deadlines: nothing was handled, and the next deadline is long past.
 */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { NEVER } from "./partition-state.ts";

/** Lateness up to this is the timer's; beyond it the running call is given the time it lost. */
const LATE_MS = 20;
/** Beyond this the process stood still: evidence starts afresh. */
const PAUSE_MS = 100;
/** After a pause there is no verdict for this long. */
const WAKE_MS = 1_000;

/** At the head of every handler. @param dueMonoMs the core's deadline before it. */
export function noteRunning(core: CoreState, dueMonoMs: number, now: Now): void {
  const { partition } = core;
  const lateMs = now.monoMs - Math.max(dueMonoMs, partition.handledMonoMs);
  partition.handledMonoMs = now.monoMs;
  if (lateMs <= LATE_MS) return;
  if (lateMs > PAUSE_MS) wakeUp(core, now);
  else if (partition.isCalling) partition.judgeMonoMs += lateMs;
}

function wakeUp(core: CoreState, now: Now): void {
  const { partition } = core;
  partition.silent.clear();
  partition.trustMonoMs = now.monoMs + WAKE_MS;
  // A call across the pause is void; if one was on or due, another starts.
  if (partition.isCalling || partition.startMonoMs !== NEVER) partition.startMonoMs = now.monoMs;
  partition.call = undefined;
  partition.judgeMonoMs = NEVER;
  partition.sendMonoMs = NEVER;
  partition.lingerMonoMs = -NEVER;
  partition.isPending = false;
}
