// Ending memberships by hand (C6; docs/decisions/0015-revocation.md): the authority revokes whoever
// must go, and evicts whoever is gone.
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { hexFromBytes, type NodeId } from "../../../../src/core/node-id.ts";
import type { Certificate } from "../../../../src/core/wire/certificate.ts";
import { decodeDeparture } from "../../../../src/core/wire/departure.ts";
import { FRAME_DEPART } from "../../../../src/core/wire/failure-frames.ts";
import { FRAME_PROOF, PROOF_TELL } from "../../../../src/core/wire/proof-frame.ts";
import { CertifiedSwarm } from "../../../support/certified-swarm.ts";
import { join, linkedPair, mapSet, type TestNode, text } from "../../../support/pair.ts";

const REVOKED: Partial<Certificate> = { role: "revoked" };

function swarmOf(count: number): readonly [CertifiedSwarm, ...TestNode[]] {
  const swarm = CertifiedSwarm.linked(count);
  return [swarm, ...swarm.nodes];
}

/** The authority's signed statement that a member is gone, as `node` knows the member. */
function eviction(swarm: CertifiedSwarm, node: TestNode, member: NodeId): Uint8Array {
  const statement = node.core.departureOf(member);
  if (statement === undefined) throw new Error("nobody to evict");
  return join([statement, swarm.crypto.sign(statement, swarm.authority)]);
}

describe("a revocation", () => {
  it("expunges a node at every member, its writes too, and keeps it out", () => {
    const [swarm, a, b, c, d] = swarmOf(4) as [
      CertifiedSwarm,
      TestNode,
      TestNode,
      TestNode,
      TestNode,
    ];
    d.write(mapSet("theirs", "v"));
    a.write(mapSet("ours", "v"));
    swarm.advance(1_000);
    expect(c.read(TYPE_MAP, "m", "theirs").mapGet("m", "theirs")).toBeDefined();
    const credential = swarm.credential(d.id, REVOKED);
    expect(a.command({ kind: "revoke", credential })).toEqual({ kind: "done" });
    swarm.advance(3_000);
    for (const node of [a, b, c]) {
      expect(node.eventsOf("revoked")).toEqual([{ kind: "revoked", peer: d.id }]);
      expect(node.eventsOf("fork")).toEqual([]);
      expect(node.read(TYPE_MAP, "m", "theirs").mapGet("m", "theirs")).toBeUndefined();
      expect(node.read(TYPE_MAP, "m", "ours").mapGet("m", "ours")).toBeDefined();
      expect(node.core.status().revoked).toEqual([d.id]);
      expect(node.core.status().members).toBe(3);
      expect(node.links).toContainEqual({ kind: "disconnect", peer: d.id, reason: "expunged" });
      expect(node.root).toBe(a.root);
    }
    const before = a.root;
    a.push(b, ...d.stored);
    swarm.advance(1_000);
    expect(a.root).toBe(before);
  });

  it("reaches a member that was away, and one that starts again with its disk", () => {
    const [swarm, a, b, d] = swarmOf(3) as [CertifiedSwarm, TestNode, TestNode, TestNode];
    d.write(mapSet("k", "v"));
    swarm.advance(1_000);
    swarm.unlink(a, b);
    a.command({ kind: "revoke", credential: swarm.credential(d.id, REVOKED) });
    swarm.unlink(a, d);
    swarm.advance(1_000);
    expect(b.core.status().revoked).toEqual([]);
    swarm.link(a, b);
    swarm.advance(3_000);
    expect(b.root).toBe(a.root);
    const again = swarm.certified({ identity: 2, life: 55 });
    const part = { kind: "proofs", proofs: b.proofsStored ?? new Uint8Array(0) } as const;
    const checks = again.core.restoreChecks(part, again.now) ?? [];
    const verdicts = Uint8Array.from(checks, ({ signature, message, publicKey }) =>
      swarm.crypto.verify(signature, message, publicKey) ? 1 : 0,
    );
    expect(again.core.handleRestored(part, verdicts, again.now)).toBe(true);
    expect(again.core.status().revoked).toEqual([d.id]);
    expect(again.core.isExpunged(d.stored[0]!)).toBe(true);
  });

  it("is refused from anybody but the authority, and for what is none", () => {
    const [swarm, a, b, d] = swarmOf(3) as [CertifiedSwarm, TestNode, TestNode, TestNode];
    const stranger = swarm.crypto.createSigningKey(swarm.kernels.blake3(text("stranger")));
    const forged = swarm.credential(d.id, REVOKED, stranger);
    const refused = { kind: "refused", code: "MESH_CERTIFICATE_INVALID" };
    expect(a.command({ kind: "revoke", credential: forged })).toMatchObject(refused);
    const member = swarm.credential(d.id);
    expect(a.command({ kind: "revoke", credential: member })).toMatchObject(refused);
    expect(a.command({ kind: "revoke", credential: new Uint8Array(3) })).toMatchObject(refused);
    const broken = swarm.credential(d.id, REVOKED);
    broken[broken.length - 1]! ^= 1;
    for (const credential of [forged, member, broken]) {
      const proofs = [{ bytes: new Uint8Array(0), credential }];
      b.frame(a, { type: FRAME_PROOF, step: PROOF_TELL, digest: new Uint8Array(32), proofs });
    }
    swarm.advance(1_000);
    for (const node of [a, b, d]) expect(node.core.status().revoked).toEqual([]);
  });

  it("is no certificate: nobody joins with it, before or after it was seen", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const id = swarm.idOf(9);
    const revocation = swarm.credential(id, REVOKED);
    a.command({ kind: "revoke", credential: revocation });
    swarm.advance(1_000);
    const revoked = swarm.certified({ identity: 9, credential: revocation });
    swarm.link(b, revoked);
    swarm.advance(1_000);
    expect(b.core.status().members).toBe(2);
    expect(b.eventsOf("peer:up").map(({ peer }) => peer)).not.toContain(id);
  });

  it("means nothing in an open mesh", () => {
    const certified = new CertifiedSwarm();
    const [swarm, a, b] = linkedPair({ kernels: certified.kernels });
    const credential = certified.credential(b.id, REVOKED);
    expect(a.command({ kind: "revoke", credential }).kind).toBe("refused");
    const proofs = [{ bytes: new Uint8Array(0), credential }];
    a.frame(b, { type: FRAME_PROOF, step: PROOF_TELL, digest: new Uint8Array(32), proofs });
    swarm.advance(1_000);
    expect(a.core.status().revoked).toEqual([]);
  });
});

