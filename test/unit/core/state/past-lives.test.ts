// What a past life of an author leaves in the logs of others (C5; docs/decisions/0018-past-lives.md):
// a record without its credential, and a stub.
import { describe, expect, it } from "vitest";
import { DELTA_PREFIX_BYTES, RECORD_BODY_BYTES, TYPE_MAP } from "../../../../assembly/layout.ts";
import { STUB_AGE_MS_MIN } from "../../../../src/core/state/merge.ts";
import { decodeDeltaHeader } from "../../../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { signatureIn } from "../../../../src/core/wire/signature-in.ts";
import { carried, cutRecordOf, isCutRecord, isStub } from "../../../../src/core/wire/stub.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { CertifiedSwarm, NOT_AFTER } from "../../../support/certified-swarm.ts";
import { HOUR_MS } from "../../../support/credentials.ts";
import { linkedPair, mapSet, type Swarm, type TestNode } from "../../../support/pair.ts";

const AFTER_MS = 2 * STUB_AGE_MS_MIN;
const config = { compactAfterMs: AFTER_MS, compactFromBytes: 1 };
const NEVER = { compactFromBytes: Number.POSITIVE_INFINITY };
const RESTARTER = 9;
const CUT_BYTES = DELTA_PREFIX_BYTES + RECORD_BODY_BYTES;
const LEFT_BYTES = CUT_BYTES + DELTA_PREFIX_BYTES;

/** Lives one after another, each of which writes one key and is gone. */
function live<S extends Swarm>(swarm: S, at: TestNode, lives: readonly TestNode[]): void {
  for (const [i, life] of lives.entries()) {
    swarm.link(at, life);
    swarm.advance(500);
    life.write(mapSet("k", `life ${i}`));
    life.read(TYPE_MAP, "m", "k");
    swarm.advance(500);
    swarm.unlink(at, life);
    swarm.nodes.splice(swarm.nodes.indexOf(life), 1);
  }
}

/** Two nodes of a certified mesh, and the restarts of a third, each under a certificate of its own. */
function restarted(lives: number): readonly [CertifiedSwarm, TestNode, TestNode] {
  const swarm = CertifiedSwarm.linked(2, config);
  const [a, b] = swarm.nodes as [TestNode, TestNode];
  for (let i = 0; i < lives; i++) {
    const times = { serial: i + 1, notAfter: NOT_AFTER + i * HOUR_MS };
    const credential = swarm.credential(swarm.idOf(RESTARTER), times);
    live(swarm, a, [swarm.certified({ identity: RESTARTER, life: 100 + i, credential })]);
  }
  return [swarm, a, b];
}

function ofRestarter(swarm: CertifiedSwarm, node: TestNode): Uint8Array[] {
  const author = swarm.idOf(RESTARTER);
  return node.core.deltas().filter((delta) => decodeDeltaHeader(delta, 0).author === author);
}

function isRecord(delta: Uint8Array): boolean {
  return decodeDeltaHeader(delta, 0).firstSeq === 0;
}

/** A repair that a peer sends unasked. */
function repairOf(deltas: readonly Uint8Array[]) {
  const root = new Uint8Array(32);
  return { type: FRAME_DELTA, more: false, root, ...carried(deltas) } as const;
}

