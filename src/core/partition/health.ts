/** How a node stands: its health, who answers of how many, and who is told of a change. */
import type { CoreState } from "../core-state.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import type { Health } from "./partition-state.ts";

export function isReadOnly(core: CoreState): boolean {
  return core.partition.health !== "healthy" && core.config.whenPartitioned !== "available";
}

/** How many members of the own region make a quorum, and how many are known to answer. */
export function standing(core: CoreState): { quorum: number; reachable: number } {
  const { partition } = core;
  const { members, size: quorum } = core.registry.quorum(core.config.region);
  const isWhole = partition.health === "healthy" && partition.silent.size === 0;
  return { quorum, reachable: isWhole ? members : Math.min(members, partition.answered) };
}

/**
 * Tells of the partition once, as soon as the own links agree that something is cut off. Who has met
 * nobody since it began has lost nobody: that it may not write yet, its health says.
 */
export function raiseAlarm(core: CoreState): void {
  const { partition } = core;
  const links = core.view.peers();
  const agrees = links.length === 0 || partition.silent.size > 0;
  if (partition.isAlarmed || partition.isReturning || !agrees) return;
  partition.isAlarmed = true;
  const { quorum, reachable } = standing(core);
  const cause = links.every((peer) => partition.silent.has(peer)) ? "isolated" : "cut";
  core.cells.add(CELLS.partitionDetections, 1);
  core.out.events.push({ kind: "partition:detected", reachable, quorum, cause });
}

export function setHealth(core: CoreState, health: Health): void {
  const from = core.partition.health;
  if (from === health) return;
  core.partition.health = health;
  core.out.events.push({ kind: "health:changed", health, from });
}
