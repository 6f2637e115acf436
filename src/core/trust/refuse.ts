/** Refused frames: counted by reason, charged to their sender where it is at fault. */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import { CELLS_BY } from "../telemetry/cells.gen.ts";
import type { FrameRefusal } from "../wire/frame.ts";
import type { AdmitRefusal } from "./admit.ts";
import { penalize } from "./penalty.ts";

export type Refusal =
  | FrameRefusal
  | AdmitRefusal
  | "signature"
  | "certificate"
  | "backlog"
  | "self";

export function refuseFrame(core: CoreState, peer: NodeId, reason: Refusal): void {
  const rejected = CELLS_BY.messageRejected;
  const counted = reason === "self" || reason === "backlog" ? "other" : reason;
  core.cells.add(rejected[counted], 1);
  switch (reason) {
    case "malformed":
    case "oversized":
    case "trailing":
      return penalize(core, peer, "malformed");
    case "signature":
    case "certificate":
      // A correct node hands on nothing that it would not have taken itself.
      return penalize(core, peer, reason);
    case "timestamp":
      return penalize(core, peer, "timestamp");
    case "version":
    case "mesh":
    case "self":
      // Not one of ours: the link has no use.
      core.out.events.push({ kind: "peer:refused", peer, reason });
      core.out.links.push({ kind: "disconnect", peer, reason });
      return;
    case "unknown_sender":
    case "reputation":
    case "backlog":
    case "rate":
      return;
  }
}
