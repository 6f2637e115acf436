/**
 * Large worlds begin in the middle of their lives, as if all had joined long ago: every node holds
 * the others' signed records (a random part of them where a view would be partial), and the links
 * that the cores plan stand at once. No state is there yet: all roots are equal.
 */
import { MemberTable } from "../../core/peers/member-table.ts";
import { MEMBERS_MAX } from "../../core/peers/membership.ts";
import type { SignedMember } from "../../core/wire/member.ts";
import type { World } from "./world.ts";

/** Records that a node of a partial view begins with: somewhat more than its sample. */
const REMEMBERED = 300;
/** Cores plan their links every 250 ms; two plans, so that wishes have been told as well. */
const LINKING_MS = 600;

/** Takes the world from its first instant, when all processes have started, to its links. */
export function beginSteady(world: World): void {
  world.links.areStanding = true;
  world.runUntil(0);
  const records = world.nodes.flatMap((node) => node.core?.memberRecords() ?? []);
  const members = records.flatMap((bytes) => world.interner.member(bytes) ?? []);
  if (members.length > MEMBERS_MAX) sample(world, members);
  else share(world, members);
  world.runUntil(LINKING_MS);
  world.links.areStanding = false;
}

function share(world: World, members: readonly SignedMember[]): void {
  const table = new MemberTable(members, world.kernels);
  for (const node of world.nodes) world.command(node, { kind: "members.shared", table });
}

function sample(world: World, members: readonly SignedMember[]): void {
  for (const node of world.nodes) {
    const records: Uint8Array[] = [];
    for (let drawn = 0; drawn < REMEMBERED; drawn++) {
      const member = members[world.random.below(members.length)];
      if (member !== undefined) records.push(member.bytes);
    }
    world.command(node, { kind: "members", records, partial: true });
  }
}
