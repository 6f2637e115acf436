// Equivocation (C6; docs/decisions/0013-equivocation.md): an author that has told different nodes
// different things is expunged by everybody, and the proof of it can be checked by anybody.
import { describe, expect, it } from "vitest";
import { KIND_RECORD, TYPE_COUNTER, TYPE_MAP, TYPE_SET } from "../../../../assembly/layout.ts";
import { hexFromBytes } from "../../../../src/core/node-id.ts";
import { contradict, proofChecks, proofOf } from "../../../../src/core/trust/evidence.ts";
import { INTRODUCED_BURST } from "../../../../src/core/trust/proofs.ts";
import {
  decodeDeltaHeader,
  encodeDelta,
  encodeDeltaHeader,
  encodeRecordBody,
} from "../../../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../../../src/core/wire/delta-frame.ts";
import { FRAME_PUSH } from "../../../../src/core/wire/frame.ts";
import { decodeProof, PROOF_BYTES_MAX } from "../../../../src/core/wire/proof.ts";
import { FRAME_PROOF, PROOF_TELL } from "../../../../src/core/wire/proof-frame.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  linkedPair,
  linkedSwarm,
  mapSet,
  type NodeOptions,
  Swarm,
  type TestNode,
  text,
  typeOf,
} from "../../../support/pair.ts";

const kernels = createKernels();
const LIAR: NodeOptions = { identity: 77, life: 7 };

/** What one life of an author says when nobody hears it: its record, then one delta per value. */
function saying(swarm: Swarm, values: readonly string[], options = LIAR): Uint8Array[] {
  const author = swarm.add(options);
  for (const value of values) {
    author.write(mapSet("k", value));
    author.read(TYPE_MAP, "m", "k");
  }
  swarm.nodes.splice(swarm.nodes.indexOf(author), 1);
  return author.stored;
}

function liarsId(swarm: Swarm): string {
  const liar = swarm.add(LIAR);
  swarm.nodes.splice(swarm.nodes.indexOf(liar), 1);
  return liar.id;
}

function valueAt(node: TestNode, key = "k"): Uint8Array | undefined {
  return node.read(TYPE_MAP, "m", key).mapGet("m", key)?.value;
}

function roots(swarm: Swarm): Set<string> {
  return new Set(swarm.nodes.map((node) => node.root));
}

function proofAt(node: TestNode): Uint8Array {
  const [proof] = node.core.proofs;
  if (proof === undefined) throw new Error("nothing is proven here");
  return proof[1];
}

const NONE = new Uint8Array(0);

/** Gives a node stored proofs; false when it refuses them. */
function restoredProofs(node: TestNode, proofs: Uint8Array): boolean {
  const part = { kind: "proofs", proofs } as const;
  const checks = node.core.restoreChecks(part, node.now);
  if (checks === undefined) return false;
  const holds = ({ signature, message, publicKey }: (typeof checks)[number]) =>
    node.crypto.verify(signature, message, publicKey);
  const verdicts = Uint8Array.from(checks, (check) => (holds(check) ? 1 : 0));
  return node.core.handleRestored(part, verdicts, node.now);
}

/** The record signed anew by its author, for another life of the same name. */
function secondRecord(swarm: Swarm, record: Uint8Array): Uint8Array {
  const liar = swarm.add(LIAR);
  swarm.nodes.splice(swarm.nodes.indexOf(liar), 1);
  const key = swarm.crypto.createSigningKey(kernels.blake3(text("another")));
  const times = { notBeforeMs: 1n, notAfterMs: 2n, previousEpoch: 0n, previousNonce: 0n };
  const body = encodeRecordBody({ key: key.publicKey, certHash: new Uint8Array(32), ...times });
  const header = encodeDeltaHeader({
    ...decodeDeltaHeader(record, 0),
    bodyHash: kernels.blake3(body),
  });
  return encodeDelta(header, swarm.crypto.sign(header, liar.key), body);
}

/** A proof about an author that nobody has heard of: anybody can make as many as it likes. */
function madeProof(swarm: Swarm, index: number): Uint8Array {
  const { crypto, meshId } = swarm;
  const key = crypto.createSigningKey(kernels.blake3(text(`made up ${index}`)));
  const author = hexFromBytes(key.publicKey);
  const times = {
    notBeforeMs: 1n,
    previousEpoch: 0n,
    previousNonce: 0n,
    certHash: new Uint8Array(32),
  };
  const [one, two] = [2n, 3n].map((notAfterMs) => {
    const body = encodeRecordBody({ key: key.publicKey, ...times, notAfterMs });
    const chain = { firstSeq: 0, hlc: 1n << 16n, prevHash: new Uint8Array(32) };
    const name = { meshId, author, epoch: 1n, nonce: 1n, count: 1, kind: KIND_RECORD };
    const bodyHash = kernels.blake3(body);
    const header = encodeDeltaHeader({ ...name, ...chain, bodyBytes: body.length, bodyHash });
    return encodeDelta(header, crypto.sign(header, key), body);
  }) as [Uint8Array, Uint8Array];
  const proof = proofOf(one, [one, two], kernels.blake3);
  if (proof === undefined) throw new Error("two records of one name are a proof");
  return proof;
}

