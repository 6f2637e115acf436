// Acknowledgement above `local` in the core (DESIGN: restart): who is asked, who counts, when.
import { describe, expect, it } from "vitest";
import type { AckLevel } from "../../../../src/core/commands.ts";
import { FRAME_STORED } from "../../../../src/core/wire/stored.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { linkedSwarm, mapSet, Swarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();
const config = { durable: true, viewSize: 12 };

/** A fully linked mesh of durable nodes at rest. */
function mesh(count: number) {
  const swarm = linkedSwarm(count, { kernels, config });
  swarm.advance(1_000);
  return { swarm, author: swarm.nodes[0]!, others: swarm.nodes.slice(1) };
}

function write(node: TestNode, ack: AckLevel, key = "k"): void {
  node.command({ kind: "write", write: mapSet(key, "v"), ack });
}

function levels(node: TestNode): string[] {
  return node.eventsOf("stored").map(({ level, first, last }) => `${level} ${first}-${last}`);
}

describe("a durable write", () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [6, 2],
    [7, 3],
    [12, 3],
  ])("in a mesh of %i waits for %i other disks", (count, needed) => {
    const { swarm, author, others } = mesh(count);
    for (const other of others) other.holdStored = true;
    write(author, "durable");
    swarm.advance(20);
    const reached: number[] = levels(author).length > 0 ? [0] : [];
    for (const [i, other] of others.entries()) {
      other.confirm();
      swarm.advance(1);
      if (reached.length === 0 && levels(author).length > 0) reached.push(i + 1);
    }
    expect(reached).toEqual([needed]);
    expect(levels(author)).toEqual(["durable 1-1"]);
  });

  it("waits for the own disk too", () => {
    const { swarm, author } = mesh(4);
    author.holdStored = true;
    write(author, "durable");
    swarm.advance(100);
    expect(levels(author)).toEqual([]);
    author.confirm();
    expect(levels(author)).toEqual(["durable 1-1"]);
  });

  it("is answered from the confirmation on: no deadline lies before it, as after a pause", () => {
    const { swarm, author, others } = mesh(4);
    others[0]!.holdStored = true;
    write(author, "durable");
    swarm.advance(1_000);
    others[0]!.core.handleStored(others[0]!.stored.length, others[0]!.now);
    expect(others[0]!.core.deadline).toBe(swarm.nowMs);
  });

  it("is followed by others, each told once and in order", () => {
    const { swarm, author } = mesh(4);
    for (let i = 0; i < 5; i++) {
      write(author, "durable", `k${i}`);
      swarm.advance(10);
    }
    expect(levels(author)).toEqual([1, 2, 3, 4, 5].map((id) => `durable ${id}-${id}`));
  });

  it("costs no frame when nobody waits for it", () => {
    const { swarm, author } = mesh(4);
    let frames = 0;
    write(author, "local");
    swarm.advance(500, ({ bytes }) => {
      if (bytes[1] === FRAME_STORED) frames += 1;
      return false;
    });
    expect(frames).toBe(0);
  });

  it("is asked for again when question or answer were lost", () => {
    const { swarm, author } = mesh(4);
    write(author, "durable");
    swarm.advance(100, ({ bytes }) => bytes[1] === FRAME_STORED);
    expect(levels(author)).toEqual([]);
    swarm.advance(600);
    expect(levels(author)).toEqual(["durable 1-1"]);
  });

  it("counts no peer without a disk", () => {
    const swarm = new Swarm({ kernels });
    const [author, other] = [swarm.add({ config }), swarm.add()];
    swarm.link(author, other);
    swarm.advance(1_000);
    write(author, "durable");
    swarm.advance(2_000);
    expect(levels(author)).toEqual([]);
  });
});

describe("a region write", () => {
  it.each([
    [2, 1],
    [4, 2],
    [7, 4],
    [10, 6],
  ])("in a mesh of %i waits for %i other disks", (count, needed) => {
    const { swarm, author, others } = mesh(count);
    for (const other of others) other.holdStored = true;
    write(author, "region");
    swarm.advance(20);
    for (const other of others.slice(0, needed - 1)) other.confirm();
    swarm.advance(20);
    expect(levels(author)).toEqual([]);
    others[needed - 1]!.confirm();
    swarm.advance(20);
    expect(levels(author)).toEqual(["region 1-1"]);
  });

  it("opens links to members beyond the view until a quorum has answered", () => {
    const swarm = new Swarm({ kernels, config: { durable: true, viewSize: 3 } });
    const nodes = Array.from({ length: 10 }, () => swarm.add());
    const author = nodes[0]!;
    // A chain: the author is linked to one, and hears of the rest.
    for (let i = 1; i < nodes.length; i++) swarm.link(nodes[i - 1]!, nodes[i]!);
    swarm.advance(3_000);
    expect(author.core.status().members).toBe(10);
    author.links.length = 0;
    write(author, "region");
    for (let i = 0; i < 20 && levels(author).length === 0; i++) {
      swarm.advance(300);
      for (const request of author.links.splice(0)) {
        const to = nodes.find((node) => "peer" in request && node.id === request.peer);
        if (request.kind === "reach" && to !== undefined && !author.peers.has(to.id)) {
          swarm.link(author, to, false);
        }
      }
    }
    expect(levels(author)).toEqual(["region 1-1"]);
    expect(author.peers.size).toBeGreaterThanOrEqual(6);
  });
});

describe("a peer's word", () => {
  it("given in advance counts only for what has been written", () => {
    const { swarm, author, others } = mesh(2);
    const liar = others[0]!;
    liar.holdStored = true;
    write(author, "durable");
    swarm.advance(20);
    const { epoch, nonce } = author.core.read(0, "", undefined, author.now).latest(author.id)!;
    const seq = 2 ** 53 - 1;
    author.frame(liar, { type: FRAME_STORED, ask: false, author: author.id, epoch, nonce, seq });
    expect(levels(author)).toEqual(["durable 1-1"]);
    write(author, "durable", "k2");
    swarm.advance(20);
    expect(levels(author)).toEqual(["durable 1-1"]);
  });

  it("about another life, or another node, counts for nothing", () => {
    const { swarm, author, others } = mesh(2);
    const peer = others[0]!;
    peer.holdStored = true;
    write(author, "durable");
    swarm.advance(20);
    const { epoch, nonce } = author.core.read(0, "", undefined, author.now).latest(author.id)!;
    const said = {
      type: FRAME_STORED,
      ask: false,
      seq: 1,
      author: author.id,
      epoch,
      nonce,
    } as const;
    author.frame(peer, { ...said, nonce: nonce + 1n });
    author.frame(peer, { ...said, epoch: epoch + 1n });
    author.frame(peer, { ...said, author: peer.id });
    author.frame(peer, { ...said, ask: true });
    expect(levels(author)).toEqual([]);
    expect(author.core.registry.get(peer.id)?.reputation).toBeLessThan(1);
    author.frame(peer, said);
    expect(levels(author)).toEqual(["durable 1-1"]);
  });
});

it("leaves what waits uncertain when the node leaves", () => {
  const { swarm, author, others } = mesh(2);
  others[0]!.holdStored = true;
  write(author, "durable");
  swarm.advance(20);
  author.command({ kind: "leave" });
  expect(author.eventsOf("writes:uncertain")).toHaveLength(1);
  others[0]!.confirm();
  swarm.advance(20);
  expect(levels(author)).toEqual([]);
});
