// Whatever a ready peer sends (docs/ARCHITECTURE.md, C6): nothing throws, nothing unsigned changes
// the state, and what waits stays bounded.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../assembly/layout.ts";
import { INBOX_MESSAGES_MAX } from "../../src/core/agents/inboxes.ts";
import { PARKED_AUTHORS_MAX, PARKED_DELTAS_MAX } from "../../src/core/state/parked.ts";
import { FRAME_DELTA } from "../../src/core/wire/delta-frame.ts";
import {
  encodeFrame,
  FRAME_BYTES_MAX,
  FRAME_HELLO,
  FRAME_MEMBERS,
  FRAME_MESSAGE,
  FRAME_PUSH,
} from "../../src/core/wire/frame.ts";
import { createKernels } from "../../src/kernels/index.ts";
import {
  type Flying,
  join,
  linkedPair,
  mapSet,
  type Swarm,
  type TestNode,
  text,
} from "../support/pair.ts";

const kernels = createKernels();
const RUNS = { numRuns: 150 };

/** A pair, and every kind of frame that `b` would send `a`, as it was sent. */
function scene(): { swarm: Swarm; a: TestNode; b: TestNode; frames: Uint8Array[] } {
  const [swarm, a, b] = linkedPair({ kernels });
  a.command({ kind: "agent.open", name: "ann", capabilities: [] });
  a.write(mapSet("k", "v"));
  swarm.advance(5);
  const sent: Flying[] = [];
  b.write(mapSet("k", "other"));
  b.command({
    kind: "send",
    fromAgent: "bob",
    toAgent: "ann",
    toNode: a.id,
    codec: 0,
    body: text("x"),
    timeoutMs: 9,
  });
  swarm.advance(300, (frame) => {
    if (frame.to === a) sent.push(frame);
    return frame.to === a;
  });
  return { swarm, a, b, frames: sent.map(({ bytes }) => bytes) };
}

function bounded(node: TestNode): void {
  const { parked } = node.core.status();
  expect(parked).toBeLessThanOrEqual(PARKED_AUTHORS_MAX * PARKED_DELTAS_MAX);
  let taken = 0;
  while (node.core.takeMessage("ann") !== undefined) taken += 1;
  expect(taken).toBeLessThanOrEqual(INBOX_MESSAGES_MAX);
}

/** State and members, without what reputation and counting may change. */
function picture(node: TestNode): string {
  const { root, entries, members, incarnations, agents } = node.core.status();
  return JSON.stringify({ root, entries, members, incarnations, agents });
}

/** Bytes with some of them changed, cut or doubled. */
const bent = (bytes: Uint8Array) =>
  fc
    .record({
      edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 6 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
      tail: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ edits, cut, tail }) => {
      const copy = bytes.slice();
      for (const [at, by] of edits) copy[at % copy.length]! ^= by;
      const kept = cut === undefined ? copy : copy.subarray(0, cut % (copy.length + 1));
      return join([kept, tail]);
    });

describe("any bytes from a ready peer", () => {
  it("throw nothing, change nothing and stay bounded", () => {
    const { a, b } = scene();
    const before = picture(a);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        a.core.registry.setReputation(b.id, 1);
        a.frame(b, bytes);
        expect(picture(a)).toBe(before);
      }),
      RUNS,
    );
    bounded(a);
  });

  it("behind a true head and type throw nothing, change nothing and stay bounded", () => {
    const { swarm, a, b } = scene();
    const before = picture(a);
    const body = fc.uint8Array({ maxLength: 1_200 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 11 }), body, (type, bytes) => {
        a.core.registry.setReputation(b.id, 1);
        const head = encodeFrame({ type: FRAME_MESSAGE, message: new Uint8Array(1) }, a.now.wallMs);
        head[1] = type;
        a.frame(b, join([head.subarray(0, 12), bytes]));
        for (const frame of swarm.drop(() => true)) {
          expect(frame.bytes.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
        }
        expect(picture(a)).toBe(before);
      }),
      RUNS,
    );
    bounded(a);
  });

  it("made from true frames by bending them throw nothing, and only whole signed parts count", () => {
    const { swarm, a, b, frames } = scene();
    expect(frames.length).toBeGreaterThan(3);
    fc.assert(
      fc.property(fc.constantFrom(...frames).chain(bent), (bytes) => {
        a.core.registry.setReputation(b.id, 1);
        a.frame(b, bytes);
        swarm.drop(() => true);
        // Bent or whole, the only author of state there is besides the own one is b.
        const value = a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value;
        expect([text("v"), text("other")]).toContainEqual(value);
        expect(a.core.status().entries).toBeLessThanOrEqual(2);
      }),
      RUNS,
    );
    bounded(a);
  });

  it("with every signature spoiled change nothing at all", () => {
    const { swarm, a, b, frames } = scene();
    const signed = [FRAME_HELLO, FRAME_PUSH, FRAME_DELTA, FRAME_MEMBERS, FRAME_MESSAGE];
    const before = picture(a);
    const { crypto } = swarm;
    const refuse = { ...crypto, verify: () => false };
    Object.defineProperty(swarm, "crypto", { value: refuse });
    for (const frame of frames.filter((bytes) => signed.includes(bytes[1] as never))) {
      a.core.registry.setReputation(b.id, 1);
      a.frame(b, frame);
    }
    Object.defineProperty(swarm, "crypto", { value: crypto });
    expect(picture(a)).toBe(before);
    expect(a.core.takeMessage("ann")).toBeUndefined();
  });
});

describe("deltas in any order", () => {
  it("end in the same state (C5)", () => {
    const [swarm, a] = linkedPair({ kernels });
    for (let i = 0; i < 8; i++) {
      a.write(mapSet(`k${i % 3}`, `${i}`));
      a.write({ op: "counter.add", collection: "c", key: "", by: BigInt(i) });
      a.read(TYPE_MAP, "m", undefined);
      swarm.nowMs += 1;
    }
    swarm.drop(() => true);
    fc.assert(
      fc.property(fc.shuffledSubarray(a.stored, { minLength: a.stored.length }), (deltas) => {
        const other = swarm.add({ identity: 500 });
        const teacher = swarm.add({ identity: 501 });
        swarm.link(other, teacher);
        swarm.deliver();
        for (const delta of deltas) other.push(teacher, delta);
        expect(other.root).toBe(a.root);
        expect(other.core.status().parked).toBe(0);
        swarm.unlink(other, teacher);
        swarm.nodes.splice(2);
        swarm.flight.length = 0;
      }),
      { numRuns: 40 },
    );
  });
});
