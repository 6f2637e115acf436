import { describe, expect, it } from "vitest";
import {
  AGENTS_PER_NODE_MAX,
  INBOX_MESSAGES_MAX,
  Inboxes,
} from "../../../../src/core/agents/inboxes.ts";
import type { DirectMessage } from "../../../../src/core/wire/message.ts";
import { MESSAGES } from "../../../support/wire-samples.ts";

function message(toAgent: string, id = 1n): DirectMessage {
  return { ...(MESSAGES.plain as DirectMessage), toAgent, id };
}

function inboxOf(...agents: string[]): Inboxes {
  const inboxes = new Inboxes();
  for (const agent of agents) inboxes.open(agent);
  return inboxes;
}

describe("inboxes (C3)", () => {
  it("give an agent's messages back in the order they came", () => {
    const inboxes = inboxOf("a", "b");
    for (const id of [1n, 2n, 3n]) inboxes.put(message("a", id));
    inboxes.put(message("b", 9n));
    const ids = [1, 2, 3, 4].map(() => inboxes.take("a")?.id);
    expect(ids).toEqual([1n, 2n, 3n, undefined]);
    expect(inboxes.take("b")?.id).toBe(9n);
  });

  it("know only agents that are open", () => {
    const inboxes = inboxOf("a");
    expect(inboxes.put(message("b"))).toBe("unknown_agent");
    expect(inboxes.take("b")).toBeUndefined();
    inboxes.close("a");
    expect(inboxes.has("a")).toBe(false);
    expect(inboxes.put(message("a"))).toBe("unknown_agent");
  });

  it("refuse a message at the bound and take one again once there is room", () => {
    const inboxes = inboxOf("a");
    for (let i = 0; i < INBOX_MESSAGES_MAX; i++) inboxes.put(message("a"));
    expect(inboxes.put(message("a"))).toBe("inbox_full");
    inboxes.take("a");
    expect(inboxes.put(message("a"))).toBe("accepted");
  });

  it("refuse an agent above the bound of a node", () => {
    const inboxes = new Inboxes();
    for (let i = 0; i < AGENTS_PER_NODE_MAX; i++) expect(inboxes.open(`agent-${i}`)).toBe(true);
    expect(inboxes.open("one more")).toBe(false);
    expect(inboxes.agents).toHaveLength(AGENTS_PER_NODE_MAX);
  });

  it("keep what waits when an agent that is open is opened again", () => {
    const inboxes = inboxOf("a");
    inboxes.put(message("a", 5n));
    expect(inboxes.open("a")).toBe(true);
    expect(inboxes.take("a")?.id).toBe(5n);
  });
});
