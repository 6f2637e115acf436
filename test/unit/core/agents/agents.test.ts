// Agents (C3; docs/ARCHITECTURE.md): names claimed in the shared directory, one holder each.
import { describe, expect, it } from "vitest";
import { AGENTS_PER_NODE_MAX } from "../../../../src/core/agents/inboxes.ts";
import { FRAME_MEMBERS } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedPair, Swarm, type TestNode, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();
const open = (node: TestNode, name: string, capabilities: string[] = []) =>
  node.command({ kind: "agent.open", name, capabilities });
const close = (node: TestNode, name: string) => node.command({ kind: "agent.close", name });
const holder = (node: TestNode, name: string) => node.core.directory.resolve(name)?.node;

/** Two nodes that were apart while both opened "x"; `older` started first. */
function rivals() {
  const swarm = new Swarm({ kernels });
  const older = swarm.add();
  swarm.nowMs += 10;
  const younger = swarm.add();
  for (const node of [younger, older]) open(node, "x");
  swarm.advance(5);
  return { swarm, older, younger };
}

describe("an agent", () => {
  it("is found by every node with its capabilities", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    expect(open(a, "coder", ["ts"])).toMatchObject({ kind: "write" });
    swarm.advance(5);
    expect([...b.core.directory.all()]).toMatchObject([
      { name: "coder", node: a.id, capabilities: ["ts"] },
    ]);
  });

  it("is not opened under a name that a live agent holds, here or elsewhere", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    open(a, "x");
    swarm.advance(5);
    for (const node of [a, b]) {
      expect(open(node, "x")).toMatchObject({
        code: "MESH_AGENT_NAME_TAKEN",
        details: { node: a.id },
      });
    }
  });

  it("gives its name back when it closes", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    open(a, "x");
    swarm.advance(5);
    close(a, "x");
    swarm.advance(5);
    expect(holder(b, "x")).toBeUndefined();
    expect(open(b, "x").kind).toBe("write");
    swarm.advance(5);
    expect(holder(a, "x")).toBe(b.id);
  });

  it("may be opened again the instant after it was closed", () => {
    const [swarm, a] = linkedPair({ kernels });
    open(a, "x");
    swarm.advance(5);
    close(a, "x");
    expect(open(a, "x").kind).toBe("write");
    swarm.advance(5);
    expect(holder(a, "x")).toBe(a.id);
  });

  it("can be sent to by its name the instant after it was opened", () => {
    const [, a] = linkedPair({ kernels });
    open(a, "x");
    const body = new Uint8Array(0);
    const send = {
      kind: "send",
      fromAgent: "y",
      toAgent: "x",
      toNode: undefined,
      codec: 0,
      body,
      timeoutMs: 10,
    } as const;
    expect(a.command(send).kind).toBe("message");
  });

  it("of a node that has left is nobody's any more", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    open(a, "x");
    swarm.advance(5);
    a.command({ kind: "leave" });
    swarm.deliver();
    expect(holder(b, "x")).toBeUndefined();
    expect(open(b, "x").kind).toBe("write");
  });

  it.each([
    ["an empty name", "", "MESH_KEY_INVALID"],
    ["a name with @", "a@b", "MESH_KEY_INVALID"],
    ["a name of 129 bytes", "n".repeat(129), "MESH_KEY_INVALID"],
  ])("is refused %s", (_what, name, code) => {
    const [, a] = linkedPair({ kernels });
    expect(open(a, name)).toMatchObject({ kind: "refused", code });
  });

  it("is refused more or longer capabilities than the directory keeps", () => {
    const [, a] = linkedPair({ kernels });
    expect(
      open(
        a,
        "x",
        Array.from({ length: 33 }, () => "c"),
      ),
    ).toMatchObject({ code: "MESH_VALUE_INVALID" });
    expect(open(a, "x", ["c".repeat(65)])).toMatchObject({ code: "MESH_VALUE_INVALID" });
    expect(open(a, "x", [""])).toMatchObject({ code: "MESH_VALUE_INVALID" });
    expect(a.core.status().agents).toEqual([]);
  });

  it("is refused beyond 2,000 on one node", () => {
    const [, a] = linkedPair({ kernels });
    for (let i = 0; i < AGENTS_PER_NODE_MAX; i++) open(a, `n${i}`);
    expect(open(a, "one-more")).toMatchObject({ code: "MESH_AGENT_LIMIT" });
  });
});

