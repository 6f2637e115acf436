// Proofs of equivocation in a mesh with an authority (C6; docs/decisions/0013-equivocation.md): only of
// authors that were certified, each with what shows it, so that strangers cannot fill the table.
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { encodeFrame, FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { FRAME_PROOF, PROOF_TELL } from "../../../../src/core/wire/proof-frame.ts";
import { CertifiedSwarm } from "../../../support/certified-swarm.ts";
import { join, mapSet, type TestNode, text, typeOf } from "../../../support/pair.ts";

const NONE = new Uint8Array(0);
const LIAR = { identity: 9, life: 7 };

/** What one life of an author says that nobody hears. */
function saying(swarm: CertifiedSwarm, author: TestNode, values: readonly string[]): Uint8Array[] {
  swarm.apart(author);
  for (const value of values) {
    author.write(mapSet("k", value));
    author.read(TYPE_MAP, "m", "k");
  }
  return author.stored;
}

/** A proof about a key that nobody has certified, as an open mesh of the same name finds it. */
function strangersProof(): Uint8Array {
  const open = new CertifiedSwarm();
  const [a, b] = [open.add(), open.add()];
  open.link(a, b);
  open.deliver();
  a.push(b, ...saying(open, open.add(LIAR), ["heads"]));
  a.push(b, saying(open, open.add(LIAR), ["tails"])[1] ?? NONE);
  const [proof] = a.core.proofs;
  if (proof === undefined) throw new Error("two branches are a proof");
  return proof[1];
}

describe("a proof in a certified mesh", () => {
  it("is found in two branches of a certified author, and spreads with its certificate", () => {
    const swarm = CertifiedSwarm.linked(3);
    const [a, b, c] = swarm.nodes as [TestNode, TestNode, TestNode];
    const one = saying(swarm, swarm.certified(LIAR), ["heads"]);
    const two = saying(swarm, swarm.certified(LIAR), ["tails"]);
    a.push(b, ...one);
    c.push(b, two[1] ?? NONE);
    swarm.advance(100);
    a.push(b, two[1] ?? NONE);
    swarm.advance(2_000);
    for (const node of swarm.nodes) {
      expect(node.core.proofs.map(([author]) => author)).toEqual([swarm.idOf(9)]);
    }
    expect(new Set(swarm.nodes.map((node) => node.root)).size).toBe(1);
  });

  it("takes at most 512 bytes, the second life of its author too", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    a.push(b, ...saying(swarm, swarm.certified({ identity: 9, life: 3 }), ["before"]));
    const lives = ["heads", "tails"].map((value) => {
      const liar = swarm.certified(LIAR);
      liar.push(b, ...a.stored);
      return saying(swarm, liar, [value]).slice(-2);
    });
    a.push(b, ...(lives[0] ?? []));
    a.push(b, lives[1]?.[1] ?? NONE);
    const [proof] = a.core.proofs;
    expect(proof?.[1].length).toBeLessThanOrEqual(512);
    expect(proof?.[1].length).toBeGreaterThan(440);
  });

  it("reaches a joiner that has no record of its author", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    a.push(b, ...saying(swarm, swarm.certified(LIAR), ["heads"]));
    a.push(b, saying(swarm, swarm.certified(LIAR), ["tails"])[1] ?? NONE);
    swarm.advance(2_000);
    const late = swarm.certified();
    swarm.link(late, a);
    swarm.advance(2_000);
    expect(late.core.membership.get(swarm.idOf(9))).toBeUndefined();
    expect(late.core.proofs).toEqual(a.core.proofs);
    expect(late.root).toBe(a.root);
  });

  it.each([
    ["nobody has certified", () => NONE],
    [
      "another authority has certified",
      (s: CertifiedSwarm) =>
        s.credential(s.idOf(9), {}, s.crypto.createSigningKey(new Uint8Array(32))),
    ],
    ["shows another's certificate", (s: CertifiedSwarm) => s.credential(s.idOf(2))],
  ])("is refused about a stranger that %s, and costs who brought it", (_, credential) => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const bytes = strangersProof();
    const bring = (shown: Uint8Array): void => {
      const proofs = [{ bytes, credential: shown }];
      a.frame(b, { type: FRAME_PROOF, step: PROOF_TELL, digest: new Uint8Array(32), proofs });
    };
    bring(credential(swarm));
    expect(a.core.proofs).toHaveLength(0);
    expect(a.cell("messageRejectedCertificate")).toBe(1);
    expect(a.core.registry.get(b.id)?.reputation).toBeCloseTo(0.8);
    bring(swarm.credential(swarm.idOf(9)));
    expect(a.core.proofs).toHaveLength(1);
  });

  it("is not found in the branches of a stranger: they are not looked at", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const one = saying(swarm, swarm.add(LIAR), ["heads"]);
    const two = saying(swarm, swarm.add(LIAR), ["tails"]);
    const root = new Uint8Array(32);
    a.frame(
      b,
      encodeFrame({ type: FRAME_PUSH, reached: 1, root, deltas: join(one) }, a.now.wallMs),
    );
    a.push(b, ...two);
    swarm.advance(1_000);
    expect(a.core.proofs).toHaveLength(0);
    expect(swarm.flight.map(typeOf)).not.toContain(FRAME_PROOF);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value ?? text("")).toEqual(text(""));
  });
});