describe("an author that tells two halves different things", () => {
  it.each([
    ["the same length", ["heads"], ["tails"]],
    ["one longer than the other", ["heads"], ["tails", "more"]],
    ["a long one and a short one", ["heads", "more", "yet more"], ["tails"]],
    ["a shared beginning", ["both", "heads"], ["both", "tails", "more"]],
  ])("is expunged by both, whatever the branches: %s", (_, one, two) => {
    const swarm = new Swarm({ kernels });
    const [a, b, left, right] = [swarm.add(), swarm.add(), swarm.add(), swarm.add()];
    const branches = [saying(swarm, one), saying(swarm, two)];
    swarm.link(a, left);
    swarm.link(b, right);
    swarm.deliver();
    a.write(mapSet("other", "a"));
    b.write(mapSet("other", "b"));
    a.push(left, ...branches[0]!);
    b.push(right, ...branches[1]!);
    swarm.advance(100);
    expect(valueAt(a)).toEqual(text(one.at(-1)!));
    expect(valueAt(b)).toEqual(text(two.at(-1)!));
    swarm.link(a, b);
    swarm.advance(3_000);
    expect(roots(swarm)).toHaveProperty("size", 1);
    for (const node of swarm.nodes) {
      expect(node.eventsOf("fork").map(({ author }) => author)).toEqual([liarsId(swarm)]);
      expect(valueAt(node)).toBeUndefined();
      expect(valueAt(node, "other")).toBeDefined();
    }
  });

  it("is expunged when its two branches come to one node in either order", () => {
    const rootsOf = [0, 1].map((first) => {
      const [swarm, a, b] = linkedPair({ kernels });
      const branches = [saying(swarm, ["heads", "more"]), saying(swarm, ["tails"])];
      a.push(b, ...branches[first]!);
      a.push(b, ...branches[1 - first]!);
      swarm.advance(2_000);
      expect(b.root).toBe(a.root);
      return a.root;
    });
    expect(rootsOf[0]).toBe(rootsOf[1]);
  });

  it("is expunged for two records of one incarnation, and honest relays keep their standing", () => {
    const swarm = new Swarm({ kernels });
    const [a, b] = [swarm.add(), swarm.add()];
    const branch = saying(swarm, ["heads"]);
    a.push(a, ...branch);
    swarm.link(a, b);
    swarm.deliver();
    b.push(a, ...branch);
    expect(valueAt(b)).toEqual(text("heads"));
    b.push(a, secondRecord(swarm, branch[0]!));
    swarm.advance(2_000);
    expect(b.core.proofs).toHaveLength(1);
    expect(valueAt(a)).toBeUndefined();
    expect(roots(swarm)).toHaveProperty("size", 1);
    expect(b.core.registry.get(a.id)?.reputation).toBe(1);
    const proof = decodeProof(proofAt(b), kernels.blake3);
    expect(proof?.record).toBeUndefined();
  });

  it("adds nothing any more: what still comes is dropped, and its relay told why", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const branch = saying(swarm, ["heads", "more"]);
    a.push(b, ...branch.slice(0, 2));
    a.push(b, saying(swarm, ["tails"])[1]!);
    swarm.drop((frame) => typeOf(frame) === FRAME_PROOF);
    swarm.advance(150, (frame) => typeOf(frame) === FRAME_PROOF);
    const root = a.root;
    a.push(b, branch[2]!);
    a.push(b, ...saying(swarm, ["a new life"], { ...LIAR, life: 8 }));
    expect(swarm.flight.map(typeOf)).toContain(FRAME_PROOF);
    swarm.advance(2_000);
    expect(a.root).toBe(root);
    expect(b.root).toBe(root);
    expect(b.core.proofs).toHaveLength(1);
    expect(a.core.registry.get(b.id)?.reputation).toBe(1);
  });
});

