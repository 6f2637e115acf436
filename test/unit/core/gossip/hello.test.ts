// The first exchange on a link (C3, C6): who may speak, and what is said before anything else.
import { describe, expect, it } from "vitest";
import { FRAME_HELLO, FRAME_PULL, FRAME_TREE } from "../../../../src/core/wire/frame.ts";
import { encodeMember, type MemberRecord } from "../../../../src/core/wire/member.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { join, linkedPair, mapSet, Swarm, type TestNode, typeOf } from "../../../support/pair.ts";

const kernels = createKernels();

/** A node linked to another whose Hello has not come. */
function unready() {
  const swarm = new Swarm({ kernels });
  const [a, b] = [swarm.add(), swarm.add()];
  swarm.link(a, b);
  swarm.drop(() => true);
  return { swarm, a, b };
}

function hello(swarm: Swarm, about: TestNode, signer: TestNode, more: Partial<MemberRecord> = {}) {
  const record = {
    id: about.id,
    epoch: 5n,
    counter: 0,
    left: false,
    region: "r",
    zone: "z",
    addresses: [],
  };
  const signed = encodeMember({ ...record, ...more }, swarm.meshId);
  const member = join([signed, swarm.crypto.sign(signed, signer.key)]);
  return { type: FRAME_HELLO, meshId: swarm.meshId, gossip: true, heard: false, member } as const;
}

describe("Hello", () => {
  it("comes first on a link, from both ends", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    swarm.link(a, b);
    expect(swarm.flight.map((frame) => [frame.from, typeOf(frame)])).toEqual([
      [a, FRAME_HELLO],
      [b, FRAME_HELLO],
    ]);
  });

  it("makes the peer known and starts the first exchange", () => {
    const { swarm, a, b } = unready();
    a.frame(b, hello(swarm, b, b));
    expect(a.eventsOf("peer:up")).toEqual([{ kind: "peer:up", peer: b.id }]);
    expect(a.eventsOf("member:up")).toEqual([{ kind: "member:up", peer: b.id }]);
    expect(a.core.registry.get(b.id)).toMatchObject({ region: "r", admitted: true });
    // It hangs nowhere yet: the link is in its push tree.
    expect(swarm.flight.map(typeOf)).toEqual([FRAME_TREE, FRAME_PULL]);
  });

  it("of another mesh is refused with an event and the link is closed", () => {
    const { swarm, a, b } = unready();
    a.frame(b, { ...hello(swarm, b, b), meshId: new Uint8Array(16) });
    expect(a.eventsOf("peer:refused")).toEqual([
      { kind: "peer:refused", peer: b.id, reason: "mesh" },
    ]);
    expect(a.links).toContainEqual({ kind: "disconnect", peer: b.id, reason: "mesh" });
    expect(a.cell("messageRejectedMesh")).toBe(1);
    expect(a.core.status().links).toBe(0);
  });

  it("of another wire version is refused with an event and the link is closed", () => {
    const { a, b } = unready();
    a.frame(b, Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(a.eventsOf("peer:refused")).toMatchObject([{ reason: "version" }]);
    expect(a.links).toContainEqual({ kind: "disconnect", peer: b.id, reason: "version" });
    expect(a.cell("messageRejectedVersion")).toBe(1);
  });

  it("with a record about another key is refused and the link is closed", () => {
    const { swarm, a, b } = unready();
    const other = swarm.add();
    a.frame(b, hello(swarm, other, other));
    expect(a.links).toContainEqual({ kind: "disconnect", peer: b.id, reason: "malformed" });
    expect(a.eventsOf("peer:up")).toEqual([]);
    expect(a.cell("messageRejectedMalformed")).toBe(1);
  });

  it("with a record that the peer has not signed is refused and the link is closed", () => {
    const { swarm, a, b } = unready();
    const forger = swarm.add();
    a.frame(b, hello(swarm, b, forger));
    expect(a.links).toContainEqual({ kind: "disconnect", peer: b.id, reason: "signature" });
    expect(a.eventsOf("peer:up")).toEqual([]);
    expect(a.core.registry.get(b.id)).toBeUndefined();
    expect(a.cell("messageRejectedSignature")).toBe(1);
  });

  it("that comes again is answered by the own Hello, which the peer has missed", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.nowMs += 1_000;
    a.frame(b, hello(swarm, b, b, { epoch: 1n }));
    expect(swarm.flight.map((frame) => [frame.to, typeOf(frame)])).toEqual([[b, FRAME_HELLO]]);
    expect(a.eventsOf("peer:up")).toHaveLength(1);
  });

  it("is answered at most every half second, so that two nodes cannot keep each other busy", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.nowMs += 1_000;
    for (let i = 0; i < 10; i++) a.frame(b, hello(swarm, b, b, { epoch: 1n }));
    expect(swarm.flight).toHaveLength(1);
  });

  it("is said again while the peer's has not come", () => {
    const { swarm, a, b } = unready();
    swarm.advance(2_000);
    expect(a.core.status().links).toBe(1);
    expect(b.core.status().links).toBe(1);
  });
});

describe("frames before Hello", () => {
  it("are refused and counted, and change nothing", () => {
    const { swarm, a, b } = unready();
    const author = swarm.add();
    author.write(mapSet("k", "v"));
    swarm.advance(5, () => true);
    const before = a.root;
    a.push(b, ...author.stored);
    expect(a.root).toBe(before);
    expect(a.cell("messageRejectedUnknownSender")).toBe(1);
    expect(a.cell("messageValidated")).toBe(0);
  });

  it("of a node without a link are refused too", () => {
    const { swarm, a } = unready();
    const stranger = swarm.add();
    a.frame(stranger, hello(swarm, stranger, stranger));
    expect(a.cell("messageRejectedUnknownSender")).toBe(1);
    expect(a.core.registry.get(stranger.id)).toBeUndefined();
  });
});
