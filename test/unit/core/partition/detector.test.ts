// The partition detector in one core (C8, N12, N13): silence, roll call, verdict, read-only, recovery.
import { describe, expect, it } from "vitest";
import { AGENTS_COLLECTION } from "../../../../src/core/agents/directory.ts";
import { hexFromBytes } from "../../../../src/core/node-id.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { FRAME_MEMBERS, FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { encodeMember } from "../../../../src/core/wire/member.ts";
import { FRAME_ROLL_CALL, type RollCallFrame } from "../../../../src/core/wire/roll-call.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  type Flying,
  join,
  mapSet,
  Swarm,
  type TestNode,
  text,
  typeOf,
} from "../../../support/pair.ts";
import { around, isCall, passUntil, settled } from "../../../support/partition.ts";

const kernels = createKernels();

describe("a member that a call has not heard of", () => {
  it("is dialled where no link to it is left, as it may be cut off from others only", () => {
    const swarm = settled(5);
    const [a, b, c, d, e] = swarm.nodes as [TestNode, TestNode, TestNode, TestNode, TestNode];
    swarm.unlink(a, e);
    a.links.length = 0;
    // Nothing of e's comes back from b, c and d, so that no call of a hears of it.
    const oneWay = ({ from, to }: Flying) => from === e && (to === b || to === c || to === d);
    swarm.advance(1_500, oneWay);
    const reached = a.links.filter((request) => request.kind === "reach" && request.peer === e.id);
    expect(reached.length).toBeGreaterThan(0);
    expect(a.core.readOnly).toBe(false);
  });

  it("is dialled before the verdict in a small mesh, by the one node that reaches both sides", () => {
    const swarm = settled(5);
    const [a, b, c, d, e] = swarm.nodes as [TestNode, TestNode, TestNode, TestNode, TestNode];
    swarm.unlink(a, d);
    swarm.unlink(a, e);
    a.links.length = 0;
    const cut = ({ from, to }: Flying) =>
      from !== a && to !== a && (from === b || from === c) !== (to === b || to === c);
    const dialled = () => a.links.some(({ kind }) => kind === "reach");
    passUntil(swarm, cut, dialled);
    expect(a.core.readOnly).toBe(false);
    swarm.link(a, d, false);
    swarm.advance(1_000, cut);
    expect(a.core.readOnly).toBe(false);
  });

  it("is not dialled within a call that is lost in a mesh of more than 32", () => {
    const swarm = settled(33);
    const [a, ...others] = swarm.nodes as [TestNode, ...TestNode[]];
    const far = others.slice(11);
    for (const node of far) swarm.unlink(a, node);
    a.links.length = 0;
    const cut = ({ from, to }: Flying) => far.includes(from) !== far.includes(to);
    passUntil(swarm, cut, () => a.core.readOnly);
    expect(a.links.filter(({ kind }) => kind === "reach")).toEqual([]);
  });
});

