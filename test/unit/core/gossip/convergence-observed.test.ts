// Observed convergence and the pace of rounds (C4): nothing is inferred from elapsed rounds.
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { FRAME_PULL, FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedSwarm, mapSet, Swarm, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();
const ROOT = new Uint8Array(32).fill(1);

/** A node with four peers; the first has shown it nothing since its last write. */
function writer(convergenceThreshold: number) {
  const swarm = linkedSwarm(5, { kernels, config: { convergenceThreshold } });
  swarm.advance(2_000);
  const [a, ...peers] = swarm.nodes;
  a!.events.length = 0;
  a!.write(mapSet("k", "v"));
  a!.read(TYPE_MAP, "m", "k");
  swarm.drop(() => true);
  const root = a!.core.read(0, "", undefined, a!.now).root();
  const show = (peer: number, shown = root) =>
    a!.frame(peers[peer]!, {
      type: FRAME_PULL,
      stamp: 0,
      root: shown,
      frontierRoot: ROOT,
      membersDigest: ROOT,
    });
  return { swarm, a: a!, show };
}

describe("converged (C4)", () => {
  it("is told when every peer has shown the own root, and not before", () => {
    const { a, show } = writer(1);
    expect(a.core.status().converged).toBe(false);
    for (const peer of [0, 1, 2]) show(peer);
    expect(a.eventsOf("converged")).toEqual([]);
    show(3);
    expect(a.eventsOf("converged")).toHaveLength(1);
    expect(a.core.status().converged).toBe(true);
  });

  it("needs only the configured share", () => {
    const { a, show } = writer(0.75);
    for (const peer of [0, 1]) show(peer);
    expect(a.eventsOf("converged")).toEqual([]);
    show(2);
    expect(a.eventsOf("converged")).toHaveLength(1);
  });

  it("is not told by one peer that shows the own root many times", () => {
    const { a, show } = writer(0.75);
    for (let i = 0; i < 100; i++) show(0);
    expect(a.eventsOf("converged")).toEqual([]);
  });

  it("is withheld while a peer shows another root", () => {
    const { a, show } = writer(0.75);
    show(0, ROOT);
    show(1, ROOT);
    for (const peer of [2, 3]) show(peer);
    expect(a.eventsOf("converged")).toEqual([]);
    show(1);
    expect(a.eventsOf("converged")).toHaveLength(1);
  });

  it("is told with the time and rounds since the own root changed, once", () => {
    const swarm = linkedSwarm(3, { kernels });
    swarm.advance(2_000);
    const [a] = swarm.nodes;
    a!.events.length = 0;
    a!.write(mapSet("k", "v"));
    a!.read(TYPE_MAP, "m", "k");
    swarm.advance(2_000);
    expect(a!.eventsOf("converged")).toHaveLength(1);
    expect(a!.eventsOf("converged")[0]?.elapsedMs).toBeLessThanOrEqual(900);
  });

  it("never holds for a node that knows members and has no link", () => {
    const swarm = linkedSwarm(2, { kernels });
    const [a, b] = swarm.nodes;
    swarm.advance(1_000);
    swarm.unlink(a!, b!);
    a!.write(mapSet("k", "v"));
    swarm.advance(1_000);
    expect(a!.core.status()).toMatchObject({ converged: false, health: "partitioned" });
  });

  it("holds for a mesh of one", () => {
    const swarm = new Swarm({ kernels });
    expect(swarm.add().core.status()).toMatchObject({ converged: true, health: "healthy" });
  });
});

describe("rounds", () => {
  const pulls = (ms: number, swarm: Swarm) => {
    const [a] = swarm.nodes;
    const before = a!.cell("gossipRounds");
    swarm.advance(ms);
    return a!.cell("gossipRounds") - before;
  };

  it("back off to a sixteenth while everything agrees", () => {
    const swarm = linkedSwarm(3, { kernels });
    swarm.advance(10_000);
    expect(pulls(8_000, swarm)).toBe(5);
  });

  it("ask one peer each while everything agrees, and never stop", () => {
    const swarm = linkedSwarm(5, { kernels });
    swarm.advance(10_000);
    const [a] = swarm.nodes;
    const before = a!.cell("gossipMessagesPullTransmit");
    expect(pulls(80_000, swarm)).toBe(50);
    expect(a!.cell("gossipMessagesPullTransmit") - before).toBe(50);
  });

  it("come at the configured interval, to one peer each, until enough have shown the new root", () => {
    const swarm = linkedSwarm(5, { kernels });
    const [a] = swarm.nodes;
    swarm.advance(10_000);
    a!.write(mapSet("k", "v"));
    a!.read(TYPE_MAP, "m", "k");
    const before = [a!.cell("gossipRounds"), a!.cell("gossipMessagesPullTransmit")];
    swarm.advance(1_000, () => true);
    // One at once, for the last was long ago, and ten at their interval.
    expect(a!.cell("gossipRounds") - before[0]!).toBe(11);
    expect(a!.cell("gossipMessagesPullTransmit") - before[1]!).toBe(11);
  });

  it("wake within one interval of a change", () => {
    const swarm = linkedSwarm(2, { kernels });
    swarm.advance(10_000);
    const [a, b] = swarm.nodes;
    a!.write(mapSet("k", "v"));
    a!.read(TYPE_MAP, "m", "k");
    expect(swarm.drop((frame) => typeOf(frame) === FRAME_PUSH)).toHaveLength(1);
    swarm.advance(101);
    expect(b!.root).toBe(a!.root);
  });

  it("choose nobody below the reputation threshold", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b] = swarm.nodes;
    swarm.advance(1_000);
    a!.core.registry.setReputation(b!.id, 0.1);
    const asked = new Set<string>();
    swarm.advance(20_000, (frame) => {
      if (frame.from === a && typeOf(frame) === FRAME_PULL) asked.add(frame.to.id);
      return false;
    });
    expect([...asked]).toEqual([swarm.nodes[2]!.id]);
  });
});
