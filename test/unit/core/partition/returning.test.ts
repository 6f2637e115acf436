// A node that comes back with members on its disk (C8, P4): no write before a quorum has answered.
import { describe, expect, it } from "vitest";
import { FRAME_HELLO } from "../../../../src/core/wire/frame.ts";
import { FRAME_ROLL_CALL } from "../../../../src/core/wire/roll-call.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { type Flying, mapSet, Swarm, type TestNode, typeOf } from "../../../support/pair.ts";
import { passUntil, settled } from "../../../support/partition.ts";

const kernels = createKernels();
const NOTHING_LOST = () => false;

/** The process of a node ends without a word, and another begins with the members it knew. */
function restart(swarm: Swarm, node: TestNode, identity: number): TestNode {
  for (const other of [...node.peers.values()]) swarm.unlink(node, other, "peer_lost");
  swarm.nodes.splice(swarm.nodes.indexOf(node), 1);
  const back = swarm.add({ identity, life: identity + 100 });
  const part = { kind: "members", members: node.core.memberRecords() } as const;
  const checks = back.core.restoreChecks(part, back.now) ?? [];
  expect(back.core.handleRestored(part, new Uint8Array(checks.length).fill(1), back.now)).toBe(
    true,
  );
  return back;
}

describe("a node that comes back with members on its disk", () => {
  it("takes no write before a quorum of them has answered", () => {
    const swarm = settled(3);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const back = restart(swarm, a, 1);
    expect(back.write(mapSet("k", "v"))).toMatchObject({
      kind: "refused",
      code: "MESH_READ_ONLY",
      details: { health: "partitioned", reachable: 1, quorum: 2 },
    });
    swarm.advance(5_000);
    expect(back.core.readOnly).toBe(true);
    swarm.link(back, b);
    passUntil(swarm, NOTHING_LOST, () => !back.core.readOnly);
    expect(back.write(mapSet("k", "v")).kind).toBe("write");
    swarm.advance(100);
    expect(b.read(2, "m", "k").mapGet("m", "k")).toBeDefined();
  });

  it("has the others' state before it takes a write", () => {
    const swarm = settled(3);
    const [a, b, c] = swarm.nodes as [TestNode, TestNode, TestNode];
    const back = restart(swarm, a, 1);
    b.write(mapSet("k", "v"));
    swarm.advance(100);
    for (const other of [b, c]) swarm.link(back, other);
    passUntil(swarm, NOTHING_LOST, () => !back.core.readOnly);
    expect(back.root).toBe(b.root);
  });

  it.each([
    ["", undefined],
    [", with calls of others before its first exchange", [FRAME_HELLO, FRAME_ROLL_CALL]],
  ])("is partitioned all along on the smaller side of a cut%s", (_, arriving) => {
    const swarm = settled(5);
    const [a, b, c] = swarm.nodes as [TestNode, TestNode, TestNode];
    const side = [a, b, c];
    const cut = ({ from, to }: Flying) => side.includes(from) !== side.includes(to);
    swarm.advance(1_000, cut);
    const back = restart(swarm, a, 1);
    side[0] = back;
    for (const other of [b, c]) swarm.link(back, other);
    const lossy = (frame: Flying) =>
      cut(frame) || (frame.to === back && arriving?.includes(typeOf(frame)) === false);
    for (let ms = 0; ms < 5_000; ms += 5) {
      swarm.advance(5, lossy);
      expect(back.core.health).toBe("partitioned");
    }
    expect(side.map(({ core }) => core.readOnly)).toEqual([true, true, true]);
  });

  it("tells its way back, and no partition: it has lost nobody in this life", () => {
    const swarm = settled(3);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const back = restart(swarm, a, 1);
    swarm.advance(5_000);
    swarm.link(back, b);
    passUntil(swarm, NOTHING_LOST, () => !back.core.readOnly);
    expect(back.eventsOf("health:changed").map(({ from, health }) => [from, health])).toEqual([
      ["partitioned", "recovering"],
      ["recovering", "healthy"],
    ]);
    expect(back.eventsOf("partition:detected")).toEqual([]);
    expect(back.eventsOf("partition:recovered")).toEqual([]);
  });

  it("takes writes from the start when it is configured to be available", () => {
    const swarm = settled(3, { config: { whenPartitioned: "available" } });
    const back = restart(swarm, swarm.nodes[0]!, 1);
    expect(back.core.health).toBe("partitioned");
    expect(back.write(mapSet("k", "v")).kind).toBe("write");
  });

  it("is a quorum of its own when all others had left", () => {
    const swarm = settled(3);
    const [a, ...others] = swarm.nodes as [TestNode, TestNode, TestNode];
    for (const other of others) {
      other.command({ kind: "leave" });
      swarm.advance(500);
    }
    const back = restart(swarm, a, 1);
    expect(back.core.status()).toMatchObject({ health: "healthy", members: 1, quorum: 1 });
    expect(back.write(mapSet("k", "v")).kind).toBe("write");
  });

  it("is a quorum of its own where it was a mesh of one", () => {
    const swarm = new Swarm({ kernels });
    const back = restart(swarm, swarm.add(), 1);
    expect(back.write(mapSet("k", "v")).kind).toBe("write");
    swarm.advance(5_000);
    expect(back.eventsOf("health:changed")).toEqual([]);
  });
});

describe("a mesh of which every node comes back", () => {
  it("is writable again, at every node", () => {
    const swarm = settled(4);
    const back = [...swarm.nodes].map((node, i) => restart(swarm, node, i + 1));
    expect(back.every(({ core }) => core.readOnly)).toBe(true);
    for (const [i, a] of back.entries()) for (const b of back.slice(i + 1)) swarm.link(a, b);
    passUntil(swarm, NOTHING_LOST, () => back.every(({ core }) => core.health === "healthy"));
  });

  it("stays read-only while too few of them are back", () => {
    const swarm = settled(4);
    const [a, b] = [...swarm.nodes].map((node, i) => restart(swarm, node, i + 1));
    swarm.link(a!, b!);
    swarm.advance(10_000);
    expect([a!.core.readOnly, b!.core.readOnly]).toEqual([true, true]);
  });
});
