// Repair (C4, C5; docs/ARCHITECTURE.md): whatever was lost on the way is found and moved, in
// bounded frames, whoever asks first.
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { RANGE_LEAF_MAX } from "../../../../src/core/gossip/repair.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import {
  decodeFrame,
  FRAME_BYTES_MAX,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_WANT,
  SYNC_ENTRIES_MAX,
} from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  type Flying,
  linkedPair,
  mapSet,
  Swarm,
  type TestNode,
  typeOf,
} from "../../../support/pair.ts";

const kernels = createKernels();
const isPush = (frame: Flying) => typeOf(frame) === FRAME_PUSH;

/** Gives a node one delta of each of `count` authors. */
function teach(swarm: Swarm, node: TestNode, count: number): void {
  const teacher = swarm.add({ identity: 9_999 });
  swarm.link(node, teacher);
  swarm.deliver();
  for (let i = 0; i < count; i++) {
    const author = swarm.add({ identity: 10_000 + i });
    author.write(mapSet(`k${i}`, "v"));
    author.read(TYPE_MAP, "m", `k${i}`);
    node.push(teacher, ...author.stored);
    swarm.nodes.pop();
  }
  swarm.unlink(node, teacher);
  swarm.nodes.splice(swarm.nodes.indexOf(teacher), 1);
}

/** Delivers everything to rest and returns what travelled. */
function watched(swarm: Swarm): Flying[] {
  const seen: Flying[] = [];
  while (swarm.flight.length > 0) seen.push(swarm.deliverOne()!);
  return seen;
}

describe("a lost push", () => {
  it.each([
    ["the author asks", 0],
    ["the other one asks", 1],
  ])("is repaired by one round when %s", (_who, asker) => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "v"));
    a.read(TYPE_MAP, "m", "k");
    expect(swarm.drop(isPush)).toHaveLength(1);
    swarm.nowMs += 100;
    [a, b][asker]!.timeout();
    expect(swarm.flight.map(typeOf)).toContain(FRAME_PULL);
    swarm.deliver();
    expect(b.root).toBe(a.root);
  });

  it("is repaired both ways by one round", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    for (const node of [a, b]) {
      node.write(mapSet(node.id, "v"));
      node.read(TYPE_MAP, "m", node.id);
    }
    swarm.drop(isPush);
    swarm.nowMs += 100;
    a.timeout();
    swarm.deliver();
    expect(b.root).toBe(a.root);
    expect(a.core.status().entries).toBe(2);
  });

  it("is sent once, however often it is asked for while the answer is under way", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "v"));
    a.read(TYPE_MAP, "m", "k");
    swarm.drop(isPush);
    swarm.nowMs += 100;
    b.timeout();
    const isWant = (frame: Flying) => typeOf(frame) === FRAME_WANT;
    while (swarm.flight.length > 0 && !swarm.flight.some(isWant)) swarm.deliverOne();
    const wants = swarm.flight.filter(isWant);
    expect(wants).toHaveLength(1);
    const isDelta = (frame: Flying) => typeOf(frame) === FRAME_DELTA;
    swarm.flight.unshift(...wants.map((want) => ({ ...want, bytes: want.bytes.slice() })));
    expect(watched(swarm).filter(isDelta)).toHaveLength(1);
    expect(b.root).toBe(a.root);
    // Lost or not: asked again later, it is sent again.
    swarm.flight.push(...wants);
    expect(watched(swarm).filter(isDelta)).toHaveLength(0);
    swarm.nowMs += 100;
    swarm.flight.push(...wants);
    expect(watched(swarm).filter(isDelta)).toHaveLength(1);
  });

  it("is repaired although a third of all frames goes astray", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    let sent = 0;
    const lossy = () => (Math.imul(++sent, 0x9e3779b1) >>> 0) % 3 === 0;
    for (let i = 0; i < 50; i++) {
      a.write(mapSet(`a${i}`, "v"));
      b.write(mapSet(`b${i}`, "v"));
      swarm.advance(5, lossy);
    }
    swarm.advance(3_000, lossy);
    expect(b.root).toBe(a.root);
    expect(a.core.status().entries).toBe(100);
  });

  it("reaches third nodes that only the repaired one is linked to", () => {
    const swarm = new Swarm({ kernels });
    const [a, b, c] = [swarm.add(), swarm.add(), swarm.add()];
    swarm.link(a, b);
    swarm.link(b, c);
    swarm.deliver();
    a.write(mapSet("k", "v"));
    a.read(TYPE_MAP, "m", "k");
    swarm.drop(isPush);
    swarm.nowMs += 100;
    a.timeout();
    swarm.deliver();
    expect(c.root).toBe(a.root);
  });
});

