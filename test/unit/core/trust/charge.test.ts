// Limits before work (C6): who floods is refused, then cut off; what was asked for is not charged.
import { describe, expect, it } from "vitest";
import { DELTA_COUNT_OFFSET, DELTA_PREFIX_BYTES } from "../../../../assembly/layout.ts";
import { nodeIdToBytes } from "../../../../src/core/node-id.ts";
import { countOperations } from "../../../../src/core/trust/charge.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { FRAME_PULL, FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedPair, mapSet, type TestNode } from "../../../support/pair.ts";
import { peerId } from "../../../support/peers.ts";

const kernels = createKernels();
const HASH = new Uint8Array(32);
const PULL = {
  type: FRAME_PULL,
  stamp: 1,
  root: HASH,
  frontierRoot: HASH,
  membersDigest: HASH,
} as const;
const JUNK = Uint8Array.of(1, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

function pair(rateLimitPerPeer = 1_000) {
  const [swarm, a, b] = linkedPair({ kernels, config: { rateLimitPerPeer } });
  a.events.length = 0;
  a.links.length = 0;
  return { swarm, a, b };
}

function times(count: number, act: () => void): void {
  for (let i = 0; i < count; i++) act();
}

function isCut(node: TestNode): boolean {
  return node.links.some(({ kind }) => kind === "disconnect");
}

/** A delta's prefix of `author` that claims `count` operations, without a body. */
function prefix(author: string, count: number): Uint8Array {
  const bytes = new Uint8Array(DELTA_PREFIX_BYTES);
  bytes.set(nodeIdToBytes(author), 32);
  new DataView(bytes.buffer).setUint32(DELTA_COUNT_OFFSET, count, true);
  return bytes;
}

function many(parts: number, part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(parts * part.length);
  for (let i = 0; i < parts; i++) bytes.set(part, i * part.length);
  return bytes;
}

describe("frames of one peer", () => {
  it("beyond the burst are refused before they are decoded, and counted", () => {
    const { a, b } = pair();
    times(2_100, () => a.frame(b, PULL));
    const rejected = a.cell("messageRejectedRate");
    expect(rejected).toBeGreaterThan(50);
    a.frame(b, JUNK);
    expect(a.cell("messageRejectedRate")).toBe(rejected + 1);
    expect(a.cell("messageRejectedMalformed")).toBe(0);
    expect(isCut(a)).toBe(false);
  });

  it("at the rate pass for ever", () => {
    const { swarm, a, b } = pair();
    times(100, () => {
      swarm.nowMs += 100;
      times(90, () => a.frame(b, PULL));
    });
    expect(a.cell("messageRejectedRate")).toBe(0);
  });

  it("that keep coming after a whole burst was refused end the link, with one event", () => {
    const { a, b } = pair();
    times(5_000, () => a.frame(b, PULL));
    expect(a.links.filter(({ kind }) => kind === "disconnect")).toEqual([
      { kind: "disconnect", peer: b.id, reason: "flood" },
    ]);
    expect(a.eventsOf("peer:refused")).toEqual([
      { kind: "peer:refused", peer: b.id, reason: "flood" },
    ]);
  });

  it("change no reputation: a rate is local evidence", () => {
    const { a, b } = pair();
    times(5_000, () => a.frame(b, PULL));
    expect(a.core.registry.get(b.id)?.reputation).toBe(1);
  });

  it("count tenfold while their sender is ignored", () => {
    const { a, b } = pair();
    a.core.registry.setReputation(b.id, 0.1);
    times(500, () => a.frame(b, PULL));
    expect(isCut(a)).toBe(true);
  });
});

describe("a peer that was cut off", () => {
  it("is refused at once when it comes back, until its time is over", () => {
    const { swarm, a, b } = pair();
    times(5_000, () => a.frame(b, PULL));
    swarm.unlink(a, b);
    swarm.nowMs += 29_000;
    a.links.length = 0;
    a.core.handlePeer({ kind: "up", peer: b.id, gossip: false }, a.now);
    a.drain();
    expect(isCut(a)).toBe(true);
    a.core.handlePeer({ kind: "down", peer: b.id, reason: "local_close" }, a.now);
    swarm.nowMs += 2_000;
    swarm.link(a, b);
    swarm.deliver();
    expect(a.eventsOf("peer:up").at(-1)?.peer).toBe(b.id);
    b.write(mapSet("k", "v"));
    swarm.advance(50);
    expect(a.root).toBe(b.root);
  });

  it("finds a new link no fuller than it left the last", () => {
    const { swarm, a, b } = pair();
    times(2_100, () => a.frame(b, PULL));
    swarm.unlink(a, b);
    swarm.link(a, b);
    const before = a.cell("messageRejectedRate");
    a.frame(b, PULL);
    expect(a.cell("messageRejectedRate")).toBe(before + 1);
  });
});

describe("operations of a push", () => {
  const flood = (author: string) => many(512, prefix(author, 256));

  it("are counted from headers by who made them, as a delta could hold them", () => {
    const [own, other] = [peerId(1), peerId(2)];
    const deltas = new Uint8Array([...prefix(own, 7), ...prefix(other, 0xffffffff)]);
    expect(countOperations({ deltas }, nodeIdToBytes(own))).toEqual({ own: 7, handedOn: 256 });
    expect(countOperations({ deltas: prefix(own, 0) }, nodeIdToBytes(own)).own).toBe(1);
    expect(countOperations({ deltas: deltas.subarray(0, 100) }, nodeIdToBytes(own)).own).toBe(0);
  });

  it("of its sender cut it off", () => {
    const { a, b } = pair();
    const frame = { type: FRAME_PUSH, reached: 1, root: HASH, deltas: flood(b.id) } as const;
    times(3, () => a.frame(b, frame));
    expect(isCut(a)).toBe(true);
  });

  it("that it hands on for others are refused, and no more: a relay is not to blame", () => {
    const { a, b } = pair();
    const frame = { type: FRAME_PUSH, reached: 1, root: HASH, deltas: flood(peerId(9)) } as const;
    times(40, () => a.frame(b, frame));
    expect(a.cell("messageRejectedRate")).toBeGreaterThan(0);
    expect(isCut(a)).toBe(false);
  });

  it("that were asked for are not charged, and answers nobody asked for are", () => {
    const { a, b } = pair();
    const frame = { type: FRAME_DELTA, more: false, root: HASH, deltas: flood(b.id) } as const;
    const answer = () => {
      a.core.registry.setReputation(b.id, 1); // the bodies are missing, which is not the matter here
      a.frame(b, frame);
    };
    times(20, () => a.frame(b, PULL)); // each is answered with a question of a's own
    times(16, answer);
    expect(a.cell("messageRejectedRate")).toBe(0);
    times(3, answer);
    expect(isCut(a)).toBe(true);
  });
});
