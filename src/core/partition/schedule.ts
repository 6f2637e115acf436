/** When the next call starts and the present one is sent; the rest of the folder asks here. */
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";

/** A call is called for: now, after the running one, or when the last confirmation has aged. */
export function wantCall(core: CoreState, now: Now): void {
  const { partition } = core;
  if (partition.isCalling) {
    partition.isPending = true;
    return;
  }
  const startMs = Math.max(now.monoMs, partition.quietMonoMs);
  partition.startMonoMs = Math.min(partition.startMonoMs, startMs);
}

/** Sends soon: somebody new has answered, or a quorum has. */
export function sendSoon(core: CoreState, now: Now): void {
  const { partition } = core;
  const soonMs = Math.max(now.monoMs, partition.sentMonoMs + NEWS_MS);
  partition.sendMonoMs = Math.min(partition.sendMonoMs, soonMs);
}

/** On news a call is sent, and a peer answered, at most so often. */
export const NEWS_MS = 12;
