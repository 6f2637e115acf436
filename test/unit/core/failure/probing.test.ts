// Probes (C4): whose turn, what counts as an answer, what a silence leads to.
import { describe, expect, it } from "vitest";
import { FRAME_PROBE, FRAME_SUSPECT } from "../../../../src/core/wire/failure-frames.ts";
import { decodeFrame } from "../../../../src/core/wire/frame.ts";
import { WORD_ALIVE, WORD_ASKED } from "../../../../src/core/wire/suspect.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { FIRST_RECORD, livenessAt, silence, tell, wordAbout } from "../../../support/failure.ts";
import { type Flying, linkedPair, linkedSwarm, type Swarm, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();
const ROOT = new Uint8Array(8);
const isProbe = (frame: Flying) => typeOf(frame) === FRAME_PROBE;

function probeOf(frame: Flying) {
  const decoded = decodeFrame(frame.bytes);
  if (decoded.kind !== "frame" || decoded.frame.type !== FRAME_PROBE) throw new Error("no probe");
  return decoded.frame;
}

/** Frames of one kind that fly while time passes, each delivered. */
function seen(swarm: Swarm, ms: number, which: (frame: Flying) => boolean): Flying[] {
  const frames: Flying[] = [];
  swarm.advance(ms, (frame) => {
    if (which(frame) && !frames.includes(frame)) frames.push(frame);
    return false;
  });
  return frames;
}

describe("a probe", () => {
  it("is answered with an echo of its stamp", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.drop(() => true);
    b.frame(a, { type: FRAME_PROBE, stamp: 77, echo: 0, root: ROOT });
    const [answer] = swarm.flight.filter(isProbe);
    expect(answer && probeOf(answer).echo).toBe(77);
    expect(answer?.to).toBe(a);
  });

  it("is answered by a round trip time", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const before = a.core.registry.get(b.id)?.rtt?.samples ?? 0;
    swarm.advance(10_000);
    expect(a.core.registry.get(b.id)?.rtt?.samples).toBeGreaterThan(before);
  });

  it("that asks for nothing is not answered, nor is an echo that nobody waits for", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.drop(() => true);
    b.frame(a, { type: FRAME_PROBE, stamp: 0, echo: 0, root: ROOT });
    b.frame(a, { type: FRAME_PROBE, stamp: 0, echo: 4_711, root: ROOT });
    expect(swarm.flight).toEqual([]);
  });

  it("goes to each link in turn", () => {
    const swarm = linkedSwarm(5, { kernels, config: { probeIntervalMs: 100 } });
    swarm.advance(2_000);
    const [a] = swarm.nodes;
    const probes = seen(swarm, 2_000, (frame) => frame.from === a && isProbe(frame));
    const asked = probes.filter((frame) => probeOf(frame).stamp !== 0).map(({ to }) => to);
    expect(new Set(asked.slice(0, 4)).size).toBe(4);
  });

  it("is spared where a round has been answered within the interval", () => {
    const [swarm] = linkedPair({ kernels, config: { probeIntervalMs: 5_000 } });
    swarm.advance(10_000);
    // Idle rounds come each 1,600 ms: every link has always echoed less than 5 s ago.
    expect(seen(swarm, 20_000, isProbe)).toEqual([]);
  });
});

describe("a probe that nobody answers", () => {
  it("is repeated and others are asked, before anybody is accused", () => {
    const swarm = linkedSwarm(6, { kernels });
    const [a, dead] = swarm.nodes;
    swarm.advance(2_000);
    const asked = new Set<unknown>();
    for (let ms = 0; a!.cell("peerSilences") === 0 && ms < 3_000; ms += 10) {
      swarm.advance(10, (frame) => {
        if (frame.from === a && typeOf(frame) === FRAME_SUSPECT) asked.add(frame.to);
        return frame.from === dead || frame.to === dead;
      });
    }
    expect(a!.cell("peerSilences")).toBe(1);
    expect(asked.size).toBe(3);
    expect(a!.eventsOf("member:suspected")).toEqual([]);
  });

  it("accuses nobody who answers a repetition", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [, b] = swarm.nodes;
    let lost = 0;
    // Of b's echoes three of four are lost, each of them a first answer or a repetition.
    swarm.advance(20_000, (frame) => {
      if (frame.from !== b || !isProbe(frame)) return false;
      lost += 1;
      return lost % 4 !== 0;
    });
    const suspected = swarm.nodes.flatMap((node) => node.eventsOf("member:suspected"));
    expect(suspected).toEqual([]);
    expect(swarm.nodes[0]!.cell("peerSilences")).toBeGreaterThan(0);
  });

  it("leads to a suspicion everywhere, and to its end when the member is heard again", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [dead, ...others] = swarm.nodes;
    silence(swarm, [dead!], 1_600);
    expect(livenessAt(others, dead!)).toEqual(["suspect", "suspect", "suspect"]);
    expect(others[0]!.core.status().suspected).toBe(1);
    swarm.advance(1_000);
    expect(livenessAt(others, dead!)).toEqual(["alive", "alive", "alive"]);
    expect(others[0]!.eventsOf("member:reachable")).toEqual([
      { kind: "member:reachable", peer: dead!.id },
    ]);
  });
});

describe("a silence", () => {
  it("is noted at each end of a gossip link that breaks", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.advance(2_000);
    swarm.unlink(a, b);
    expect([a.cell("peerSilences"), b.cell("peerSilences")]).toEqual([1, 1]);
  });

  it("is noted at the first probe without an echo, once a check", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.advance(2_000);
    silence(swarm, [b], 600);
    expect(a.cell("peerSilences")).toBe(1);
  });
});

describe("who is asked to probe a member", () => {
  it("answers that it lives, once it has echoed", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    swarm.advance(1_000);
    swarm.drop(() => true);
    tell(b!, a!, wordAbout(c!, WORD_ASKED, a!));
    const words: unknown[] = [];
    swarm.advance(50, (frame) => {
      const decoded = decodeFrame(frame.bytes);
      if (decoded.kind === "frame" && decoded.frame.type === FRAME_SUSPECT && frame.to === a) {
        words.push(...decoded.frame.words);
      }
      return false;
    });
    const answer = { member: c!.id, ...FIRST_RECORD, state: WORD_ALIVE, by: b!.id };
    expect(words).toContainEqual(answer);
  });

  it("asks nobody further and accuses nobody on another's behalf", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    swarm.advance(1_000);
    tell(b!, a!, wordAbout(c!, WORD_ASKED, a!));
    swarm.advance(200);
    expect(livenessAt(swarm.nodes, c!)).toEqual(["alive", "alive", "alive"]);
  });
});
