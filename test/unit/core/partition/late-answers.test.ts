// Answers of a roll call that come late, and one by one (C8, N12): how long the verdict waits for them.
import { describe, expect, it } from "vitest";
import { FRAME_PROBE } from "../../../../src/core/wire/failure-frames.ts";
import { decodeFrame } from "../../../../src/core/wire/frame.ts";
import { FRAME_ROLL_CALL, type RollCallFrame } from "../../../../src/core/wire/roll-call.ts";
import { type Flying, type Swarm, type TestNode, typeOf } from "../../../support/pair.ts";
import { around, isCall, passUntil, settled } from "../../../support/partition.ts";

/**
 * Cuts one of 20 off, which hears of one more answer now and then all the same; until it is read-only or 20
 * have answered.
 */
function answeredOneByOne(
  swarm: Swarm,
  everyMs: number,
): { readonly answers: number; readonly tookMs: number } {
  const [a] = swarm.nodes;
  let b: TestNode | undefined;
  let asked: RollCallFrame | undefined;
  const alone = (frame: Flying) => {
    const { from, to, bytes } = frame;
    if (from === a && isCall(frame)) {
      b ??= to;
      const decoded = decodeFrame(bytes);
      if (to === b && decoded.kind === "frame") asked = decoded.frame as RollCallFrame;
    }
    return around(a!)(frame);
  };
  let answers = 1;
  let toldMs = swarm.nowMs;
  const tookMs = passUntil(swarm, alone, () => {
    if (asked !== undefined && swarm.nowMs - toldMs >= everyMs) {
      answers += 1;
      toldMs = swarm.nowMs;
      const bits = new Uint8Array(3).map((_, i) => 0xff >> Math.max(0, 8 * (i + 1) - answers));
      const answered = { kind: "bitmap", members: 20, bits } as const;
      a!.frame(b!, { ...asked, stamp: 7, echo: asked.stamp, asks: true, answered });
    }
    return a!.core.readOnly || answers === 20;
  });
  return { answers, tookMs };
}

describe("a call that is answered one by one", () => {
  it("is judged in time all the same", () => {
    const { answers, tookMs } = answeredOneByOne(settled(20), 100);
    expect(answers).toBeGreaterThan(5);
    expect(answers).toBeLessThan(14);
    expect(tookMs).toBeLessThan(1_000);
  });

  it("waits for such answers where probes get lost", () => {
    const swarm = settled(20);
    // Two of five, whoever sends them.
    const probes = new Map<Flying, number>();
    swarm.advance(10_000, (frame) => {
      if (typeOf(frame) !== FRAME_PROBE) return false;
      if (!probes.has(frame)) probes.set(frame, probes.size);
      return (probes.get(frame) ?? 0) % 5 < 2;
    });
    expect(swarm.nodes.some(({ core }) => core.readOnly)).toBe(false);
    // Two of them bring nobody new: longer than is waited elsewhere.
    const { answers } = answeredOneByOne(swarm, 90);
    expect(answers).toBeGreaterThanOrEqual(14);
  });
});

describe("a frame that comes for a call which has long been answered", () => {
  const CALL = 0x0100_0000;

  /** The numbers of the calls that a node sends on when it is asked for the last one a second late. */
  function callsAfterLateFrame(isBusy: boolean): Set<number> {
    const swarm = settled(4);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const answered = { kind: "bitmap", members: 4, bits: Uint8Array.of(1) } as const;
    const fields = { echo: 0, asks: true, roster: new Uint8Array(8), answered };
    a.frame(b, { type: FRAME_ROLL_CALL, call: CALL, stamp: 7, ...fields });
    swarm.advance(1_000);
    for (let i = 0; isBusy && i < 10; i++) {
      swarm.nowMs += 200;
      swarm.advance(0);
    }
    const calls = new Set<number>();
    const noted = (frame: Flying) => {
      const decoded = decodeFrame(frame.bytes);
      if (frame.from === a && decoded.kind === "frame" && decoded.frame.type === FRAME_ROLL_CALL) {
        calls.add(decoded.frame.call);
      }
      return false;
    };
    a.frame(b, { type: FRAME_ROLL_CALL, call: CALL, stamp: 9, ...fields });
    swarm.advance(400, noted);
    return calls;
  }

  it("starts another", () => {
    expect([...callsAfterLateFrame(false)].some((call) => call > CALL)).toBe(true);
  });

  it("is answered out of it on a busy host, and starts none", () => {
    expect([...callsAfterLateFrame(true)]).toEqual([CALL]);
  });
});