describe("a past life", () => {
  it("whose writes a later one covers leaves its record and a stub", () => {
    const [swarm, a, b] = linkedPair({ kernels: createKernels(), config });
    live(
      swarm,
      a,
      [21, 22, 23].map((life) => swarm.add({ identity: RESTARTER, life })),
    );
    swarm.advance(AFTER_MS + 60_000);
    const lengths = a.core.deltas().map(({ length }) => length);
    expect(lengths.slice(0, 4)).toEqual([CUT_BYTES, DELTA_PREFIX_BYTES, CUT_BYTES, 224]);
    expect(a.core.deltas().map(isStub)).toEqual([false, true, false, true, false, false]);
    expect(b.root).toBe(a.root);
    const c = swarm.add({ config: NEVER });
    swarm.link(a, c);
    swarm.advance(2_000);
    expect(c.root).toBe(a.root);
    expect(c.core.deltas().filter(isStub)).toHaveLength(2);
  });

  it("goes on where it left off: its next delta follows the stub", () => {
    const [swarm, a, b] = linkedPair({ kernels: createKernels(), config });
    const [old, young] = [21, 22].map((life) => swarm.add({ identity: RESTARTER, life }));
    // The same key on two machines, one of which is away.
    live(swarm, a, [old!, young!]);
    swarm.advance(AFTER_MS + 60_000);
    expect(a.core.deltas().filter(isStub)).toHaveLength(1);
    old!.wallOffsetMs = 0;
    swarm.nodes.push(old!);
    swarm.link(a, old!);
    swarm.advance(1_000);
    old!.write(mapSet("k", "again"));
    old!.write(mapSet("other", "v"));
    swarm.advance(1_000);
    for (const node of [a, b, old!]) expect(node.core.proofs).toHaveLength(0);
    expect(new Set([a, b, old!].map((node) => node.root)).size).toBe(1);
    expect(b.read(TYPE_MAP, "m", "other").mapGet("m", "other")).toBeDefined();
    swarm.advance(AFTER_MS + 60_000);
    expect(new Set([a, b, old!].map((node) => node.root)).size).toBe(1);
  });

  it("of which two nodes have passed over different heads is proven all the same", () => {
    const [swarm, a, b] = linkedPair({ kernels: createKernels(), config: NEVER });
    const LIAR = { identity: RESTARTER, life: 21 };
    const branches = ["heads", "tails"].map((value) => {
      const liar = swarm.add(LIAR);
      swarm.nodes.pop();
      liar.write(mapSet("k", value));
      liar.read(TYPE_MAP, "m", "k");
      return liar.stored;
    });
    swarm.advance(STUB_AGE_MS_MIN + 1_000);
    for (const [i, node] of [a, b].entries()) {
      const [record, head] = branches[i]!;
      node.frame(i === 0 ? b : a, repairOf([record!, head!.slice(0, DELTA_PREFIX_BYTES)]));
      expect(node.core.deltas().map(isStub)).toEqual([false, true]);
    }
    expect(a.root).not.toBe(b.root);
    swarm.advance(3_000);
    for (const node of [a, b]) expect(node.core.proofs).toHaveLength(1);
    expect(a.root).toBe(b.root);
  });
});

describe("a newcomer that a liar has given the stub of a head that is not covered", () => {
  it("gets it from an honest peer, and comes to the same root", () => {
    const [swarm, a] = linkedPair({ kernels: createKernels(), config: NEVER });
    live(swarm, a, [swarm.add({ identity: RESTARTER, life: 21 })]);
    swarm.advance(STUB_AGE_MS_MIN + 1_000);
    const [record, head] = a.core.deltas();
    const [c, liar] = [swarm.add({ identity: 30 }), swarm.add({ identity: 31 })];
    swarm.link(liar, c);
    swarm.deliver();
    c.frame(liar, repairOf([record!, head!.slice(0, DELTA_PREFIX_BYTES)]));
    expect(c.core.deltas().map(isStub)).toEqual([false, true]);
    swarm.unlink(liar, c);
    swarm.link(a, c);
    swarm.advance(20_000);
    expect(c.root).toBe(a.root);
    expect(c.core.deltas().map(isStub)).toEqual([false, false]);
    expect(c.read(TYPE_MAP, "m", "k").mapGet("m", "k")).toBeDefined();
  });
});

