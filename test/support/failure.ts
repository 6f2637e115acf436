/** Failure detection in a swarm: members that fall silent, and what the others make of it. */
import type { MeshCore } from "../../src/core/mesh-core.ts";
import { FRAME_SUSPECT } from "../../src/core/wire/failure-frames.ts";
import type { Word, WordState } from "../../src/core/wire/suspect.ts";
import type { Flying, Swarm, TestNode } from "./pair.ts";

/** Longer than any suspicion, the check before it included. */
export const VERDICT_MS = 6_000;

/** Lets time pass while nothing leaves or reaches the `dead`; their links stay. */
export function silence(swarm: Swarm, dead: readonly TestNode[], ms: number): void {
  swarm.advance(ms, ({ from, to }: Flying) => dead.includes(from) || dead.includes(to));
}

/** What each of `nodes` holds of a member. */
export function livenessAt(nodes: readonly TestNode[], member: TestNode): string[] {
  return nodes.map((node) => node.core.liveness(member.id));
}

/** The record with which every node of a swarm begins, its addresses told. */
export const FIRST_RECORD = { epoch: 1_700_000_000_001n, counter: 1 };

/** A word about a member's first record, unless another is given. */
export function wordAbout(
  member: TestNode,
  state: WordState,
  by: TestNode,
  record: { readonly epoch?: bigint; readonly counter?: number } = {},
): Word {
  return { member: member.id, state, by: by.id, ...FIRST_RECORD, ...record };
}

/** `from` says words to `to`, whatever it believes itself. */
export function tell(to: TestNode, from: TestNode, ...words: readonly Word[]): void {
  to.frame(from, { type: FRAME_SUSPECT, words });
}

/** The members a node counts. */
export function membersOf(node: { readonly core: MeshCore }): number {
  return node.core.status().members;
}