describe("a proof of equivocation", () => {
  /** A node with a proof that it made, and what it had heard before. */
  function proven(others = 0) {
    const swarm = linkedSwarm(2 + others, { kernels });
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    a.push(b, ...saying(swarm, ["heads"]));
    a.push(b, saying(swarm, ["tails"])[1]!);
    return { swarm, a, b };
  }

  it("takes at most 512 bytes and says all that is needed to check it", () => {
    const { swarm, a } = proven();
    const bytes = proofAt(a);
    expect(bytes.length).toBeLessThanOrEqual(512);
    const proof = decodeProof(bytes, kernels.blake3);
    if (proof === undefined) throw new Error("not a proof");
    expect(proof.author).toBe(liarsId(swarm));
    expect(contradict(proof.headers, kernels.blake3)).toBe(true);
    const checks = proofChecks(proof);
    expect(checks).toHaveLength(3);
    for (const check of checks) {
      expect(swarm.crypto.verify(check.signature, check.message, check.publicKey)).toBe(true);
    }
  });

  it("goes to every link at once, before the state it is about", () => {
    const { swarm } = proven(3);
    const kinds = swarm.flight.map(typeOf);
    expect(kinds.filter((type) => type === FRAME_PROOF).length).toBeGreaterThanOrEqual(4);
    swarm.deliver();
    for (const node of swarm.nodes) expect(node.core.proofs).toHaveLength(1);
  });

  it("comes to a joiner that never heard of the author, and makes the roots equal", () => {
    const { swarm, a } = proven();
    swarm.advance(1_000);
    const late = swarm.add();
    swarm.link(a, late);
    swarm.advance(2_000);
    expect(late.core.proofs).toHaveLength(1);
    expect(roots(swarm)).toHaveProperty("size", 1);
  });

  it("comes by an exchange when its push was lost", () => {
    const { swarm, b } = proven();
    swarm.drop((frame) => typeOf(frame) === FRAME_PROOF);
    expect(b.core.proofs).toHaveLength(0);
    swarm.advance(2_000);
    expect(b.core.proofs).toHaveLength(1);
    expect(roots(swarm)).toHaveProperty("size", 1);
  });

  it("costs its author all reputation, and no clean conduct brings any back", () => {
    const swarm = linkedSwarm(2, { kernels });
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const liar = swarm.add(LIAR);
    swarm.link(liar, a);
    swarm.deliver();
    const { id } = liar;
    expect(a.core.registry.get(id)?.reputation).toBe(1);
    a.push(b, ...saying(swarm, ["heads"]));
    a.push(b, saying(swarm, ["tails"])[1]!);
    expect(a.links).toContainEqual({ kind: "disconnect", peer: id, reason: "expunged" });
    swarm.advance(900_000);
    expect(a.core.registry.get(id)?.reputation ?? 0).toBe(0);
  });

  it("is nothing when one of its signatures does not hold, and costs who brought it", () => {
    const { a } = proven();
    const bytes = proofAt(a).slice();
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    const [, isolated, peer] = linkedPair({ kernels });
    const digest = new Uint8Array(32);
    isolated.frame(peer, {
      type: FRAME_PROOF,
      step: PROOF_TELL,
      digest,
      proofs: [{ bytes, credential: NONE }],
    });
    expect(isolated.core.proofs).toHaveLength(0);
    expect(isolated.core.registry.get(peer.id)?.reputation).toBeCloseTo(0.8);
  });

  it("is refused where its headers do not contradict one another", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const { length } = saying(swarm, ["v"]);
    expect(length).toBe(2);
    const digest = new Uint8Array(32);
    const proofs = [{ bytes: new Uint8Array(PROOF_BYTES_MAX), credential: NONE }];
    a.frame(b, { type: FRAME_PROOF, step: PROOF_TELL, digest, proofs });
    expect(a.cell("messageRejectedMalformed")).toBe(1);
  });

  it("survives a restart, and what the disk has of its author does not come back", () => {
    const { swarm, a } = proven();
    swarm.advance(100);
    const again = swarm.add({ identity: 1, life: 101 });
    expect(restoredProofs(again, a.proofsStored!)).toBe(true);
    const kept = a.stored.filter((delta) => !again.core.isExpunged(delta));
    expect([a.stored.length, kept.length]).toEqual([2, 0]);
    expect(again.core.proofs).toEqual(a.core.proofs);
    expect(again.root).toBe(a.root);
  });

  it("is verified when it comes back from the disk: one changed byte is a damaged store", () => {
    const { swarm, a } = proven();
    const stored = a.proofsStored!;
    for (let at = 0; at < stored.length; at++) {
      const again = swarm.add({ identity: 1, life: 101 });
      swarm.nodes.splice(swarm.nodes.indexOf(again), 1);
      const changed = stored.with(at, (stored[at] ?? 0) ^ 1);
      expect(restoredProofs(again, changed), `byte ${at}`).toBe(false);
      expect(again.core.proofs).toHaveLength(0);
      again.core.free();
    }
  });

  it("is one of so many that a peer can introduce at once; the rest comes later", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    const proofs = Array.from({ length: INTRODUCED_BURST + 2 }, (_, i) => madeProof(swarm, i));
    for (let i = 0; i < proofs.length; i += 64) {
      const part = proofs.slice(i, i + 64).map((bytes) => ({ bytes, credential: NONE }));
      a.frame(b, { type: FRAME_PROOF, step: PROOF_TELL, digest: new Uint8Array(32), proofs: part });
    }
    expect(a.core.proofs).toHaveLength(INTRODUCED_BURST);
    expect(a.cell("proofRefusedRate")).toBe(2);
    expect(a.core.registry.get(b.id)?.reputation).toBe(1);
    swarm.advance(10_000);
    const last = proofs.slice(-1).map((bytes) => ({ bytes, credential: NONE }));
    a.frame(b, { type: FRAME_PROOF, step: PROOF_TELL, digest: new Uint8Array(32), proofs: last });
    expect(a.core.proofs).toHaveLength(INTRODUCED_BURST + 1);
  });
});

