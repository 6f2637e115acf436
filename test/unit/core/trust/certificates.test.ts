// Certified members and authors (C2, C6; docs/decisions/0014-certified-records.md): in a mesh with an
// authority nothing counts that its certificate does not stand behind, whoever hands it on.
import { describe, expect, it } from "vitest";
import {
  KIND_OPERATIONS,
  KIND_RECORD,
  TYPE_COUNTER,
  TYPE_MAP,
} from "../../../../assembly/layout.ts";
import { CLOCK_SKEW_MS, GRACE_MS } from "../../../../src/core/trust/certificates.ts";
import {
  encodeDelta,
  encodeDeltaHeader,
  encodeOperation,
  encodeRecordBody,
} from "../../../../src/core/wire/delta.ts";
import { FRAME_MEMBERS } from "../../../../src/core/wire/frame.ts";
import { CertifiedSwarm, NOT_AFTER, NOT_BEFORE } from "../../../support/certified-swarm.ts";
import { HOUR_MS } from "../../../support/credentials.ts";
import { join, mapSet, type TestNode, text } from "../../../support/pair.ts";

const START_MS = 1_700_000_000_000;

/** What a node nobody hears has written: its record and one delta. */
function saying(swarm: CertifiedSwarm, author: TestNode): Uint8Array[] {
  swarm.apart(author);
  author.write(mapSet("k", "v"));
  author.read(TYPE_MAP, "m", "k");
  return author.stored;
}

function recordOf(node: TestNode): Uint8Array {
  const record = node.core.memberRecords().at(-1);
  if (record === undefined) throw new Error("a node holds its own record");
  return record;
}

/** Credentials of a stranger that no correct node takes, and why. */
const REFUSED: readonly (readonly [string, (swarm: CertifiedSwarm) => Uint8Array])[] = [
  [
    "signed by another key",
    (s) => s.credential(s.idOf(9), {}, s.crypto.createSigningKey(new Uint8Array(32))),
  ],
  ["of another node", (s) => s.credential(s.idOf(8))],
  ["of another mesh", (s) => s.credential(s.idOf(9), { meshId: new Uint8Array(16) })],
  ["for another role", (s) => s.credential(s.idOf(9), { role: "edge" })],
  ["with a changed signature", (s) => flipLast(s.credential(s.idOf(9)))],
];

function flipLast(bytes: Uint8Array): Uint8Array {
  return bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1);
}

/** A record and one delta of a certified author that stamps as it likes. */
function signed(
  swarm: CertifiedSwarm,
  given: { stamps: readonly number[]; notBefore?: number; notAfter?: number },
): [Uint8Array, Uint8Array] {
  const { crypto, kernels, meshId } = swarm;
  const identity = crypto.createSigningKey(kernels.blake3(text("identity 9")));
  const key = crypto.createSigningKey(kernels.blake3(text("incarnation")));
  const credential = swarm.credential(swarm.idOf(9));
  const [recordMs = 0, deltaMs = 0] = given.stamps;
  const common = { meshId, author: swarm.idOf(9), epoch: 1n, nonce: 1n, count: 1 };
  const body = encodeRecordBody({
    key: key.publicKey,
    certHash: kernels.blake3(credential),
    notBeforeMs: BigInt(given.notBefore ?? NOT_BEFORE),
    notAfterMs: BigInt(given.notAfter ?? NOT_AFTER),
    previousEpoch: 0n,
    previousNonce: 0n,
  });
  const record = encodeDeltaHeader({
    ...common,
    kind: KIND_RECORD,
    bodyBytes: body.length + credential.length,
    firstSeq: 0,
    hlc: BigInt(recordMs) << 16n,
    prevHash: new Uint8Array(32),
    bodyHash: kernels.blake3(body),
  });
  const value = { codec: 0, value: text("v") };
  const set = encodeOperation({ kind: "map.set", collection: "m", key: "k", ...value });
  const header = encodeDeltaHeader({
    ...common,
    kind: KIND_OPERATIONS,
    bodyBytes: set.length,
    firstSeq: 1,
    hlc: BigInt(deltaMs) << 16n,
    prevHash: kernels.blake3(record),
    bodyHash: kernels.blake3(set),
  });
  return [
    encodeDelta(record, crypto.sign(record, identity), join([body, credential])),
    encodeDelta(header, crypto.sign(header, key), set),
  ];
}