describe("a node without a quorum", () => {
  it.each([2, 3, 4, 7])("of %i is partitioned and read-only within a second", (count) => {
    const swarm = settled(count);
    const [a] = swarm.nodes;
    const tookMs = passUntil(swarm, around(a!), () => a!.core.readOnly);
    expect(tookMs).toBeLessThan(1_000);
    expect(a!.core.health).toBe("partitioned");
    expect(a!.core.status()).toMatchObject({ health: "partitioned", readOnly: true, reachable: 1 });
  });

  it("hears nothing that counts over links that carry one way only", () => {
    const swarm = settled(4);
    const [a] = swarm.nodes;
    passUntil(
      swarm,
      ({ from }) => from === a,
      () => a!.core.readOnly,
    );
    expect(swarm.nodes.slice(1).some(({ core }) => core.readOnly)).toBe(false);
  });

  it("adds up no answers of two cuts, of which one follows the other", () => {
    const swarm = settled(7);
    const { nodes } = swarm;
    const startMs = swarm.nowMs;
    // Four of seven at first, then three: together they are five, which would be a quorum.
    const before = around(...nodes.slice(0, 4));
    const after = around(nodes[2]!, nodes[3]!, nodes[6]!);
    const lossy = (frame: Flying) => (swarm.nowMs - startMs < 500 ? before : after)(frame);
    const tookMs = passUntil(swarm, lossy, () => nodes.every(({ core }) => core.readOnly));
    expect(tookMs).toBeLessThan(1_000);
  });

  it("adds none up either where a short cut has just healed", () => {
    const swarm = settled(7);
    const { nodes } = swarm;
    swarm.advance(400, around(...nodes.slice(0, 4)));
    swarm.advance(1_500);
    const startMs = swarm.nowMs;
    const before = around(...nodes.slice(0, 4));
    const after = around(nodes[2]!, nodes[3]!, nodes[6]!);
    const lossy = (frame: Flying) => (swarm.nowMs - startMs < 500 ? before : after)(frame);
    const tookMs = passUntil(swarm, lossy, () => nodes.every(({ core }) => core.readOnly));
    expect(tookMs).toBeLessThan(1_000);
  });

  it("asks again when of those who answered last one has left", () => {
    const swarm = settled(7);
    const [a, b, c, d, leaver, ...cut] = swarm.nodes as TestNode[];
    swarm.advance(700, around(...cut));
    expect(swarm.nodes.map(({ core }) => core.readOnly)).toEqual([
      ...Array(5).fill(false),
      true,
      true,
    ]);
    leaver!.command({ kind: "leave" });
    const stay = [a!, b!, c!, d!];
    const tookMs = passUntil(swarm, around(...cut), () => stay.every(({ core }) => core.readOnly));
    expect(tookMs).toBeLessThan(1_000);
    expect(a!.core.status()).toMatchObject({ members: 6, quorum: 5, reachable: 4 });
  });

  it("tells its health at every change, and the partition with its figures", () => {
    const swarm = settled(4);
    const [a] = swarm.nodes;
    passUntil(swarm, around(a!), () => a!.core.readOnly);
    swarm.advance(600, around(a!));
    expect(a!.eventsOf("partition:detected")).toEqual([
      { kind: "partition:detected", reachable: 1, quorum: 3, cause: expect.any(String) },
    ]);
    passUntil(
      swarm,
      () => false,
      () => a!.core.health === "healthy",
    );
    expect(a!.eventsOf("health:changed").map(({ health, from }) => [from, health])).toEqual([
      ["healthy", "partitioned"],
      ["partitioned", "recovering"],
      ["recovering", "healthy"],
    ]);
    const [recovered] = a!.eventsOf("partition:recovered");
    expect(recovered?.elapsedMs).toBeGreaterThan(0);
    expect(a!.cell("partitionDetections")).toBe(1);
  });

  it("has no call of others put off its verdict", () => {
    const swarm = settled(4);
    const [a, b] = swarm.nodes;
    let call = 0x0100_0000;
    const [b2a, others] = [(f: Flying) => f.from === b && f.to === a, around(a!)];
    const lossy = (frame: Flying) => others(frame) && !(b2a(frame) && isCall(frame));
    const tookMs = passUntil(swarm, lossy, () => {
      // A liar calls again and again, later numbers each time; it never echoes.
      call += 256;
      const answered = { kind: "bitmap", members: 4, bits: Uint8Array.of(15) } as const;
      const fields = { stamp: 7, echo: 0, asks: true, roster: new Uint8Array(8), answered };
      const frame: RollCallFrame = { type: FRAME_ROLL_CALL, call, ...fields };
      a!.frame(b!, frame);
      return a!.core.readOnly;
    });
    expect(tookMs).toBeLessThan(1_000);
  });

  it("goes on taking writes when it is configured to be available", () => {
    const swarm = settled(3, { config: { whenPartitioned: "available" } });
    const [a] = swarm.nodes;
    passUntil(swarm, around(a!), () => a!.core.health === "partitioned");
    expect(a!.core.readOnly).toBe(false);
    expect(a!.write(mapSet("k", "v")).kind).toBe("write");
  });

  it("does not cry partition while its own links show nothing: the refusal needs the call alone", () => {
    const swarm = settled(4);
    const [a, b] = swarm.nodes;
    // Roll calls alone are lost: every link still echoes, so nobody starts one but the liar.
    const answered = { kind: "bitmap", members: 4, bits: Uint8Array.of(15) } as const;
    const fields = { stamp: 7, echo: 0, asks: true, roster: new Uint8Array(8), answered };
    a!.frame(b!, { type: FRAME_ROLL_CALL, call: 0x0100_0000, ...fields });
    passUntil(swarm, isCall, () => a!.core.readOnly);
    expect(a!.eventsOf("partition:detected")).toEqual([]);
  });
});