describe("a joiner with nothing", () => {
  it("is given every chain from its record on, and told that it is synced", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    a.write(mapSet("k", "v"));
    a.read(TYPE_MAP, "m", "k");
    swarm.link(a, b);
    swarm.deliver();
    expect(b.root).toBe(a.root);
    expect(b.stored).toEqual(a.stored);
    expect(b.eventsOf("synced")).toEqual([{ kind: "synced", peer: a.id }]);
  });

  it("catches up with more incarnations than one frame lists, by descending the frontier", () => {
    const swarm = new Swarm({ kernels });
    const a = swarm.add();
    teach(swarm, a, 3 * RANGE_LEAF_MAX);
    const b = swarm.add();
    swarm.link(a, b);
    const frames = watched(swarm);
    swarm.advance(1_000);
    expect(b.root).toBe(a.root);
    expect(b.core.status().incarnations).toBe(3 * RANGE_LEAF_MAX);
    const ranges = frames.flatMap(({ bytes }) => {
      const decoded = decodeFrame(bytes);
      return decoded.kind === "frame" && decoded.frame.type === FRAME_SYNC
        ? decoded.frame.ranges
        : [];
    });
    expect(ranges.some((range) => range.kind === "inner")).toBe(true);
    expect(Math.max(...ranges.map((range) => range.nibbles))).toBeGreaterThan(0);
    for (const range of ranges) {
      if (range.kind === "leaf") expect(range.entries.length).toBeLessThanOrEqual(RANGE_LEAF_MAX);
    }
  });

  it("catches up from either end: with much against little, too", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    teach(swarm, a, 200);
    teach(swarm, b, 40);
    b.write(mapSet("mine", "v"));
    swarm.link(a, b);
    swarm.advance(2_000);
    expect(b.root).toBe(a.root);
    expect(a.core.status().entries).toBe(201);
  });

  it("gets more than one answer holds in bounded parts, each asked for", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    const value = new Uint8Array(60_000);
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    for (const key of keys) a.write(mapSet(key, value));
    a.read(TYPE_MAP, "m", undefined);
    swarm.link(a, b);
    const answers = watched(swarm).filter((frame) => typeOf(frame) === FRAME_DELTA);
    // 1.2 MB: each answer in frames of an eighth of a MiB, of which the last says more.
    expect(answers.length).toBeGreaterThan(1_200_000 / 131_072);
    const said = answers.map(({ bytes }) => {
      expect(bytes.length).toBeLessThan(131_072 + 64);
      const decoded = decodeFrame(bytes);
      if (decoded.kind !== "frame" || decoded.frame.type !== FRAME_DELTA)
        throw new Error("no Delta");
      return decoded.frame.follows === true ? "follows" : decoded.frame.more ? "more" : "last";
    });
    expect(said.filter((what) => what === "more").length).toBeGreaterThanOrEqual(2);
    expect(said.filter((what) => what === "last")).toHaveLength(1);
    expect(said.at(-1)).toBe("last");
    expect(b.root).toBe(a.root);
  });

  it("is told it is synced only when the last part has come", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    for (let i = 0; i < 20; i++) a.write(mapSet(`k${i}`, new Uint8Array(60_000)));
    a.read(TYPE_MAP, "m", undefined);
    swarm.link(a, b);
    while (b.eventsOf("synced").length === 0 && swarm.flight.length > 0) swarm.deliverOne();
    expect(b.core.status().entries).toBe(20);
  });

  it("never makes a frame beyond the bounds of the wire", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    teach(swarm, a, 600);
    teach(swarm, b, 300);
    swarm.link(a, b);
    for (const { bytes } of watched(swarm)) {
      expect(bytes.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
      const decoded = decodeFrame(bytes);
      expect(decoded.kind).toBe("frame");
      if (decoded.kind !== "frame" || decoded.frame.type !== FRAME_SYNC) continue;
      const entries = decoded.frame.ranges.map((r) => (r.kind === "leaf" ? r.entries.length : 0));
      expect(entries.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(SYNC_ENTRIES_MAX);
    }
    swarm.advance(3_000);
    expect(b.root).toBe(a.root);
  });
});

describe("equal replicas", () => {
  it("answer a round without listing anything", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "v"));
    swarm.advance(5);
    swarm.nowMs += 100;
    b.timeout();
    const answers = watched(swarm).flatMap(({ bytes }) => {
      const decoded = decodeFrame(bytes);
      return decoded.kind === "frame" && decoded.frame.type === FRAME_SYNC ? [decoded.frame] : [];
    });
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) expect(answer.ranges).toEqual([]);
  });

  it("measure the round trip by the echo of their own stamp", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.nowMs += 100;
    a.timeout();
    swarm.drop((frame) => typeOf(frame) !== FRAME_PULL);
    swarm.nowMs += 7;
    swarm.deliver();
    expect(a.core.registry.get(b.id)?.rtt?.currentMs).toBe(7);
  });
});
