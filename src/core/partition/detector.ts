/**
 * The partition detector (C8): does what is due, and refuses what a read-only node must not take.
 * Silence of a link > roll call > verdict > read-only > recovery; one file each.
 */
import { type CommandResult, refusedCommand, type Write } from "../commands.ts";
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { sendCall, startCall } from "./calling.ts";
import { isReadOnly, standing } from "./health.ts";
import { lookAtMembers } from "./members.ts";
import { recoverOn } from "./recovery.ts";
import { wantCall } from "./schedule.ts";
import { judge } from "./verdict.ts";

/** Does what is due. */
export function runPartition(core: CoreState, now: Now): void {
  const { partition } = core;
  if (partition.judgeMonoMs <= now.monoMs) judge(core, now);
  if (partition.startMonoMs <= now.monoMs) startCall(core, now);
  if (partition.sendMonoMs <= now.monoMs) sendCall(core, now);
  if (partition.recoveryDueMonoMs <= now.monoMs) recoverOn(core, now);
}

/**
 * Looks at the member list now and then, and shows the figures. New members may put the quorum
 * beyond those who answered last, and members that are gone within their reach: then they are asked
 * again.
 */
export function maintainPartition(core: CoreState, now: Now): void {
  lookAtMembers(core, now);
  const { quorum, reachable } = standing(core);
  const { health, isCalling } = core.partition;
  const isDoubtful = health === "partitioned" ? reachable >= quorum : reachable < quorum;
  if (health !== "recovering" && !isCalling && isDoubtful) wantCall(core, now);
  core.cells.set(CELLS.partitionQuorumSize, quorum);
  core.cells.set(CELLS.partitionReachablePeers, reachable);
}

/** The refusal of a user write while read-only; gauges and events go on. */
export function readOnlyProblem(core: CoreState, write: Write): CommandResult | undefined {
  if (!isReadOnly(core)) return undefined;
  if (write.op === "gauge.set" || write.op === "event.publish") return undefined;
  const { health } = core.partition;
  const { quorum, reachable } = standing(core);
  const message =
    health === "partitioned"
      ? `read-only: a quorum is ${quorum} members, ${reachable} answer`
      : "read-only: a quorum answers again, and this node is catching up with it";
  return refusedCommand("MESH_READ_ONLY", message, { health, reachable, quorum });
}