describe("a member record that a certified member hands on", () => {
  it("is taken with a certificate that holds", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const stranger = swarm.apart(swarm.certified({ identity: 9 }));
    a.frame(b, { type: FRAME_MEMBERS, members: [recordOf(stranger)] });
    expect(a.core.status().members).toBe(3);
  });

  it("is refused without one, and does not count in n", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const stranger = swarm.apart(swarm.add({ identity: 9 }));
    a.frame(b, { type: FRAME_MEMBERS, members: [recordOf(stranger), recordOf(b)] });
    expect(a.core.status().members).toBe(2);
    expect(a.cell("messageRejectedCertificate")).toBe(1);
    expect(a.core.registry.get(b.id)?.reputation).toBeCloseTo(0.8);
  });

  it.each(REFUSED)("is refused with one %s", (_, credential) => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const stranger = swarm.apart(swarm.certified({ identity: 9, credential: credential(swarm) }));
    a.frame(b, { type: FRAME_MEMBERS, members: [recordOf(stranger)] });
    expect(a.core.status().members).toBe(2);
    expect(a.core.registry.get(b.id)?.reputation).toBeLessThan(1);
  });

  it.each([{ region: "elsewhere" }, { zone: "elsewhere" }])(
    "is refused when it claims another place than its certificate: %o",
    (config) => {
      const swarm = CertifiedSwarm.linked(2);
      const [a, b] = swarm.nodes as [TestNode, TestNode];
      const stranger = swarm.apart(swarm.certified({ identity: 9, config }));
      a.frame(b, { type: FRAME_MEMBERS, members: [recordOf(stranger)] });
      expect(a.core.status().members).toBe(2);
      expect(a.cell("messageRejectedCertificate")).toBe(1);
    },
  );

  it("ends the link when it is the sender's own", () => {
    const swarm = CertifiedSwarm.linked(1);
    const [a] = swarm.nodes as [TestNode];
    const stranger = swarm.add({ identity: 9 });
    swarm.link(stranger, a);
    swarm.deliver();
    expect(a.core.status().members).toBe(1);
    expect(a.links).toContainEqual({
      kind: "disconnect",
      peer: stranger.id,
      reason: "certificate",
    });
  });

  it("is refused with a certificate in an open mesh", () => {
    const swarm = new CertifiedSwarm();
    const [a, b] = [swarm.add(), swarm.add()];
    swarm.link(a, b);
    swarm.deliver();
    const stranger = swarm.apart(swarm.certified({ identity: 9 }));
    a.frame(b, { type: FRAME_MEMBERS, members: [recordOf(stranger)] });
    expect(a.core.status().members).toBe(2);
  });
});

describe("deltas that a certified member hands on", () => {
  it("are merged when a certificate stands behind their author, whatever the order", () => {
    for (const inOrder of [true, false]) {
      const swarm = CertifiedSwarm.linked(2);
      const [a, b] = swarm.nodes as [TestNode, TestNode];
      const deltas = saying(swarm, swarm.certified({ identity: 9 }));
      for (const delta of inOrder ? deltas : deltas.toReversed()) a.push(b, delta);
      swarm.advance(1_000);
      for (const node of swarm.nodes) {
        expect(node.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("v"));
      }
    }
  });

  it("are refused when none does, by every node and in any order", () => {
    for (const inOrder of [true, false]) {
      const swarm = CertifiedSwarm.linked(2);
      const [a, b] = swarm.nodes as [TestNode, TestNode];
      const deltas = saying(swarm, swarm.add({ identity: 9 }));
      a.push(b, ...(inOrder ? deltas : deltas.toReversed()));
      swarm.advance(1_000);
      expect(a.core.status()).toMatchObject({ entries: 0, incarnations: 0 });
      expect(a.cell("deltaProcessedUncertified")).toBeGreaterThan(0);
      expect(a.root).toBe(b.root);
    }
  });

  it.each(REFUSED)("are refused when theirs is one %s", (_, credential) => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    a.push(b, ...saying(swarm, swarm.certified({ identity: 9, credential: credential(swarm) })));
    expect(a.core.status()).toMatchObject({ entries: 0, incarnations: 0 });
    expect(a.core.registry.get(b.id)?.reputation).toBeLessThan(1);
  });

  it("cost one verification of a credential, and none when it is known", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const before = a.checks;
    a.push(b, ...saying(swarm, swarm.certified({ identity: 9 })));
    expect(a.checks - before).toBe(3);
    a.push(b, ...saying(swarm, swarm.certified({ identity: 9, life: 2 })));
    expect(a.checks - before).toBe(5);
  });
});

