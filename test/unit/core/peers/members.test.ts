// Membership (C1; docs/ARCHITECTURE.md): signed records, the newest holds, silence removes nobody.
import { describe, expect, it } from "vitest";
import { FRAME_MEMBERS } from "../../../../src/core/wire/frame.ts";
import { encodeMember, type MemberRecord } from "../../../../src/core/wire/member.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  join,
  linkedPair,
  linkedSwarm,
  Swarm,
  type TestNode,
  typeOf,
} from "../../../support/pair.ts";

const kernels = createKernels();
const isMembers = (frame: { bytes: Uint8Array }) => typeOf(frame) === FRAME_MEMBERS;

function signed(swarm: Swarm, about: TestNode, more: Partial<MemberRecord>, signer = about) {
  const record = {
    id: about.id,
    epoch: 1n,
    counter: 0,
    left: false,
    region: "local",
    zone: "z",
    addresses: [],
  };
  const bytes = encodeMember({ ...record, ...more }, swarm.meshId);
  return join([bytes, swarm.crypto.sign(bytes, signer.key)]);
}

const members = (...records: Uint8Array[]) => ({ type: FRAME_MEMBERS, members: records }) as const;
const FAR = 2_000_000_000_000n;

describe("a member", () => {
  it("is known to all through one", () => {
    const swarm = new Swarm({ kernels });
    const nodes = [swarm.add(), swarm.add(), swarm.add()];
    swarm.link(nodes[0]!, nodes[1]!);
    swarm.link(nodes[1]!, nodes[2]!);
    swarm.advance(50);
    expect(nodes.map((node) => node.core.status().members)).toEqual([3, 3, 3]);
    expect(nodes[2]!.core.registry.get(nodes[0]!.id)).toMatchObject({ admitted: true });
  });

  it("stays when it falls silent, and the quorum stays with it", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [a, b] = swarm.nodes;
    const before = a!.core.status().quorum;
    swarm.unlink(a!, b!);
    swarm.advance(60_000);
    expect(a!.core.status()).toMatchObject({ members: 4, quorum: before });
  });

  it("goes by its own signed leave, and is not brought back by an older record", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    b!.command({ kind: "leave" });
    swarm.deliver();
    expect(a!.eventsOf("member:left")).toEqual([{ kind: "member:left", peer: b!.id }]);
    expect(a!.core.status().members).toBe(2);
    expect(a!.core.registry.get(b!.id)).toBeUndefined();
    a!.frame(c!, members(signed(swarm, b!, { epoch: 1n, counter: 99 })));
    expect(a!.core.status().members).toBe(2);
  });

  it("comes back by a record of a later life", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    b!.command({ kind: "leave" });
    swarm.deliver();
    a!.frame(c!, members(signed(swarm, b!, { epoch: FAR })));
    expect(a!.core.status().members).toBe(3);
  });

  it("is described by the record of the higher (epoch, counter)", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const third = swarm.add();
    const zones = ["one", "two", "three", "four"];
    const places = [
      [5n, 1],
      [5n, 0],
      [6n, 0],
      [5n, 9],
    ] as const;
    const seen = places.map(([epoch, counter], i) => {
      a.frame(b, members(signed(swarm, third, { epoch, counter, zone: zones[i]! })));
      return a.core.registry.get(third.id)?.zone;
    });
    expect(seen).toEqual(["one", "one", "three", "three"]);
  });

  it("is not made by a record that its node has not signed", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const third = swarm.add();
    a.frame(b, members(signed(swarm, third, {}, b)));
    expect(a.core.registry.get(third.id)).toBeUndefined();
    expect(a.cell("messageRejectedSignature")).toBe(1);
    expect(a.core.registry.get(b.id)?.reputation).toBeLessThan(1);
  });

  it("does not go by a leave that another has signed", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, liar] = swarm.nodes;
    a!.frame(liar!, members(signed(swarm, b!, { epoch: FAR, left: true }, liar)));
    expect(a!.core.status().members).toBe(3);
  });

  it("whose record was lost on the way is learnt from the digests of a round", () => {
    const swarm = new Swarm({ kernels });
    const [a, b, c] = [swarm.add(), swarm.add(), swarm.add()];
    swarm.link(a, b);
    swarm.deliver();
    swarm.link(b, c);
    swarm.advance(50, isMembers);
    expect(a.core.status().members).toBe(2);
    swarm.advance(5_000);
    expect([a, b, c].map((node) => node.core.status().members)).toEqual([3, 3, 3]);
  });

  it("known already is neither verified nor handed on again", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    const third = swarm.add();
    const record = signed(swarm, third, {});
    a!.frame(b!, members(record));
    swarm.deliver();
    const { checks } = a!;
    a!.frame(c!, members(record));
    expect(a!.checks).toBe(checks);
    expect(swarm.flight).toEqual([]);
  });
});

describe("a node", () => {
  it("goes above a record of a cloned life, and the others follow", () => {
    const swarm = linkedSwarm(2, { kernels });
    const [a, b] = swarm.nodes;
    const clone = signed(swarm, a!, { epoch: FAR, addresses: ["/clone"] });
    b!.frame(a!, members(clone));
    expect(b!.core.registry.get(a!.id)?.addresses).toEqual(["/clone"]);
    swarm.advance(5_000);
    expect(b!.core.registry.get(a!.id)?.addresses).toEqual([`/test/${a!.id.slice(0, 8)}`]);
  });

  it("asks for links to all members of a small mesh and for the seeds when it has none", () => {
    const swarm = new Swarm({ kernels });
    const [a, b, c] = [swarm.add(), swarm.add(), swarm.add()];
    expect(a.links).toContainEqual({ kind: "bootstrap" });
    swarm.link(a, b);
    swarm.link(b, c);
    swarm.advance(1_500);
    const wanted = a.links.flatMap((link) => (link.kind === "want" ? [link.peer] : []));
    expect(wanted).toContain(c.id);
  });

  it("gossips over a link that was opened for messages to a node it wants", () => {
    const swarm = new Swarm({ kernels });
    const [a, hub, b] = [swarm.add(), swarm.add(), swarm.add()];
    swarm.link(a, hub);
    swarm.link(hub, b);
    swarm.advance(1_500);
    swarm.link(a, b, true);
    swarm.deliver();
    expect([a, b].map((node) => node.core.status().links)).toEqual([2, 2]);
  });

  it("gossips over a link that was opened for messages before it came to want it", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    swarm.link(a, b, true);
    swarm.advance(5_000);
    expect([a, b].map((node) => node.core.status().links)).toEqual([1, 1]);
  });

  it("is not converged any more when a new peer shows another root (C4)", () => {
    const swarm = new Swarm({ kernels });
    const [a, b, c] = [swarm.add(), swarm.add(), swarm.add()];
    a.write({ op: "set.add", collection: "s", key: "", element: "e" });
    swarm.link(a, b);
    swarm.advance(2_000);
    expect(a.core.status().converged).toBe(true);
    swarm.link(a, c);
    // Everything that would bring c up to date is lost.
    swarm.advance(2_000, ({ from, bytes }) => from !== c && (bytes[1] === 2 || bytes[1] === 6));
    expect(c.root).not.toBe(a.root);
    expect(a.core.status().converged).toBe(false);
  });

  it("tells of a link that went down, and of none before its Hello", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    swarm.unlink(a, b);
    expect(a.eventsOf("peer:down")).toEqual([{ kind: "peer:down", peer: b.id, reason: "test" }]);
  });
});