describe("a node with a quorum", () => {
  it("stays writable when the others lose a member, and counts it out", () => {
    const swarm = settled(4);
    const [a, b] = swarm.nodes;
    swarm.advance(5_000, around(b!));
    expect(a!.core.readOnly).toBe(false);
    expect(a!.core.status()).toMatchObject({ health: "healthy", reachable: 3, quorum: 3 });
    swarm.advance(2_000);
    expect(a!.core.status().reachable).toBe(4);
  });

  it("alone in its mesh is its own quorum", () => {
    const swarm = new Swarm({ kernels });
    const node = swarm.add();
    swarm.advance(5_000);
    expect(node.core.status()).toMatchObject({ health: "healthy", reachable: 1, quorum: 1 });
    expect(node.write(mapSet("k", "v")).kind).toBe("write");
  });

  it("loses nothing before its first exchange with a member has ended", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    swarm.link(a, b);
    swarm.deliverOne();
    swarm.deliverOne();
    swarm.advance(5_000, () => true);
    expect(a.core.status().members).toBe(2);
    expect([a.core.readOnly, b.core.readOnly]).toEqual([false, false]);
  });

  it("is not cost it by members it has only just heard of", () => {
    const swarm = settled(4);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const members = Array.from({ length: 12 }, (_, i) => strangerOf(swarm, i));
    // Their records spread, and none of them ever answers.
    a.frame(b, { type: FRAME_MEMBERS, members });
    expect(a.core.status().members).toBe(16);
    swarm.unlink(a, b, "peer_lost");
    swarm.link(a, b);
    swarm.advance(700);
    expect(a.core.readOnly).toBe(false);
    // Once they have had time to be heard through others they count like all members.
    passUntil(
      swarm,
      () => false,
      () => a.core.readOnly,
    );
  });

  it("goes on when members leave: they count no more", () => {
    const swarm = settled(7);
    const [a, ...others] = swarm.nodes;
    for (const node of others.slice(0, 5)) {
      node.command({ kind: "leave" });
      swarm.deliver();
      for (const other of swarm.nodes) if (other !== node) swarm.unlink(node, other, "peer_lost");
    }
    swarm.advance(3_000);
    expect(a!.core.status()).toMatchObject({ members: 2, quorum: 2, reachable: 2 });
    expect(a!.eventsOf("health:changed")).toEqual([]);
  });

  it("takes a link that its peer closed in order for no silence", () => {
    const swarm = settled(3);
    const [a, b] = swarm.nodes;
    swarm.unlink(a!, b!, "peer_close");
    const calls = swarm.drop(isCall);
    swarm.advance(150);
    expect([...calls, ...swarm.flight.filter(isCall)]).toEqual([]);
  });
});

describe("a process that stood still", () => {
  /** Virtual time passes and the node handles nothing. */
  function standStill(swarm: Swarm, ms: number): void {
    swarm.nowMs += ms;
  }

  it("judges nothing by what it did not hear meanwhile", () => {
    const swarm = settled(4);
    const [a] = swarm.nodes;
    const lossy = around(a!);
    swarm.advance(350, lossy);
    standStill(swarm, 5_000);
    a!.timeout();
    expect(a!.core.readOnly).toBe(false);
    swarm.advance(900, lossy);
    expect(a!.core.readOnly).toBe(false);
    passUntil(swarm, lossy, () => a!.core.readOnly);
  });

  it("gives a call the time that was lost by less", () => {
    const swarm = settled(2);
    const [a] = swarm.nodes;
    const lossy = around(a!);
    const calmMs = passUntil(swarm, lossy, () => a!.core.readOnly);
    const late = settled(2);
    const [b] = late.nodes;
    let lateMs = 0;
    const tookMs = passUntil(late, around(b!), () => {
      // Every wake-up is a little late: too little to be a pause.
      late.nowMs += 60;
      lateMs += 60;
      return b!.core.readOnly;
    });
    expect(tookMs).toBeGreaterThan(calmMs + lateMs / 4);
  });
});

describe("a process that stands still again and again", () => {
  /** Lets every node stand still for 200 ms, then run for 400. */
  function stumble(swarm: Swarm, lossy: (frame: Flying) => boolean): void {
    swarm.nowMs += 200;
    for (const node of swarm.nodes) node.timeout();
    swarm.advance(400, lossy);
  }

  it("is read-only in the end when nobody answers it while it runs", () => {
    const swarm = settled(3);
    const [a] = swarm.nodes;
    let turns = 0;
    for (; a!.core.readOnly === false && turns < 100; turns++) stumble(swarm, around(a!));
    expect(a!.core.readOnly).toBe(true);
  });

  it("has each pause excused that puts no verdict off, however many came before", () => {
    const swarm = settled(4);
    const [a] = swarm.nodes;
    for (let turns = 0; turns < 20; turns++) {
      swarm.nowMs += 200;
      for (const node of swarm.nodes) node.timeout();
    }
    swarm.advance(2_000);
    const lossy = around(a!);
    swarm.advance(350, lossy);
    swarm.nowMs += 5_000;
    a!.timeout();
    swarm.advance(900, lossy);
    expect(a!.core.readOnly).toBe(false);
  });

  it("stays writable as long as the others answer", () => {
    const swarm = settled(3);
    for (let turns = 0; turns < 100; turns++) stumble(swarm, () => false);
    for (const node of swarm.nodes) expect(node.eventsOf("health:changed")).toEqual([]);
  });
});

