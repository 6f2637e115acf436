/**
 * First-hand evidence about links, as failure detection comes by it: when each peer last echoed one
 * of this node's own stamps, and when it last failed to.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";

/** A peer has echoed an own stamp: frames pass both ways. */
export function noteEcho(core: CoreState, peer: NodeId, now: Now): void {
  core.failure.evidence.set(peer, { echoMonoMs: now.monoMs, silent: false });
}

/** A linked peer has not echoed an own stamp in its time, or its link went down unasked. */
export function noteSilence(core: CoreState, peer: NodeId, _now: Now): void {
  const echoMonoMs = core.failure.evidence.get(peer)?.echoMonoMs ?? Number.NEGATIVE_INFINITY;
  core.failure.evidence.set(peer, { echoMonoMs, silent: true });
}