describe("a past life in a certified mesh", () => {
  it("leaves no certificate: one an author is held, the one that ends last", () => {
    const [swarm, a, b] = restarted(5);
    const before = a.root;
    swarm.advance(AFTER_MS + 60_000);
    for (const node of [a, b]) {
      const held = ofRestarter(swarm, node);
      expect(held.filter(isRecord).map(isCutRecord)).toEqual([true, true, true, true, false]);
      const bytes = held.slice(0, -2).reduce((sum, { length }) => sum + length, 0);
      expect(bytes).toBe(4 * LEFT_BYTES);
      expect(node.root).toBe(before);
    }
    const c = swarm.certified({ config: NEVER });
    swarm.link(a, c);
    swarm.advance(2_000);
    expect(c.root).toBe(a.root);
    expect(
      ofRestarter(swarm, c)
        .map(({ length }) => length)
        .sort(),
    ).toEqual(
      ofRestarter(swarm, a)
        .map(({ length }) => length)
        .sort(),
    );
    for (const cell of ["deltaProcessedUncertified", "deltaProcessedMalformed"] as const) {
      expect(c.cell(cell)).toBe(0);
    }
  });

  it("comes back from the store without its certificate, and is handed on from there", () => {
    const [swarm, a] = restarted(3);
    swarm.advance(AFTER_MS + 60_000);
    const name = (delta: Uint8Array) => Buffer.from(signatureIn(delta)).toString("hex");
    const cut = new Map(a.compacted.flatMap(({ stubs }) => stubs.map((one) => [name(one), one])));
    const disk = a.stored.map((delta) => cut.get(name(delta)) ?? delta);
    const again = swarm.certified({ identity: 1, life: 77 });
    const part = { kind: "deltas", ...carried(disk) } as const;
    const checks = again.core.restoreChecks(part, a.now) ?? [];
    const good = Uint8Array.from(checks, ({ signature, message, publicKey }) =>
      swarm.crypto.verify(signature, message, publicKey) ? 1 : 0,
    );
    expect(again.core.handleRestored(part, good, a.now)).toBe(true);
    expect(again.core.deltas().filter(isCutRecord)).toHaveLength(2);
    const c = swarm.certified();
    swarm.link(again, c);
    swarm.advance(2_000);
    expect(c.root).toBe(again.root);
    expect(c.core.deltas().filter(isCutRecord)).toHaveLength(2);
  });

  it("is not believed without a certificate of its author, and its bringer loses nothing", () => {
    const [swarm, a] = restarted(2);
    swarm.advance(AFTER_MS + 60_000);
    const [cut, stub, whole, last] = ofRestarter(swarm, a) as [Uint8Array, ...Uint8Array[]];
    expect([isCutRecord(cut), isCutRecord(whole!)]).toEqual([true, false]);
    const [c, d] = [swarm.certified({ config: NEVER }), swarm.certified({ config: NEVER })];
    swarm.link(c, d);
    swarm.deliver();
    c.frame(d, repairOf([cut, stub!]));
    expect(ofRestarter(swarm, c)).toHaveLength(0);
    // It may come before the one that stands for it: later frames bring both.
    c.frame(d, repairOf([cut, stub!, whole!, last!]));
    expect(ofRestarter(swarm, c)).toHaveLength(2);
    c.frame(d, repairOf([cut, stub!]));
    expect(ofRestarter(swarm, c)).toHaveLength(4);
    expect(c.cell("deltaProcessedUncertified")).toBe(0);
    expect(c.cell("deltaProcessedBadSignature")).toBe(0);
  });

  it("takes no more time than a certificate of its author's gives", () => {
    const swarm = CertifiedSwarm.linked(2, NEVER);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const node = swarm.idOf(RESTARTER);
    const long = swarm.credential(node, { notAfter: NOT_AFTER + 1_000 * HOUR_MS }, undefined);
    const [own, forged] = [undefined, long].map((credential, i) => {
      const options = credential === undefined ? {} : { credential };
      const life = swarm.apart(swarm.certified({ identity: RESTARTER, life: 31 + i, ...options }));
      life.write(mapSet("k", `${i}`));
      life.read(TYPE_MAP, "m", "k");
      return life.stored;
    });
    b.frame(a, repairOf(own!));
    expect(ofRestarter(swarm, b)).toHaveLength(2);
    // Nobody sees the certificate that it names: it could be any.
    b.frame(a, repairOf([cutRecordOf(forged![0]!), forged![1]!]));
    expect(ofRestarter(swarm, b)).toHaveLength(2);
    b.frame(a, repairOf(forged!));
    expect(ofRestarter(swarm, b)).toHaveLength(4);
  });

  it("that forked is proven by a node that has cut its certificate off", () => {
    const swarm = CertifiedSwarm.linked(2, config);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const author = swarm.idOf(RESTARTER);
    const [one, other] = ["heads", "tails"].map((value) => {
      const liar = swarm.apart(swarm.certified({ identity: RESTARTER, life: 100 }));
      liar.write(mapSet("k", value));
      liar.read(TYPE_MAP, "m", "k");
      return liar.stored;
    });
    b.push(a, ...one!);
    swarm.advance(100);
    const credential = swarm.credential(author, { serial: 9, notAfter: NOT_AFTER + HOUR_MS });
    live(swarm, a, [swarm.certified({ identity: RESTARTER, life: 200, credential })]);
    swarm.advance(AFTER_MS + 60_000);
    expect(ofRestarter(swarm, a).filter(isCutRecord)).toHaveLength(1);
    b.push(a, other![1]!);
    swarm.advance(3_000);
    for (const node of [a, b]) {
      expect(node.core.proofs.map(([id]) => id)).toEqual([author]);
      expect(ofRestarter(swarm, node)).toHaveLength(0);
    }
    expect(a.root).toBe(b.root);
  });
});

describe("a cut record in an open mesh", () => {
  it("is refused: nobody is certified there", () => {
    const [swarm, a, b] = linkedPair({ kernels: createKernels(), config });
    const certified = new CertifiedSwarm();
    const life = certified.apart(certified.certified({ identity: RESTARTER }));
    life.write(mapSet("k", "v"));
    life.read(TYPE_MAP, "m", "k");
    b.frame(a, repairOf([cutRecordOf(life.stored[0]!)]));
    expect(b.core.deltas()).toHaveLength(0);
    expect(swarm.nodes).toHaveLength(2);
  });
});
