/**
 * Stage "admit": what a decoded frame must satisfy before any work is spent on it (C6). The
 * frame's time is judged by the local clock and costs its sender locally; state never is.
 */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { FRAME_HELLO, type Frame } from "../wire/frame.ts";
import { bytesEqual } from "../wire/member.ts";
import { isIgnored } from "./charge.ts";

/** A frame's stamp may differ from the local wall clock by this much (C6: 5 min). */
const FRAME_TIME_OFF_MS_MAX = 300_000;

export type AdmitRefusal = "unknown_sender" | "timestamp" | "reputation" | "mesh" | "rate";

/** Undefined when the frame may go on. */
export function admit(
  core: CoreState,
  peer: NodeId,
  decoded: { readonly frame: Frame; readonly wallMs: number },
  now: Now,
): AdmitRefusal | undefined {
  const { frame, wallMs } = decoded;
  const link = core.view.link(peer);
  if (link === undefined) return "unknown_sender";
  if (frame.type === FRAME_HELLO) {
    if (!bytesEqual(frame.meshId, core.config.meshId)) return "mesh";
  } else if (!link.ready) {
    return "unknown_sender";
  }
  if (Math.abs(wallMs - now.wallMs) > FRAME_TIME_OFF_MS_MAX) return "timestamp";
  if (isIgnored(core, peer)) return "reputation";
  return undefined;
}