describe("what others have written", () => {
  it("stays as if the expunged author had never been, counters and sets too", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes as [TestNode, TestNode, TestNode];
    const add = (node: TestNode, by: bigint): void => {
      node.write({ op: "counter.add", collection: "n", key: "", by });
    };
    add(a, 5n);
    add(b, 7n);
    a.write({ op: "set.add", collection: "s", key: "", element: "x" });
    c.write(mapSet("k", "honest"));
    swarm.advance(50);
    const [one, two] = [saying(swarm, ["heads"]), saying(swarm, ["tails"])];
    a.push(b, ...one);
    swarm.advance(50);
    expect(valueAt(c)).toEqual(text("heads"));
    a.push(b, two[1]!);
    swarm.advance(2_000);
    add(a, 1n);
    a.write(mapSet("after", "it"));
    swarm.advance(2_000);
    expect(roots(swarm)).toHaveProperty("size", 1);
    for (const node of swarm.nodes) {
      expect(node.read(TYPE_COUNTER, "n", "").counter("n", "").plus).toBe(13n);
      expect(node.read(TYPE_SET, "s", "").setHas("s", "", "x")).toBe(true);
      expect(valueAt(node)).toEqual(text("honest"));
      expect(valueAt(node, "after")).toEqual(text("it"));
      expect(node.eventsOf("fork")).toHaveLength(1);
    }
  });

  it("is told as changed to those who watch it", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    a.write(mapSet("k", "honest"));
    swarm.advance(50);
    a.push(b, ...saying(swarm, ["heads"]));
    a.events.length = 0;
    a.push(b, saying(swarm, ["tails"])[1]!);
    swarm.advance(50);
    const told = a.eventsOf("changes").flatMap(({ changes }) => [...changes]);
    expect(told.map(({ key, live, payload }) => [key, live, payload])).toEqual([
      ["k", true, text("honest")],
    ]);
  });

  it("is rebuilt once for proofs that come together", () => {
    const [swarm, a, b] = linkedPair({ kernels });
    for (const identity of [70, 71, 72]) {
      const life = { identity, life: identity };
      a.push(b, ...saying(swarm, [`heads ${identity}`], life));
      a.push(b, saying(swarm, ["tails"], life)[1]!);
    }
    swarm.advance(5);
    const first = a.core.status().incarnations;
    swarm.advance(2_000);
    expect(a.core.proofs).toHaveLength(3);
    expect([first, a.core.status().incarnations]).toEqual([0, 0]);
    expect(b.root).toBe(a.root);
  });
});

describe("frames about an expunged author", () => {
  it.each([FRAME_PUSH, FRAME_DELTA])("cost their sender nothing (type %i)", (type) => {
    const [swarm, a, b] = linkedPair({ kernels });
    const branch = saying(swarm, ["heads"]);
    a.push(b, ...branch);
    a.push(b, saying(swarm, ["tails"])[1]!);
    const deltas = new Uint8Array(Buffer.concat(branch));
    const root = new Uint8Array(32);
    for (let i = 0; i < 100; i++) {
      if (type === FRAME_PUSH) a.frame(b, { type, reached: 1, root, deltas });
      else a.frame(b, { type: FRAME_DELTA, more: false, root, deltas });
    }
    expect(a.core.registry.get(b.id)?.reputation).toBe(1);
  });
});
