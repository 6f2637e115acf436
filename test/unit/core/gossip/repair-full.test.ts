// A replica whose memory is full lacks for ever what it cannot take: nobody sends it without end.
import { describe, expect, it } from "vitest";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { type Flying, mapSet, Swarm, type TestNode, typeOf } from "../../../support/pair.ts";

const MIB = 1024 * 1024;
const WRITES = 120;

/** Two nodes that hold much of many authors, and a third whose memory takes only part of it. */
function swarmWithSmallNode() {
  const swarm = new Swarm({ kernels: createKernels() });
  const [a, b] = [swarm.add(), swarm.add()];
  swarm.link(a, b);
  swarm.advance(500);
  for (let number = 0; number < WRITES; number++) {
    for (const node of [a, b]) {
      const write = mapSet(`${node.id}/${number}`, "x".repeat(30_000));
      node.command({ kind: "write", write });
    }
    swarm.advance(10);
  }
  const small = swarm.add({ kernels: createKernels({ memoryBytes: 4 * MIB }) });
  return { swarm, a, b, small };
}

/** Counts the bytes of repair answers to a node; loses nothing. @throws Error when they have no end. */
function repairBytes(to: TestNode) {
  const seen = new WeakSet<Flying>();
  const sum = { bytes: 0 };
  const count = (frame: Flying): boolean => {
    if (frame.to !== to || typeOf(frame) !== FRAME_DELTA || seen.has(frame)) return false;
    seen.add(frame);
    sum.bytes += frame.bytes.length;
    if (sum.bytes > 256 * MIB) throw new Error("repair goes on without end");
    return false;
  };
  return { sum, count };
}

describe("a node whose replica is full", () => {
  it("is sent what it cannot take once in five seconds a link, and stays a member", () => {
    const { swarm, a, b, small } = swarmWithSmallNode();
    swarm.link(a, small);
    swarm.link(b, small);
    const { sum, count } = repairBytes(small);
    swarm.advance(2_000, count);
    const { entries } = small.core.status();
    expect(small.cell("deltaProcessedFull")).toBeGreaterThan(0);
    expect(entries).toBeGreaterThan(0);
    expect(entries).toBeLessThan(2 * WRITES);
    sum.bytes = 0;
    swarm.advance(20_000, count);
    // Half a MiB in an answer; two peers, each five times at most, asked and unasked.
    expect(sum.bytes).toBeLessThanOrEqual(2 * 5 * 2 * (MIB / 2));
    expect(small.core.status()).toMatchObject({ members: 3, health: "healthy", full: true });
    expect(a.core.status().full).toBe(false);
  });

  it("tells its user once in a minute, not at each refusal", () => {
    const { swarm, a, small } = swarmWithSmallNode();
    const told = () => small.events.filter(({ kind }) => kind === "state:full");
    swarm.link(a, small);
    swarm.advance(30_000);
    expect(small.cell("deltaProcessedFull")).toBeGreaterThan(1);
    expect(told()).toEqual([
      { kind: "state:full", entries: expect.any(Number), deltaBytes: expect.any(Number) },
    ]);
    swarm.advance(40_000);
    expect(told()).toHaveLength(2);
  });

  it("is full in its status though small writes find room, until nothing is refused for a while", () => {
    const { swarm, a, small } = swarmWithSmallNode();
    swarm.link(a, small);
    swarm.advance(2_000);
    small.write(mapSet("small", "1"));
    swarm.advance(100);
    expect(small.eventsOf("acknowledged")).toHaveLength(1);
    expect(small.core.status().full).toBe(true);
    swarm.unlink(a, small);
    swarm.advance(20_000);
    expect(small.core.status().full).toBe(false);
  });
});
