// Large worlds begin in the middle of their lives (docs/TESTING.md); smaller ones show it as well.
import { describe, expect, it } from "vitest";
import { hexFromBytes } from "../../src/core/node-id.ts";
import { MemberTable } from "../../src/core/peers/member-table.ts";
import { MEMBERS_MAX } from "../../src/core/peers/membership.ts";
import { SAMPLE_MAX } from "../../src/core/peers/sample.ts";
import type { MemberRecord, SignedMember } from "../../src/core/wire/member.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { beginSteady } from "../../src/sim/engine/steady.ts";
import { World } from "../../src/sim/engine/world.ts";
import { createFakeCrypto } from "../../src/sim/fake-crypto.ts";
import { MEMBERS } from "../support/wire-samples.ts";

const kernels = createKernels();

function steadyWorld(nodes: number): World {
  const world = new World({
    seed: 1,
    kernels,
    crypto: createFakeCrypto(kernels.blake3),
    latency: { regions: 1, minMs: 1, maxMs: 10 },
    loss: 0,
    config: {},
    observers: [],
  });
  for (let i = 0; i < nodes; i++) world.schedule(0, () => world.add());
  beginSteady(world);
  return world;
}

describe("a world that begins in the middle of its life", () => {
  it("has everybody know everybody, be linked as planned, and agree", () => {
    const world = steadyWorld(60);
    const roots = new Set<string>();
    for (const { core, links } of world.nodes) {
      const status = core!.status();
      expect(status.members).toBe(60);
      expect(core!.health).toBe("healthy");
      expect(links.size).toBeGreaterThanOrEqual(4);
      roots.add(
        Buffer.from(core!.read(0, "", undefined, world.nodes[0]!.now(0)).root()).toString("hex"),
      );
    }
    expect(roots.size).toBe(1);
    world.free();
  });

  it("goes on as any other: nobody is doubted, and no link is lost", () => {
    const world = steadyWorld(60);
    const before = world.nodes.map(({ links }) => links.size);
    world.runUntil(10_000);
    for (const [i, { core, links }] of world.nodes.entries()) {
      expect(core!.status().unreachable).toBe(0);
      expect(core!.health).toBe("healthy");
      expect(links.size).toBeGreaterThanOrEqual(Math.min(4, before[i]!));
    }
    world.free();
  });

  it("goes the same way for the same seed", () => {
    const hashes = [0, 1].map(() => {
      const world = steadyWorld(60);
      world.runUntil(3_000);
      const { hash } = world.trace;
      world.free();
      return hash;
    });
    expect(hashes[1]).toBe(hashes[0]);
  });

  it("keeps a sample of its own at every node where a view would be partial", () => {
    const world = steadyWorld(0);
    const nodes = [world.add(), world.add(), world.add()];
    const table = new MemberTable(strangers(MEMBERS_MAX + 1), kernels);
    for (const node of nodes) world.command(node, { kind: "members", table });
    const views = nodes.map(({ core }) => core!.membership);
    expect(new Set(views.map((view) => view.present().join())).size).toBe(views.length);
    for (const view of views) {
      expect(view.isPartial).toBe(true);
      expect(view.present().length).toBe(SAMPLE_MAX + 1);
      expect(view.estimate).toBeGreaterThan(MEMBERS_MAX * 0.7);
      expect(view.estimate).toBeLessThan(MEMBERS_MAX * 1.4);
    }
    world.free();
  });
});

function strangers(count: number): SignedMember[] {
  const plain = MEMBERS.plain as MemberRecord;
  return Array.from({ length: count }, (_, i) => {
    const id = hexFromBytes(kernels.blake3(Uint8Array.of(i, i >> 8)));
    return { record: { ...plain, id, epoch: 1n, counter: 0 }, bytes: new Uint8Array(1) };
  });
}
