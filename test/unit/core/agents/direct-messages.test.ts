// Direct messages (C3; docs/ARCHITECTURE.md): at most once, in order per pair, always ended.
import { describe, expect, it } from "vitest";
import { INBOX_MESSAGES_MAX } from "../../../../src/core/agents/inboxes.ts";
import { OUTBOX_MESSAGES_MAX } from "../../../../src/core/agents/outbox.ts";
import { FRAME_MESSAGE, FRAME_MESSAGE_RESULT } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  linkedPair,
  linkedSwarm,
  Swarm,
  type TestNode,
  text,
  typeOf,
} from "../../../support/pair.ts";

const kernels = createKernels();

/** a hosts nobody, b hosts "bob". */
function pair() {
  const [swarm, a, b] = linkedPair({ kernels });
  b.command({ kind: "agent.open", name: "bob", capabilities: [] });
  swarm.advance(5);
  return { swarm, a, b };
}

function send(from: TestNode, toAgent: string, body = "hi", toNode?: string, timeoutMs = 1_000) {
  return from.command({
    kind: "send",
    fromAgent: "ann",
    toAgent,
    toNode,
    codec: 0,
    body: text(body),
    timeoutMs,
  });
}

const results = (node: TestNode) => node.eventsOf("message:result").map(({ result }) => result);

