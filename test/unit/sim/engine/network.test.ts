// What the faults of paths do to frames.
import { describe, expect, it } from "vitest";
import { Latency } from "../../../../src/sim/engine/latency.ts";
import { type Disturbance, Network } from "../../../../src/sim/engine/network.ts";
import { nodesOf } from "../../../../src/sim/engine/node-set.ts";
import { streamsOf } from "../../../../src/sim/engine/streams.ts";

const FRAMES = 2_000;
const bytes = Uint8Array.of(1, 2, 3);

function network(...faults: (Pick<Disturbance, "kind" | "p"> & Partial<Disturbance>)[]): Network {
  const streams = streamsOf(7);
  const latency = new Latency({ seed: 7, regions: 1, minMs: 1, maxMs: 10 }, streams.latency);
  const made = new Network(latency, streams, 0);
  for (const fault of faults) {
    const whole = { src: nodesOf("n0"), dst: nodesOf("*"), meanMs: 0, jitterMs: 0, ...fault };
    made.disturbances.add(whole);
  }
  return made;
}

/** Copies that arrive of many frames, as their delays. */
function delays(made: Network, from = 0, to = 1): number[] {
  const carried = Array.from({ length: FRAMES }, () => made.carry(from, to, bytes));
  return carried.flat().map(({ delayMs }) => delayMs);
}

describe("a path", () => {
  it("has a latency of its own and at most 1 ms of jitter", () => {
    const all = delays(network());
    expect(all).toHaveLength(FRAMES);
    expect(Math.max(...all) - Math.min(...all)).toBeLessThan(1);
  });

  it.each(["drop", "corrupt"] as const)("under %s delivers the rest, whole", (kind) => {
    const all = delays(network({ kind, p: 0.25 }));
    expect(all.length / FRAMES).toBeGreaterThan(0.7);
    expect(all.length / FRAMES).toBeLessThan(0.8);
  });

  it("under duplicate delivers some twice", () => {
    const all = delays(network({ kind: "duplicate", p: 0.25 }));
    expect(all.length / FRAMES).toBeGreaterThan(1.2);
    expect(all.length / FRAMES).toBeLessThan(1.3);
  });

  it("under reorder holds some back behind later ones, and loses none", () => {
    const all = delays(network({ kind: "reorder", p: 0.25 }));
    expect(all).toHaveLength(FRAMES);
    expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(10);
  });

  it("under delay takes its mean longer, give or take the jitter", () => {
    const network_ = network({ kind: "delay", p: 1, meanMs: 200, jitterMs: 50 });
    const base = network_.latency.baseMs(0, 1);
    const extra = delays(network_).map((delayMs) => delayMs - base);
    expect(Math.min(...extra)).toBeGreaterThanOrEqual(150);
    expect(Math.max(...extra)).toBeLessThanOrEqual(251);
  });

  it("from another source is not touched", () => {
    expect(delays(network({ kind: "drop", p: 1 }), 1, 0)).toHaveLength(FRAMES);
  });

  it("that loses frames counts them as sent", () => {
    const made = network({ kind: "drop", p: 1 });
    expect(delays(made)).toHaveLength(0);
    expect(made.counts).toMatchObject({ frames: FRAMES, bytes: FRAMES * 63, dropped: FRAMES });
  });
});
