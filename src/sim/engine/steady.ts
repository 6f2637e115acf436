/**
 * Large worlds begin in the middle of their lives, as if all had joined long ago: every node holds
 * the others' signed records (above the full view's bound: its own sample of all of them), and the
 * links that the cores plan stand at once. No state is there yet: all roots are equal.
 */
import { MemberTable } from "../../core/peers/member-table.ts";
import type { World } from "./world.ts";

/** Cores plan their links every 250 ms; two plans, so that wishes have been told as well. */
const LINKING_MS = 600;

/** Takes the world from its first instant, when all processes have started, to its links. */
export function beginSteady(world: World): void {
  world.links.areStanding = true;
  world.runUntil(0);
  const records = world.nodes.flatMap((node) => node.core?.memberRecords() ?? []);
  const members = records.flatMap((bytes) => world.interner.member(bytes) ?? []);
  const table = new MemberTable(members, world.kernels);
  for (const node of world.nodes) world.command(node, { kind: "members", table });
  world.runUntil(LINKING_MS);
  world.links.areStanding = false;
}