describe("the time of a certificate", () => {
  it.each([
    ["before its beginning, beyond the skew", NOT_BEFORE - CLOCK_SKEW_MS - 1, 0],
    ["within the skew before its beginning", NOT_BEFORE - CLOCK_SKEW_MS, 2],
    ["at the end of its grace", NOT_AFTER + GRACE_MS, 1],
    ["after its grace", NOT_AFTER + GRACE_MS + 1, 0],
  ])("is held against the stamps of record and operations: %s", (_, wallMs, taken) => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    for (const node of [a, b]) node.wallOffsetMs = wallMs + HOUR_MS - START_MS;
    const stamps = taken === 1 ? [wallMs, wallMs + 1] : [wallMs, wallMs + 2];
    a.push(b, ...signed(swarm, { stamps }));
    const { incarnations, entries } = a.core.status();
    expect(incarnations + entries).toBe(taken);
  });

  it.each([{ notBefore: NOT_BEFORE - 1 }, { notAfter: NOT_AFTER + 1 }])(
    "is the record's as well: %o",
    (times) => {
      const swarm = CertifiedSwarm.linked(2);
      const [a, b] = swarm.nodes as [TestNode, TestNode];
      a.push(b, ...signed(swarm, { stamps: [START_MS, START_MS + 1], ...times }));
      expect(a.core.status()).toMatchObject({ entries: 0, incarnations: 0 });
    },
  );

  it("ends an incarnation whose record came before, at the same stamp everywhere", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    for (const node of [a, b]) node.wallOffsetMs = NOT_AFTER + GRACE_MS + HOUR_MS - START_MS;
    const [record, delta] = signed(swarm, { stamps: [START_MS, NOT_AFTER + GRACE_MS + 1] });
    a.push(b, record);
    a.push(b, delta);
    expect(a.core.status()).toMatchObject({ entries: 0, incarnations: 1 });
    expect(a.cell("deltaProcessedUncertified")).toBe(1);
  });

  it("is not read off the receiver's clock: years later the same deltas are taken", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const deltas = saying(swarm, swarm.certified({ identity: 9 }));
    for (const node of [a, b]) node.wallOffsetMs = 10 * 365 * 24 * HOUR_MS;
    a.push(b, ...deltas);
    expect(a.core.status().entries).toBe(1);
  });

  it("refuses a delta stamped after it, though its record was taken in time", () => {
    const swarm = CertifiedSwarm.linked(2);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    // It writes on under a certificate that it has not shown in its record.
    const late = swarm.credential(swarm.idOf(9), { notAfter: NOT_AFTER + 1_000 * HOUR_MS });
    const author = swarm.apart(swarm.certified({ identity: 9 }));
    author.write(mapSet("k", "in time"));
    author.write({ op: "counter.add", collection: "n", key: "", by: 1n });
    author.read(TYPE_MAP, "m", "k");
    const [record = new Uint8Array(0), first = new Uint8Array(0)] = author.stored;
    a.push(b, record, first);
    author.wallOffsetMs = NOT_AFTER + GRACE_MS + HOUR_MS - START_MS;
    expect(author.write(mapSet("k", "late"))).toMatchObject({ code: "MESH_CERTIFICATE_EXPIRED" });
    author.command({ kind: "certificate", credential: late });
    author.write(mapSet("k", "late"));
    author.read(TYPE_MAP, "m", "k");
    const [second = new Uint8Array(0), third = new Uint8Array(0)] = author.stored.slice(2);
    for (const node of [a, b]) node.wallOffsetMs = author.wallOffsetMs;
    a.push(b, third);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("in time"));
    a.push(b, second, third);
    expect(a.read(TYPE_MAP, "m", "k").mapGet("m", "k")?.value).toEqual(text("late"));
    expect(a.read(TYPE_COUNTER, "n", "").counter("n", "").plus).toBe(1n);
  });

  it("refuses to write, with what to do, before others would refuse what is written", () => {
    const swarm = CertifiedSwarm.linked(1);
    const [a] = swarm.nodes as [TestNode];
    a.wallOffsetMs = NOT_AFTER + GRACE_MS - START_MS;
    expect(a.write(mapSet("k", "v"))).toMatchObject({ code: "MESH_CERTIFICATE_EXPIRED" });
    a.wallOffsetMs = NOT_BEFORE - HOUR_MS - START_MS;
    expect(a.write(mapSet("k", "v"))).toMatchObject({ code: "MESH_CERTIFICATE_NOT_YET_VALID" });
  });
});

describe("a renewed certificate", () => {
  it("is shown at once, and written under from the next delta on, nothing counted twice", () => {
    const swarm = CertifiedSwarm.linked(3);
    const [a, b] = swarm.nodes as [TestNode, TestNode];
    const add = (by: bigint) => a.write({ op: "counter.add", collection: "n", key: "", by });
    add(3n);
    swarm.advance(100);
    const credential = swarm.credential(a.id, { serial: 2, notAfter: NOT_AFTER + 24 * HOUR_MS });
    expect(a.command({ kind: "certificate", credential })).toEqual({ kind: "done" });
    add(4n);
    swarm.advance(1_000);
    for (const node of swarm.nodes) {
      expect(node.read(TYPE_COUNTER, "n", "").counter("n", "").plus).toBe(7n);
      expect(node.core.membership.get(a.id)?.credential).toEqual(credential);
    }
    expect(b.core.status().incarnations).toBe(2);
    expect(new Set(swarm.nodes.map((node) => node.root)).size).toBe(1);
  });
});

describe("a store", () => {
  it("whose members or deltas no certificate stands behind is not taken back", () => {
    const swarm = CertifiedSwarm.linked(1);
    const [a] = swarm.nodes as [TestNode];
    const stranger = swarm.apart(swarm.add({ identity: 9 }));
    const members = [recordOf(stranger)];
    const deltas = join(saying(swarm, swarm.add({ identity: 10 })));
    expect(a.core.restoreChecks({ kind: "members", members }, a.now)).toBeUndefined();
    expect(a.core.restoreChecks({ kind: "deltas", deltas }, a.now)).toBeUndefined();
    const sound = join(saying(swarm, swarm.certified({ identity: 9 })));
    expect(a.core.restoreChecks({ kind: "deltas", deltas: sound }, a.now)).toHaveLength(3);
  });
});
