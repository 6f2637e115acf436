// A leave (C3): the node stays until it is known and all that it wrote is held, or for two seconds.
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { LEAVE_MS, LEAVE_SOME_MS } from "../../../../src/core/peers/leaving.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { FRAME_MEMBERS, FRAME_PUSH, FRAME_SYNC } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { type Flying, linkedSwarm, mapSet, type TestNode, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();

function meshOf(count: number) {
  const swarm = linkedSwarm(count, { kernels });
  swarm.advance(500);
  const [leaver, ...others] = swarm.nodes as [TestNode, ...TestNode[]];
  return { swarm, leaver, others };
}

const hasGone = (node: TestNode) => node.eventsOf("left").length > 0;
const knows = (node: TestNode, leaver: TestNode) => node.core.membership.get(leaver.id)?.left;
const holds = (node: TestNode, key: string) =>
  node.read(TYPE_MAP, "m", key).mapGet("m", key) !== undefined;

describe("a node that leaves", () => {
  it("goes once all who are linked with it know of it and hold what it wrote", () => {
    const { swarm, leaver, others } = meshOf(4);
    leaver.write(mapSet("k", "v"));
    leaver.command({ kind: "leave" });
    expect(hasGone(leaver)).toBe(false);
    swarm.advance(500);
    expect(hasGone(leaver)).toBe(true);
    expect(others.map((node) => [knows(node, leaver), holds(node, "k")])).toEqual(
      Array(3).fill([true, true]),
    );
  });

  it("says goodbye again, and brings its last writes, where the first of both were lost", () => {
    const { swarm, leaver, others } = meshOf(4);
    leaver.write(mapSet("k", "v"));
    leaver.command({ kind: "leave" });
    swarm.advance(400, ({ from, to }) => from === leaver || to === leaver);
    expect([hasGone(leaver), ...others.map((node) => holds(node, "k"))]).toEqual(
      Array(4).fill(false),
    );
    swarm.advance(600);
    expect(hasGone(leaver)).toBe(true);
    expect(others.every((node) => knows(node, leaver) && holds(node, "k"))).toBe(true);
  });

  it.each([
    ["knows of its leave", FRAME_MEMBERS],
    ["holds what it wrote", FRAME_PUSH],
    ["has said so", FRAME_SYNC],
  ])("does not go before anybody %s", (_, type) => {
    const { swarm, leaver } = meshOf(3);
    leaver.write(mapSet("k", "v"));
    leaver.command({ kind: "leave" });
    // Repair brings what pushes do not.
    const isLost = ({ bytes, from, to }: Flying) =>
      (from === leaver || to === leaver) &&
      (typeOf({ bytes }) === type || (type === FRAME_PUSH && typeOf({ bytes }) === FRAME_DELTA));
    swarm.advance(LEAVE_SOME_MS - 100, isLost);
    expect(hasGone(leaver)).toBe(false);
    swarm.advance(500);
    expect(hasGone(leaver)).toBe(true);
  });

  it("waits for nobody when it is linked with nobody", () => {
    const { leaver } = meshOf(1);
    leaver.command({ kind: "leave" });
    expect(hasGone(leaver)).toBe(true);
  });

  it("does not wait for those who leave as well", () => {
    const { swarm, leaver, others } = meshOf(3);
    for (const node of [leaver, ...others]) node.command({ kind: "leave" });
    swarm.advance(100);
    expect(swarm.nodes.every(hasGone)).toBe(true);
  });

  it("goes after a while when nobody answers, or when some of many have", () => {
    const lone = meshOf(3);
    lone.leaver.command({ kind: "leave" });
    const isCut = ({ from, to }: Flying) => from === lone.leaver || to === lone.leaver;
    lone.swarm.advance(LEAVE_MS - 10, isCut);
    expect(hasGone(lone.leaver)).toBe(false);
    lone.swarm.advance(20, isCut);
    expect(hasGone(lone.leaver)).toBe(true);

    const { swarm, leaver, others } = meshOf(7);
    leaver.command({ kind: "leave" });
    const deaf = others[0]!;
    swarm.advance(LEAVE_SOME_MS - 10, ({ from, to }) => from === deaf || to === deaf);
    expect(hasGone(leaver)).toBe(false);
    swarm.advance(300, ({ from, to }) => from === deaf || to === deaf);
    expect(hasGone(leaver)).toBe(true);
  });

  it("finds its own writes among those of many, while the others go on writing", () => {
    const swarm = linkedSwarm(20, { kernels, config: { viewSize: 19 } });
    for (const [i, node] of swarm.nodes.entries()) node.write(mapSet(`k${i}`, "v"));
    swarm.advance(500);
    const [leaver, ...others] = swarm.nodes as [TestNode, ...TestNode[]];
    leaver.write(mapSet("last", "v"));
    leaver.command({ kind: "leave" });
    for (let i = 0; i < 60 && !hasGone(leaver); i++) {
      others[i % others.length]?.write(mapSet("busy", `${i}`));
      // Nobody's pushes come to the leaver, so that no two roots are ever equal.
      swarm.advance(10, ({ bytes, to }) => to === leaver && typeOf({ bytes }) === FRAME_PUSH);
    }
    expect(hasGone(leaver)).toBe(true);
    expect(others.every((node) => holds(node, "last"))).toBe(true);
  });

  it("takes no writes, and stays gone whatever makes it renew its record", () => {
    const { swarm, leaver, others } = meshOf(3);
    leaver.command({ kind: "leave" });
    expect(leaver.write(mapSet("k", "v"))).toMatchObject({ kind: "refused", code: "MESH_CLOSED" });
    leaver.command({ kind: "addresses", addresses: ["/test/again"] });
    swarm.advance(300);
    expect(others.every((node) => knows(node, leaver))).toBe(true);
    expect(leaver.eventsOf("health:changed")).toEqual([]);
  });
});