describe("read-only", () => {
  const swarm = settled(3);
  const [a] = swarm.nodes as [TestNode];
  const lossy = around(a);
  passUntil(swarm, lossy, () => a.core.readOnly);

  it.each([
    { op: "map.set", collection: "m", key: "k", codec: 0, value: new Uint8Array(1) },
    { op: "map.delete", collection: "m", key: "k" },
    { op: "register.set", collection: "r", key: "", codec: 0, value: new Uint8Array(1) },
    { op: "counter.add", collection: "c", key: "", by: 1n },
    { op: "set.add", collection: "s", key: "", element: "e" },
    { op: "set.remove", collection: "s", key: "", element: "e" },
  ] as const)("refuses $op with what it hears", (write) => {
    expect(a.write(write)).toMatchObject({
      kind: "refused",
      code: "MESH_READ_ONLY",
      details: { health: "partitioned", reachable: 1, quorum: 2 },
    });
  });

  it.each([
    { op: "gauge.set", collection: "g", key: "", value: 1n, weight: 1n },
    { op: "event.publish", collection: "t", codec: 0, value: new Uint8Array(1) },
  ] as const)("takes $op", (write) => {
    expect(a.write(write).kind).toBe("write");
  });

  it("lets agents open, close and send", () => {
    const opened = a.command({ kind: "agent.open", name: "x", capabilities: [] });
    expect(opened).toMatchObject({ kind: "write" });
    const ids = { fromAgent: "x", toAgent: "x", toNode: undefined };
    const sent = { kind: "send", ...ids, codec: 0, body: new Uint8Array(1), timeoutMs: 100 };
    expect(a.command(sent as Parameters<typeof a.command>[0]).kind).toBe("message");
    expect(a.command({ kind: "agent.close", name: "x" }).kind).toBe("write");
    expect(AGENTS_COLLECTION.startsWith("$")).toBe(true);
  });
});

describe("a write that was taken just before", () => {
  it("stays, and reaches the others after the heal", () => {
    const swarm = settled(3);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const lossy = around(a);
    swarm.advance(200, lossy);
    expect(a.write(mapSet("k", "v")).kind).toBe("write");
    passUntil(swarm, lossy, () => a.core.readOnly);
    expect(a.eventsOf("acknowledged")).toHaveLength(1);
    passUntil(
      swarm,
      () => false,
      () => a.core.health === "healthy",
    );
    expect(b.read(2, "m", "k").mapGet("m", "k")).toBeDefined();
  });
});

describe("recovery", () => {
  it("is read-only until the quorum's state is there", () => {
    const swarm = settled(3);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    passUntil(swarm, around(a), () => a.core.readOnly);
    b.write(mapSet("k", "v"));
    swarm.advance(500, around(a));
    // The quorum answers again; what would bring the state over does not arrive yet.
    const noState = (frame: Flying) =>
      frame.to === a && [FRAME_PUSH, FRAME_DELTA].includes(typeOf(frame));
    passUntil(swarm, noState, () => a.core.health === "recovering");
    swarm.advance(1_000, noState);
    expect(a.core.status()).toMatchObject({ health: "recovering", readOnly: true });
    expect(a.write(mapSet("k", "mine"))).toMatchObject({ code: "MESH_READ_ONLY" });
    const tookMs = passUntil(
      swarm,
      () => false,
      () => a.core.health === "healthy",
    );
    expect(tookMs).toBeLessThan(1_000);
    expect(a.root).toBe(b.root);
  });

  it("is a partition again when the quorum is lost on the way", () => {
    const swarm = settled(3);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    passUntil(swarm, around(a), () => a.core.readOnly);
    b.write(mapSet("k", "v"));
    swarm.advance(500, around(a));
    const noState = (frame: Flying) =>
      frame.to === a && [FRAME_PUSH, FRAME_DELTA].includes(typeOf(frame));
    passUntil(swarm, noState, () => a.core.health === "recovering");
    passUntil(swarm, around(a), () => a.core.health === "partitioned");
    expect(a.core.readOnly).toBe(true);
  });

  it("does not wait for the root of a peer that is silent", () => {
    const swarm = settled(4);
    const [a, , , d] = swarm.nodes as [TestNode, TestNode, TestNode, TestNode];
    passUntil(swarm, around(a), () => a.core.readOnly);
    const tookMs = passUntil(swarm, around(d), () => a.core.health === "healthy");
    expect(tookMs).toBeLessThan(5_000);
  });
});

/** The signed record of a node that nobody has a link to. */
function strangerOf(swarm: Swarm, number: number): Uint8Array {
  const key = swarm.crypto.createSigningKey(kernels.blake3(text(`stranger ${number}`)));
  const id = hexFromBytes(key.publicKey);
  const plain = { epoch: 1n, counter: 0, left: false, region: "local", zone: "local" };
  const signed = encodeMember({ ...plain, id, addresses: [] }, swarm.meshId);
  return join([signed, swarm.crypto.sign(signed, key)]);
}