describe("a message", () => {
  it("arrives in the inbox, and its sender is told", () => {
    const { swarm, a, b } = pair();
    expect(send(a, "bob")).toEqual({ kind: "message", id: 1n });
    swarm.deliver();
    expect(b.eventsOf("message")).toEqual([{ kind: "message", agent: "bob" }]);
    expect(b.core.takeMessage("bob")).toMatchObject({
      fromNode: a.id,
      fromAgent: "ann",
      body: text("hi"),
    });
    expect(b.core.takeMessage("bob")).toBeUndefined();
    expect(a.eventsOf("message:result")).toEqual([
      { kind: "message:result", id: 1n, result: "accepted" },
    ]);
  });

  it("keeps its place among those of one pair", () => {
    const { swarm, a, b } = pair();
    for (let i = 0; i < 20; i++) send(a, "bob", `${i}`);
    swarm.deliver();
    const bodies = Array.from({ length: 20 }, () => b.core.takeMessage("bob")?.body);
    expect(bodies).toEqual(bodies.map((_, i) => text(`${i}`)));
  });

  it("to an agent of the own node goes through no link", () => {
    const { swarm, b } = pair();
    send(b, "bob");
    expect(swarm.flight).toEqual([]);
    expect(b.core.takeMessage("bob")?.fromNode).toBe(b.id);
    expect(results(b)).toEqual(["accepted"]);
  });

  it("to a name that nobody holds is refused at once", () => {
    const { a } = pair();
    expect(send(a, "nobody")).toMatchObject({ kind: "refused", code: "MESH_AGENT_UNKNOWN" });
  });

  it.each([
    ["a node id that is none", "bob", "not-a-node", "MESH_AGENT_UNKNOWN"],
    ["a name that no agent can have", "n".repeat(129), undefined, "MESH_KEY_INVALID"],
  ])("to %s is refused at once", (_what, name, node, code) => {
    const { a, b } = pair();
    const refused = send(a, name, "hi", node ?? b.id);
    expect(refused).toMatchObject({ kind: "refused", code });
  });

  it("to an agent that its node does not host ends so", () => {
    const { swarm, a, b } = pair();
    send(a, "carl", "hi", b.id);
    swarm.deliver();
    expect(results(a)).toEqual(["unknown_agent"]);
  });

  it("to a full inbox ends so, and the inbox keeps what it has", () => {
    const { swarm, a, b } = pair();
    for (let i = 0; i <= INBOX_MESSAGES_MAX; i++) send(a, "bob", `${i}`);
    swarm.deliver();
    expect(results(a).filter((result) => result === "accepted")).toHaveLength(INBOX_MESSAGES_MAX);
    expect(results(a).at(-1)).toBe("inbox_full");
    expect(b.core.takeMessage("bob")?.body).toEqual(text("0"));
  });

  it("over 60 KiB is refused at once", () => {
    const { a } = pair();
    expect(send(a, "bob", "x".repeat(61_441))).toMatchObject({ code: "MESH_VALUE_TOO_LARGE" });
  });

  it("that is lost ends by its timeout and is never sent again", () => {
    const { swarm, a, b } = pair();
    send(a, "bob");
    expect(swarm.drop((frame) => typeOf(frame) === FRAME_MESSAGE)).toHaveLength(1);
    swarm.advance(999);
    expect(results(a)).toEqual([]);
    swarm.unlink(a, b);
    swarm.link(a, b);
    swarm.advance(2_000);
    expect(results(a)).toEqual(["timeout"]);
    expect(b.core.takeMessage("bob")).toBeUndefined();
  });

  it("whose answer is late stays ended", () => {
    const { swarm, a } = pair();
    send(a, "bob");
    swarm.deliverOne();
    const late = swarm.drop((frame) => typeOf(frame) === FRAME_MESSAGE_RESULT);
    swarm.advance(2_000);
    for (const { from, bytes } of late) a.frame(from, bytes);
    expect(results(a)).toEqual(["timeout"]);
  });

  it("is not ended by the answer of a node it was not sent to", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, liar] = swarm.nodes;
    send(a!, "bob", "hi", b!.id);
    a!.frame(liar!, { type: FRAME_MESSAGE_RESULT, id: 1n, result: 0 });
    expect(results(a!)).toEqual([]);
  });

  it("waits for a link to a node that has none, which is asked for", () => {
    const swarm = new Swarm({ kernels });
    const [a, hub, b] = [swarm.add(), swarm.add(), swarm.add()];
    swarm.link(a, hub);
    swarm.link(hub, b);
    b.command({ kind: "agent.open", name: "bob", capabilities: [] });
    swarm.advance(200);
    send(a, "bob");
    expect(a.links.at(-1)).toMatchObject({
      kind: "reach",
      peer: b.id,
      addresses: [`/test/${b.id.slice(0, 8)}`],
    });
    swarm.link(a, b, true);
    swarm.deliver();
    expect(b.core.takeMessage("bob")).toBeDefined();
    expect(results(a)).toEqual(["accepted"]);
  });

  it("that another node signed is refused and charged to the relay", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    b!.command({ kind: "agent.open", name: "bob", capabilities: [] });
    swarm.advance(5);
    send(a!, "bob");
    const [message] = swarm.drop((frame) => typeOf(frame) === FRAME_MESSAGE);
    b!.frame(c!, message!.bytes);
    expect(b!.core.takeMessage("bob")).toBeUndefined();
    expect(b!.core.registry.get(c!.id)?.reputation).toBeLessThan(1);
  });

  it("with a spoiled signature is refused, counted and charged to its sender", () => {
    const { swarm, a, b } = pair();
    send(a, "bob");
    const [message] = swarm.drop((frame) => typeOf(frame) === FRAME_MESSAGE);
    const bytes = message!.bytes.slice();
    bytes[bytes.length - 1]! ^= 1;
    b.frame(a, bytes);
    expect(b.core.takeMessage("bob")).toBeUndefined();
    expect(b.cell("messageRejectedSignature")).toBe(1);
    expect(b.core.registry.get(a.id)?.reputation).toBeCloseTo(0.8);
  });

  it("beyond 4,096 unanswered is refused at once", () => {
    const { swarm, a } = pair();
    for (let i = 0; i < OUTBOX_MESSAGES_MAX; i++) send(a, "bob");
    expect(send(a, "bob")).toMatchObject({ code: "MESH_QUEUE_FULL" });
    swarm.deliver();
    expect(send(a, "bob").kind).toBe("message");
  });
});
