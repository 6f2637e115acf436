// Eager push (C3, C4; docs/ARCHITECTURE.md): what is new is verified once, merged and handed on.
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedPair, linkedSwarm, mapSet, Swarm, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();

describe("push (C4)", () => {
  it("sends a local write to every peer when its batching window ends", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [a] = swarm.nodes;
    a!.write(mapSet("k", "v"));
    expect(swarm.flight).toEqual([]);
    swarm.nowMs += 2;
    a!.timeout();
    const pushes = swarm.flight.filter((frame) => typeOf(frame) === FRAME_PUSH);
    expect(new Set(pushes.map((frame) => frame.to))).toEqual(new Set(swarm.nodes.slice(1)));
  });

  it("hands a new delta on to everyone but its sender", () => {
    // A line a - b - c: c hears of a's write only through b.
    const swarm = new Swarm({ kernels });
    const [a, b, c] = [swarm.add(), swarm.add(), swarm.add()];
    swarm.link(a, b);
    swarm.link(b, c);
    swarm.deliver();
    a.write(mapSet("k", "v"));
    swarm.nowMs += 2;
    a.timeout();
    const first = swarm.deliverOne();
    expect([first?.from, first?.to]).toEqual([a, b]);
    const pushes = swarm.flight.filter((frame) => typeOf(frame) === FRAME_PUSH);
    expect(pushes.map((frame) => frame.to)).toEqual([c]);
    swarm.deliver();
    expect(c.read(TYPE_MAP, "m").mapGet("m", "k")?.value).toBeDefined();
    expect(c.root).toBe(a.root);
  });

  it("neither verifies nor hands on a delta that is held", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b] = swarm.nodes;
    a!.write(mapSet("k", "v"));
    swarm.nowMs += 2;
    a!.timeout();
    swarm.deliver();
    const before = b!.checks;
    b!.push(a!, ...a!.stored);
    expect(b!.core.pollVerify()).toBeUndefined();
    expect(b!.checks).toBe(before);
    expect(swarm.flight).toEqual([]);
    expect(b!.cell("deltaProcessedHeld")).toBeGreaterThan(0);
  });

  it("verifies a delta once however many peers push it", () => {
    const swarm = linkedSwarm(6, { kernels });
    const [a, b] = swarm.nodes;
    const before = b!.checks;
    a!.write(mapSet("k", "v"));
    swarm.nowMs += 2;
    a!.timeout();
    swarm.deliver();
    // The incarnation's record and the operations: one signature each.
    expect(b!.checks - before).toBe(2);
  });

  it("skips nothing when the same delta waits for two verdicts at once", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "v"));
    swarm.nowMs += 2;
    a.timeout();
    swarm.drop(() => true);
    b.holdVerdicts = true;
    b.push(a, ...a.stored);
    b.push(a, ...a.stored);
    expect(b.held).toHaveLength(2);
    b.release();
    expect(b.root).toBe(a.root);
    expect(b.cell("deltaProcessedApplied")).toBe(2);
    expect(b.cell("deltaProcessedHeld")).toBe(2);
  });

  it("merges nothing before the verdict is in", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "v"));
    swarm.nowMs += 2;
    a.timeout();
    const before = b.root;
    b.holdVerdicts = true;
    swarm.deliver();
    expect(b.root).toBe(before);
    expect(b.core.handleVerified(999_999, Uint8Array.of(1), b.now)).toBeUndefined();
    expect(b.root).toBe(before);
  });

  it("names a changed entry once to the own user", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "v"));
    swarm.advance(50);
    const changes = b.eventsOf("changes").flatMap((event) => event.changes);
    expect(changes.map(({ key, live, changed }) => ({ key, live, changed }))).toEqual([
      { key: "k", live: true, changed: true },
    ]);
  });
});