describe("of two claims to one name", () => {
  it("the one of the older life holds it everywhere", () => {
    const { swarm, older, younger } = rivals();
    swarm.link(older, younger);
    swarm.advance(500);
    expect([holder(older, "x"), holder(younger, "x")]).toEqual([older.id, older.id]);
  });

  it("the loser is told, and only the loser", () => {
    const { swarm, older, younger } = rivals();
    swarm.link(older, younger);
    swarm.advance(500);
    expect(younger.eventsOf("agent:conflict")).toEqual([
      { kind: "agent:conflict", agent: "x", holder: older.id },
    ]);
    expect(older.eventsOf("agent:conflict")).toEqual([]);
  });

  it("the loser is told although the holder's member record comes last", () => {
    const { swarm, older, younger } = rivals();
    const between = swarm.add();
    swarm.link(older, between);
    swarm.deliver();
    swarm.link(between, younger);
    // The claim goes through; the record of its node is held up for a while.
    const late = (frame: { bytes: Uint8Array }) => typeOf(frame) === FRAME_MEMBERS;
    swarm.advance(500, late);
    expect(younger.eventsOf("agent:conflict")).toEqual([]);
    swarm.advance(5_000);
    expect(younger.eventsOf("agent:conflict")).toMatchObject([{ agent: "x", holder: older.id }]);
  });

  it("of one instant the lower node id holds it", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    for (const node of [a, b]) open(node, "x");
    swarm.advance(5);
    swarm.link(a, b);
    swarm.advance(500);
    const [lower] = [a.id, b.id].sort();
    expect([holder(a, "x"), holder(b, "x")]).toEqual([lower, lower]);
  });

  it("the other one holds it when the better closes", () => {
    const { swarm, older, younger } = rivals();
    swarm.link(older, younger);
    swarm.advance(500);
    close(older, "x");
    swarm.advance(5);
    expect(holder(older, "x")).toBe(younger.id);
  });

  it("one written by a node that it does not name counts for nothing", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const value = new TextEncoder().encode(JSON.stringify({ epoch: "1", capabilities: [] }));
    const key = `x@${a.id}`;
    b.write({ op: "map.set", collection: "$agents", key, codec: 1, value });
    swarm.advance(5);
    expect(holder(a, "x")).toBeUndefined();
    expect(holder(b, "x")).toBeUndefined();
  });

  it("one of an earlier life of its node counts for nothing", () => {
    const swarm = new Swarm({ kernels });
    const [first, other] = [swarm.add({ identity: 1, life: 1 }), swarm.add()];
    open(first, "x");
    swarm.link(first, other);
    swarm.advance(50);
    swarm.unlink(first, other);
    swarm.nodes.splice(0, 1);
    swarm.nowMs += 10;
    const second = swarm.add({ identity: 1, life: 2 });
    swarm.link(second, other);
    swarm.advance(500);
    expect(second.id).toBe(first.id);
    expect(holder(other, "x")).toBeUndefined();
    expect(holder(second, "x")).toBeUndefined();
  });

  it("stays with its node when that refutes a record of a cloned life", () => {
    const swarm = new Swarm({ kernels });
    const node = swarm.add({ identity: 1, life: 1 });
    open(node, "x");
    swarm.advance(5);
    swarm.nowMs += 1_000;
    const clone = swarm.add({ identity: 1, life: 2 });
    const other = swarm.add();
    swarm.link(clone, other);
    swarm.advance(50);
    swarm.unlink(clone, other);
    swarm.nodes.splice(swarm.nodes.indexOf(clone), 1);
    swarm.link(node, other);
    swarm.advance(5_000);
    expect(holder(node, "x")).toBe(node.id);
    expect(holder(other, "x")).toBe(node.id);
  });
});
