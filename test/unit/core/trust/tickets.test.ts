import { expect, test } from "vitest";
import type { NodeId } from "../../../../src/core/node-id.ts";
import { TICKETS_PER_PEER_MAX, Tickets } from "../../../../src/core/trust/tickets.ts";
import { Work } from "../../../../src/core/trust/verify.ts";
import { FRAME_PUSH } from "../../../../src/core/wire/frame.ts";

const PEER = "aa".repeat(32) as NodeId;

function workOf(bytes: number, peer = PEER): Work {
  const root = new Uint8Array(32);
  const frame = { type: FRAME_PUSH, reached: 1, root, deltas: new Uint8Array(bytes) } as const;
  const part = new Uint8Array(0);
  const work = new Work(peer, frame);
  work.ask({ publicKey: part, message: part, signature: part });
  return work;
}

test("a peer has so many frames waiting and no more, whatever others have", () => {
  const tickets = new Tickets();
  for (let frame = 0; frame < TICKETS_PER_PEER_MAX; frame++) {
    expect(tickets.issue(workOf(1))).toBeDefined();
  }
  expect(tickets.issue(workOf(1))).toBeUndefined();
  expect(tickets.issue(workOf(1, "bb".repeat(32) as NodeId))).toBeDefined();
});

test("a peer has at most eight of the largest frames of deltas waiting", () => {
  const tickets = new Tickets();
  const issued = Array.from({ length: 8 }, () => tickets.issue(workOf(2 ** 20)));
  expect(issued).not.toContain(undefined);
  expect(tickets.issue(workOf(1))).toBeUndefined();
  expect(tickets.redeem(issued[3] ?? -1)).toBeDefined();
  expect(tickets.issue(workOf(2 ** 20))).toBeDefined();
  expect(tickets.issue(workOf(1))).toBeUndefined();
});
