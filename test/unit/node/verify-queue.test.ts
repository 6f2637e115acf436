// Many signatures are verified in turns, so that one peer holds neither the loop nor the others.
import { describe, expect, it } from "vitest";
import type { SignatureCheck, VerifyRequest } from "../../../src/core/outputs.ts";
import {
  BAD_PER_FRAME_MAX,
  VERIFY_SLICE_CHECKS,
  VerifyQueue,
} from "../../../src/node/verify-queue.ts";

const GOOD: SignatureCheck = { publicKey: at(1), message: at(1), signature: at(1) };
const BAD: SignatureCheck = { publicKey: at(0), message: at(0), signature: at(0) };

function at(value: number): Uint8Array {
  return Uint8Array.of(value);
}

function queue() {
  const turns: (() => void)[] = [];
  const answers: { ticket: number; verdicts: Uint8Array }[] = [];
  let checked = 0;
  const verifies = new VerifyQueue({
    self: "self",
    holds(check) {
      checked += 1;
      return check === GOOD;
    },
    verified: (ticket, verdicts) => answers.push({ ticket, verdicts }),
    later: (resume) => turns.push(resume),
  });
  let ticket = 0;
  return {
    verifies,
    add(peer: string, checks: readonly SignatureCheck[]): void {
      ticket += 1;
      verifies.add({ ticket, peer, checks } satisfies VerifyRequest);
    },
    turn: () => turns.shift()?.(),
    turns,
    tickets: () => answers.map((answer) => answer.ticket),
    verdicts: () => [...(answers.at(-1)?.verdicts ?? [])],
    checked: () => checked,
  };
}

function good(count: number): SignatureCheck[] {
  return Array(count).fill(GOOD);
}

describe("the queue of signatures", () => {
  it("answers a small frame at once, verdict by verdict", () => {
    const { add, verdicts, turns } = queue();
    add("a", [GOOD, BAD, GOOD]);
    expect(verdicts()).toEqual([1, 0, 1]);
    expect(turns).toEqual([]);
  });

  it("lets a small frame of another peer pass between the slices of a large one", () => {
    const { add, tickets, turn, checked } = queue();
    add("a", good(3 * VERIFY_SLICE_CHECKS));
    expect(checked()).toBe(VERIFY_SLICE_CHECKS);
    add("b", good(1));
    expect(tickets()).toEqual([2]);
    turn();
    turn();
    expect(tickets()).toEqual([2, 1]);
  });

  it("gives peers with large frames their turns one after the other", () => {
    const { add, tickets, turn } = queue();
    add("a", good(4 * VERIFY_SLICE_CHECKS));
    add("b", good(2 * VERIFY_SLICE_CHECKS));
    turn(); // a's second slice
    turn(); // b's second
    expect(tickets()).toEqual([2]);
    turn();
    turn();
    expect(tickets()).toEqual([2, 1]);
  });

  it("keeps the order of one peer's frames", () => {
    const { add, tickets, turn } = queue();
    add("a", good(2 * VERIFY_SLICE_CHECKS));
    add("a", good(1));
    expect(tickets()).toEqual([]);
    turn();
    turn();
    expect(tickets()).toEqual([1, 2]);
  });

  it("gives a frame up after so many bad signatures, and counts its rest as bad", () => {
    const { add, verdicts, checked } = queue();
    add("a", [GOOD, ...Array(4_000).fill(BAD), GOOD]);
    expect(checked()).toBe(1 + BAD_PER_FRAME_MAX);
    expect(verdicts()).toEqual([1, ...Array(4_001).fill(0)]);
  });

  it("reads to its end what the node itself tries again", () => {
    const { add, verdicts } = queue();
    add("self", [...Array(20).fill(BAD), GOOD]);
    expect(verdicts().at(-1)).toBe(1);
  });

  it("answers nothing after it was stopped", () => {
    const { verifies, add, tickets, turn } = queue();
    add("a", good(2 * VERIFY_SLICE_CHECKS));
    verifies.stop();
    turn();
    expect(tickets()).toEqual([]);
  });
});
