import { describe, expect, it } from "vitest";
import {
  OUTBOX_MESSAGES_MAX,
  Outbox,
  type OutgoingMessage,
} from "../../../../src/core/agents/outbox.ts";
import { peerId } from "../../../support/peers.ts";

const NODE = peerId(1);

function message(id: number, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { id: BigInt(id), node: NODE, bytes: new Uint8Array(1), deadlineMonoMs: 1_000, ...more };
}

function outboxOf(...messages: OutgoingMessage[]): Outbox {
  const outbox = new Outbox();
  for (const each of messages) outbox.add(each);
  return outbox;
}

function ids(messages: readonly OutgoingMessage[]): bigint[] {
  return messages.map(({ id }) => id);
}

describe("outbox (C3)", () => {
  it("hands each message to its node's link once, in order", () => {
    const outbox = outboxOf(message(1), message(2, { node: peerId(2) }), message(3));
    expect(ids(outbox.takeFor(NODE))).toEqual([1n, 3n]);
    expect(outbox.takeFor(NODE)).toEqual([]);
    expect(ids(outbox.takeFor(peerId(2)))).toEqual([2n]);
  });

  it("waits for the answer after a message has been sent", () => {
    const outbox = outboxOf(message(1));
    outbox.takeFor(NODE);
    expect(outbox.size).toBe(1);
    expect(outbox.answered(1n, NODE)).toBe(true);
    expect(outbox.size).toBe(0);
    expect(outbox.answered(1n, NODE)).toBe(false);
  });

  it("takes an answer from the recipient's node only", () => {
    const outbox = outboxOf(message(1));
    expect(outbox.answered(1n, peerId(2))).toBe(false);
    expect(outbox.answered(2n, NODE)).toBe(false);
    expect(outbox.size).toBe(1);
  });

  it("ends a message at its deadline, sent or not, and never sends it afterwards", () => {
    const outbox = outboxOf(message(1, { deadlineMonoMs: 500 }), message(2));
    expect(outbox.expired(499)).toEqual([]);
    expect(ids(outbox.expired(500))).toEqual([1n]);
    expect(ids(outbox.takeFor(NODE))).toEqual([2n]);
    expect(ids(outbox.expired(1_000))).toEqual([2n]);
    expect(outbox.size).toBe(0);
  });

  it("tells the earliest deadline", () => {
    const outbox = outboxOf(message(1), message(2, { deadlineMonoMs: 300 }));
    expect(outbox.nextDeadline()).toBe(300);
    outbox.expired(300);
    expect(outbox.nextDeadline()).toBe(1_000);
    expect(new Outbox().nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it("refuses a message at its bound", () => {
    const outbox = new Outbox();
    for (let i = 0; i < OUTBOX_MESSAGES_MAX; i++) expect(outbox.add(message(i))).toBe(true);
    expect(outbox.add(message(-1))).toBe(false);
    expect(outbox.takeFor(NODE)).toHaveLength(OUTBOX_MESSAGES_MAX);
  });
});
