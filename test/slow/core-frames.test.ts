/**
 * A whole core under 200,000 mutated frames of a ready peer: nothing throws, what waits stays bounded,
 * and honest members agree as before once it is over (reliability.md 2.3, T2, T13).
 */
import { expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { PARKED_AUTHORS_MAX, PARKED_DELTAS_MAX } from "../../src/core/state/parked.ts";
import { createKernels } from "../../src/kernels/index.ts";
import { mutate } from "../support/mutate.ts";
import {
  type Flying,
  linkedSwarm,
  mapSet,
  type Swarm,
  type TestNode,
  text,
} from "../support/pair.ts";

const FRAMES = 200_000;
const kernels = createKernels();

/** What the third node sends the first while everybody writes, talks, joins and leaves. */
function heardFrom(swarm: Swarm, hostile: TestNode, victim: TestNode): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const tap = (frame: Flying): boolean => {
    if (frame.from === hostile && frame.to === victim) frames.push(frame.bytes.slice());
    return false;
  };
  victim.command({ kind: "agent.open", name: "ann", capabilities: ["x"] });
  for (let i = 0; i < 20; i++) {
    hostile.write(mapSet(`k${i}`, "v"));
    hostile.write({ op: "set.add", collection: "s", key: "", element: `e${i}` });
    hostile.command({
      kind: "send",
      fromAgent: "bob",
      toAgent: "ann",
      toNode: victim.id,
      codec: 0,
      body: text("x"),
      timeoutMs: 9,
    });
    swarm.advance(50, tap);
  }
  const late = swarm.add();
  swarm.link(late, hostile);
  swarm.advance(2_000, tap);
  swarm.unlink(late, hostile);
  swarm.advance(5_000, tap);
  return frames;
}

test("a core takes mutated frames of every kind that is sent, and goes on", () => {
  const swarm = linkedSwarm(3, { kernels, config: { rateLimitPerPeer: 1_000_000 } });
  const [victim, honest, hostile] = swarm.nodes as [TestNode, TestNode, TestNode];
  const samples = heardFrom(swarm, hostile, victim);
  expect(new Set(samples.map((bytes) => bytes[1])).size).toBeGreaterThan(8);
  const random = Random.fromSeed(20_261_126n);
  for (let i = 0; i < FRAMES; i++) {
    victim.core.registry.setReputation(hostile.id, 1);
    victim.frame(hostile, mutate(random, samples));
    if (i % 16 === 0) swarm.nowMs += 1;
    if (i % 1_000 === 0) {
      swarm.advance(10);
      while (victim.core.takeMessage("ann") !== undefined);
      const { parked } = victim.core.status();
      expect(parked).toBeLessThanOrEqual(PARKED_AUTHORS_MAX * PARKED_DELTAS_MAX);
    }
  }
  // Each was looked at: none was refused for its number.
  expect(victim.cell("messageRejectedRate")).toBe(0);
  expect(victim.cell("messageValidated")).toBeGreaterThan(FRAMES / 20);
  swarm.unlink(victim, hostile);
  swarm.unlink(honest, hostile);
  honest.write(mapSet("after", "all"));
  swarm.advance(30_000);
  expect(victim.root).toBe(honest.root);
});
