// Partitions between real processes over real sockets (C8, N12, N13): links that carry nothing and
// stay open, and a process that stands still.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Ask, Reply, Setting } from "../support/relayed-process.ts";
import { freePort, TcpRelay } from "../support/tcp-relay.ts";

const SCRIPT = new URL("../support/relayed-process.ts", import.meta.url).pathname;

interface Node {
  readonly child: ChildProcess;
  ask(ask: Ask): Promise<Reply>;
  status(): Promise<Reply>;
}

async function startNode(setting: Setting): Promise<Node> {
  const child = fork(SCRIPT);
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  child.send(setting);
  await once(child, "message");
  // One question at a time: the next reply is its answer.
  let last: Promise<unknown> = Promise.resolve();
  const ask = (question: Ask): Promise<Reply> => {
    const reply = last.then(async () => {
      const [answer] = child.send(question) ? await once(child, "message") : [];
      return answer as Reply;
    });
    last = reply;
    return reply;
  };
  return { child, ask, status: () => ask({ do: "status" }) };
}

async function startMesh(count: number): Promise<{ nodes: Node[]; relay: TcpRelay }> {
  const relay = new TcpRelay();
  onTestFinished(() => relay[Symbol.asyncDispose]());
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const nodes: Node[] = [];
  for (const [own, port] of ports.entries()) {
    const detours: Record<number, number> = {};
    for (const [other, target] of ports.entries()) {
      if (other !== own) detours[target] = await relay.port(own, other, target);
    }
    const listen = [`/ip4/127.0.0.1/tcp/${port}`];
    const seeds = own === 0 ? [] : [`127.0.0.1:${ports[0]}`];
    const options = { transport: "tcp", listen, seeds, mesh: "cuts" } as const;
    nodes.push(await startNode({ options, detours }));
  }
  await until(nodes, ({ links, members }) => links === count - 1 && members === count);
  // Members count against a node once it has had the time to hear from them.
  await sleep(SETTLED_MS);
  return { nodes, relay };
}

async function until(nodes: readonly Node[], holds: (reply: Reply) => boolean): Promise<Reply[]> {
  for (;;) {
    const replies = await Promise.all(nodes.map((node) => node.status()));
    if (replies.every(holds)) return replies;
    await sleep(20);
  }
}

/** Writes at every node until `over`; resolves with the codes of the refusals. */
async function writing(nodes: readonly Node[], over: Promise<unknown>): Promise<string[]> {
  const refused: string[] = [];
  let isOver = false;
  const ended = over.finally(() => {
    isOver = true;
  });
  for (let i = 0; !isOver; i++) {
    const asks = nodes.map((node, at) => node.ask({ do: "set", key: `w${at}`, value: `${i}` }));
    for (const reply of await Promise.all(asks)) if (reply.refused) refused.push(reply.refused);
    await sleep(10);
  }
  await ended;
  return refused;
}

async function equalState(nodes: readonly Node[]): Promise<void> {
  for (;;) {
    const replies = await until(nodes, ({ readOnly }) => readOnly === false);
    if (new Set(replies.map(({ root }) => root)).size === 1) return;
    await sleep(20);
  }
}

describe("a mesh of processes that is cut", () => {
  it("refuses writes where the quorum is missing, takes them where it is, and ends as one", async () => {
    const { nodes, relay } = await startMesh(4);
    const [alone, ...others] = nodes as [Node, ...Node[]];
    relay.cut((from, to) => from !== 0 && to !== 0);
    const readOnly = until([alone], (reply) => reply.readOnly === true);
    expect(await writing(others, readOnly)).toEqual([]);
    expect(await alone.status()).toMatchObject({
      health: "partitioned",
      reachable: 1,
      quorum: 3,
      told: ["partitioned"],
    });
    expect(await alone.ask({ do: "set", key: "k", value: "v" })).toEqual({
      refused: "MESH_READ_ONLY",
      retryable: true,
    });
    expect(await alone.ask({ do: "gauge" })).not.toHaveProperty("refused");
    expect(await alone.ask({ do: "event" })).not.toHaveProperty("refused");
    relay.heal();
    await equalState(nodes);
    expect((await alone.status()).told).toEqual(["partitioned", "recovering", "healthy"]);
    expect(await alone.ask({ do: "set", key: "k", value: "v" })).not.toHaveProperty("refused");
    await equalState(nodes);
    for (const node of others) expect((await node.status()).told).toEqual([]);
  });

  it("is read-only on both sides when neither is a quorum", async () => {
    const { nodes, relay } = await startMesh(4);
    relay.cut((from, to) => from < 2 === to < 2);
    await until(nodes, ({ readOnly, reachable }) => readOnly === true && reachable === 2);
    relay.heal();
    await equalState(nodes);
  });

  it("is read-only on both sides of a one-way cut without a quorum", async () => {
    const { nodes, relay } = await startMesh(4);
    relay.cut((from, to) => !(from < 2 && to >= 2));
    await until(nodes, ({ readOnly }) => readOnly === true);
    relay.heal();
    await equalState(nodes);
  });
});

describe("a process that stands still", () => {
  it("does not convict itself when it goes on, and costs the others nothing", async () => {
    const { nodes } = await startMesh(4);
    const [stopped, ...others] = nodes as [Node, ...Node[]];
    stopped.child.kill("SIGSTOP");
    expect(await writing(others, sleep(STOPPED_MS))).toEqual([]);
    stopped.child.kill("SIGCONT");
    expect(await writing(nodes, sleep(STOPPED_MS))).toEqual([]);
    for (const node of nodes) expect((await node.status()).told).toEqual([]);
    await equalState(nodes);
  });
});

const SETTLED_MS = 1_500;
const STOPPED_MS = 4_000;