describe("an eviction", () => {
  it("makes a mesh writable again of which more than a quorum bears is dead", () => {
    const [swarm, a, b, c, d] = swarmOf(4) as [
      CertifiedSwarm,
      TestNode,
      TestNode,
      TestNode,
      TestNode,
    ];
    c.write(mapSet("k", "v"));
    swarm.advance(5_000);
    for (const dead of [c, d]) {
      for (const node of [a, b]) swarm.unlink(dead, node);
      swarm.apart(dead);
    }
    swarm.advance(20_000);
    expect([a.core.readOnly, b.core.readOnly]).toEqual([true, true]);
    for (const dead of [c, d]) {
      const statement = eviction(swarm, a, dead.id);
      expect(a.command({ kind: "evict", statement })).toEqual({ kind: "done" });
    }
    swarm.advance(5_000);
    for (const node of [a, b]) {
      expect(node.eventsOf("member:departed").map(({ peer }) => peer)).toEqual([c.id, d.id]);
      expect(node.core.status().members).toBe(2);
      expect(node.core.readOnly).toBe(false);
      // What it wrote stays.
      expect(node.read(TYPE_MAP, "m", "k").mapGet("m", "k")).toBeDefined();
    }
  });

  it("makes a node writable that has come back alone, when nobody else counts any more", () => {
    const [swarm, a, b] = swarmOf(2) as [CertifiedSwarm, TestNode, TestNode];
    swarm.advance(1_000);
    swarm.unlink(a, b);
    for (const node of [a, b]) swarm.apart(node);
    const back = swarm.certified({ identity: 1, life: 55 });
    const part = { kind: "members", members: a.core.memberRecords() } as const;
    const checks = back.core.restoreChecks(part, back.now) ?? [];
    const verdicts = new Uint8Array(checks.length).fill(1);
    expect(back.core.handleRestored(part, verdicts, back.now)).toBe(true);
    swarm.advance(5_000);
    expect(back.core.readOnly).toBe(true);
    back.command({ kind: "evict", statement: eviction(swarm, back, b.id) });
    swarm.advance(1_000);
    expect(back.core.status()).toMatchObject({ health: "healthy", readOnly: false, quorum: 1 });
  });

  it("is undone by a member that lives", () => {
    const [swarm, a, b, c] = swarmOf(3) as [CertifiedSwarm, TestNode, TestNode, TestNode];
    swarm.advance(1_000);
    a.command({ kind: "evict", statement: eviction(swarm, a, c.id) });
    swarm.advance(5_000);
    for (const node of [a, b, c]) expect(node.core.status().members).toBe(3);
  });

  it("is refused from anybody but the authority, and for a member heard of since", () => {
    const [swarm, a, b, c] = swarmOf(3) as [CertifiedSwarm, TestNode, TestNode, TestNode];
    swarm.advance(1_000);
    const good = eviction(swarm, a, c.id);
    const forged = good.slice();
    forged[forged.length - 1]! ^= 1;
    a.command({ kind: "evict", statement: forged });
    b.frame(a, { type: FRAME_DEPART, statements: [forged] });
    swarm.advance(1_000);
    expect(b.eventsOf("member:departed")).toEqual([]);
    // A member's own statement counts for itself alone.
    const statement = a.core.departureOf(c.id)!;
    const own = decodeDeparture(join([statement, new Uint8Array(64)]), swarm.meshId)!.departure;
    expect(own.by).toBe(hexFromBytes(swarm.authority.publicKey));
    c.command({ kind: "addresses", addresses: ["/test/elsewhere"] });
    swarm.advance(1_000);
    const late = a.command({ kind: "evict", statement: good });
    expect(late).toMatchObject({ kind: "refused", code: "MESH_VALUE_INVALID" });
    expect(a.core.departureOf("00".repeat(32))).toBeUndefined();
  });
});
