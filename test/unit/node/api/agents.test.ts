// Agents of the public API (docs/ARCHITECTURE.md): inboxes, sending, finding, losing a name.
import { describe, expect, it } from "vitest";
import type { Mesh } from "../../../../src/node/mesh.ts";
import { firstOf, join, joined, told } from "../../../support/meshes.ts";

const pair = () => joined(2) as Promise<[Mesh, Mesh]>;

/** Waits until a node knows an agent, by the directory's own changes. */
async function known(mesh: Mesh, name: string): Promise<void> {
  while (!mesh.agents.find().some((agent) => agent.name === name)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("an agent", () => {
  it("gets what is sent to its name from another node, and can answer", async () => {
    const [a, b] = await pair();
    const bob = b.agent("bob");
    const ann = a.agent("ann");
    await known(a, "bob");
    await ann.send("bob", { n: 1 });
    const message = await firstOf(bob.inbox<{ n: number }>());
    expect(message).toMatchObject({ from: ann.address, body: { n: 1 } });
    await bob.send(message.from, "thanks");
    expect((await firstOf(ann.inbox())).body).toBe("thanks");
  });

  it("gets messages in the order they were sent, bytes as bytes", async () => {
    const [a, b] = await pair();
    const bob = b.agent("bob");
    const ann = a.agent("ann");
    await known(a, "bob");
    const sent = [Uint8Array.of(7), "two", 3, null, [4]];
    await Promise.all(sent.map((body) => ann.send("bob", body)));
    const got: unknown[] = [];
    for await (const { body } of bob.inbox()) {
      got.push(body);
      if (got.length === sent.length) break;
    }
    expect(got).toEqual(sent);
  });

  it("can send to an agent of its own node at once", async () => {
    const mesh = await join();
    const [ann, bob] = [mesh.agent("ann"), mesh.agent("bob")];
    await ann.send("bob", 1);
    expect((await firstOf(bob.inbox())).from).toBe(ann.address);
  });

  it("is found by capability, at once on its own node", async () => {
    const mesh = await join();
    mesh.agent("b", { capabilities: ["ts"] });
    mesh.agent("a", { capabilities: ["ts", "py"] });
    mesh.agent("c");
    const names = (capability?: string) =>
      mesh.agents.find(capability === undefined ? {} : { capability }).map(({ name }) => name);
    expect([names(), names("ts"), names("py"), names("go")]).toEqual([
      ["a", "b", "c"],
      ["a", "b"],
      ["a"],
      [],
    ]);
  });

  it("is found nearest first when asked to", async () => {
    const [a, b] = await pair();
    b.agent("a-far");
    a.agent("z-near");
    await known(a, "a-far");
    expect(a.agents.find({ near: true }).map(({ name }) => name)).toEqual(["z-near", "a-far"]);
    expect(a.agents.find({ near: true })[0]?.rttMs).toBe(0);
  });

  it("is refused a name that is taken, and one that is none", async () => {
    const [a, b] = await pair();
    b.agent("x");
    await known(a, "x");
    expect(() => a.agent("x")).toThrow(expect.objectContaining({ code: "MESH_AGENT_NAME_TAKEN" }));
    expect(() => a.agent("a@b")).toThrow(expect.objectContaining({ code: "MESH_KEY_INVALID" }));
  });

  it("is refused beyond 2,000 on one node", async () => {
    const mesh = await join();
    for (let i = 0; i < 2_000; i++) mesh.agent(`n${i}`);
    expect(() => mesh.agent("more")).toThrow(expect.objectContaining({ code: "MESH_AGENT_LIMIT" }));
  });

  it("ends its inbox when it is closed, and may be opened again", async () => {
    const mesh = await join();
    const agent = mesh.agent("x");
    const reading = firstOf(agent.inbox());
    agent.close();
    agent.close();
    await expect(reading).rejects.toThrow("the stream ended");
    await expect(agent.send("x", 1)).rejects.toMatchObject({ code: "MESH_CLOSED" });
    expect(mesh.agent("x").name).toBe("x");
  });

  it("ends the wait for a message with the reason of a signal", async () => {
    const agent = (await join()).agent("x");
    const controller = new AbortController();
    const reading = firstOf(agent.inbox({ signal: controller.signal }));
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  it("that loses its name to an older claim is told so", async () => {
    const older = await join();
    await new Promise((resolve) => setTimeout(resolve, 3)); // a later life is a later millisecond
    const younger = await join({ seeds: [], allowAlone: true });
    const winner = older.agent("x");
    const loser = younger.agent("x");
    const conflict = told(younger, "agent:conflict");
    const reading = firstOf(loser.inbox());
    // A third node brings the two meshes of one node together.
    const third = await join({ seeds: [...older.addresses, ...younger.addresses] });
    await expect(reading).rejects.toMatchObject({ code: "MESH_AGENT_NAME_TAKEN" });
    expect(await conflict).toEqual({ agent: "x", holder: older.status().nodeId });
    await known(third, "x");
    expect(winner.address).toBe(third.agents.find()[0]?.address);
  });
});

describe("a message is refused", () => {
  it("to a name that nobody holds", async () => {
    const agent = (await join()).agent("x");
    await expect(agent.send("nobody", 1)).rejects.toMatchObject({ code: "MESH_AGENT_UNKNOWN" });
  });

  it("to an address that is none", async () => {
    const agent = (await join()).agent("x");
    await expect(agent.send("x@nowhere", 1)).rejects.toMatchObject({ code: "MESH_AGENT_UNKNOWN" });
  });

  it("to an agent its node does not host", async () => {
    const [a, b] = await pair();
    const agent = a.agent("x");
    const to = `nobody@${b.status().nodeId}`;
    await expect(agent.send(to, 1)).rejects.toMatchObject({ code: "MESH_AGENT_UNKNOWN" });
  });

  it("when the inbox is full", async () => {
    const mesh = await join();
    const [ann] = [mesh.agent("ann"), mesh.agent("bob")];
    for (let i = 0; i < 1_000; i++) await ann.send("bob", i);
    await expect(ann.send("bob", 1)).rejects.toMatchObject({
      code: "MESH_AGENT_INBOX_FULL",
      retryable: true,
    });
  });

  it("when 4,096 wait for an answer", async () => {
    const mesh = await join();
    const agent = mesh.agent("x");
    const to = `y@${"0".repeat(64)}`;
    const sent = Array.from({ length: 4_096 }, () =>
      agent.send(to, 1).catch((error: unknown) => error),
    );
    await expect(agent.send(to, 1)).rejects.toMatchObject({
      code: "MESH_QUEUE_FULL",
      retryable: true,
    });
    await mesh.close();
    for (const error of await Promise.all(sent))
      expect(error).toMatchObject({ code: "MESH_CLOSED" });
  });

  it("with a body that JSON cannot say, or too large", async () => {
    const agent = (await join()).agent("x");
    await expect(agent.send("x", undefined)).rejects.toMatchObject({ code: "MESH_VALUE_INVALID" });
    await expect(agent.send("x", "y".repeat(61_441))).rejects.toMatchObject({
      code: "MESH_VALUE_TOO_LARGE",
    });
  });
});
