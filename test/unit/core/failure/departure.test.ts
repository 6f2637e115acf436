// Departure (C8): silence alone removes nobody; a quorum's statements do, until the member returns.
import { describe, expect, it } from "vitest";
import { encodeDeparture } from "../../../../src/core/wire/departure.ts";
import { FRAME_DEPART } from "../../../../src/core/wire/failure-frames.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import { FIRST_RECORD, membersOf, silence, VERDICT_MS } from "../../../support/failure.ts";
import { join, linkedSwarm, type Swarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();
const AFTER_MS = 10_000;
const config = { departAfterMs: AFTER_MS };

function statement(swarm: Swarm, about: TestNode, by: TestNode, signer = by, epoch?: bigint) {
  const departure = { member: about.id, ...FIRST_RECORD, by: by.id };
  const bytes = encodeDeparture(
    epoch === undefined ? departure : { ...departure, epoch },
    swarm.meshId,
  );
  return join([bytes, swarm.crypto.sign(bytes, signer.key)]);
}

const depart = (...statements: Uint8Array[]) => ({ type: FRAME_DEPART, statements }) as const;

function withDead(count: number, ms: number, options: object = config) {
  const swarm = linkedSwarm(count, { kernels, config: options });
  swarm.advance(1_000);
  const [dead, ...others] = swarm.nodes;
  silence(swarm, [dead!], ms);
  return { swarm, dead: dead!, others };
}

describe("a member silent for departAfterMs", () => {
  it("counts no more once a quorum has signed", () => {
    const { dead, others } = withDead(5, VERDICT_MS + AFTER_MS);
    expect(others.map(membersOf)).toEqual([4, 4, 4, 4]);
    expect(others[0]!.eventsOf("member:departed")).toEqual([
      { kind: "member:departed", peer: dead.id },
    ]);
    expect(others[0]!.cell("peerDepartures")).toBe(1);
    expect(others[0]!.core.status().unreachable).toBe(0);
  });

  it("counts for as long as that, and ten minutes by default", () => {
    const { others } = withDead(5, AFTER_MS);
    expect(others.map(membersOf)).toEqual([5, 5, 5, 5]);
    const { swarm, dead, others: patient } = withDead(4, 590_000, {});
    expect(patient.map(membersOf)).toEqual([4, 4, 4]);
    silence(swarm, [dead], 20_000);
    expect(patient.map(membersOf)).toEqual([3, 3, 3]);
  });

  it("counts for ever where no quorum is left to sign", () => {
    const swarm = linkedSwarm(4, { kernels, config });
    const [a, b, ...dead] = swarm.nodes;
    swarm.advance(1_000);
    silence(swarm, dead, 5 * AFTER_MS);
    expect([membersOf(a!), membersOf(b!)]).toEqual([4, 4]);
    expect(a!.core.status().unreachable).toBe(2);
  });

  it("counts again when it is back, with a newer record of the same life", () => {
    const { swarm, dead, others } = withDead(5, VERDICT_MS + AFTER_MS);
    swarm.advance(4_000);
    expect(others.map(membersOf)).toEqual([5, 5, 5, 5]);
    expect(others[0]!.eventsOf("member:up").filter(({ peer }) => peer === dead.id)).toHaveLength(2);
    swarm.advance(VERDICT_MS + AFTER_MS);
    expect(others.map(membersOf)).toEqual([5, 5, 5, 5]);
  });

  it("is learnt to be gone by a node that missed all the statements", () => {
    const swarm = linkedSwarm(5, { kernels, config });
    const [dead, deaf, ...others] = swarm.nodes;
    swarm.advance(1_000);
    swarm.advance(VERDICT_MS + AFTER_MS, (frame) => {
      const unheard = frame.to === deaf && frame.bytes[1] === FRAME_DEPART;
      return unheard || frame.from === dead || frame.to === dead;
    });
    expect([membersOf(deaf!), ...others.map(membersOf)]).toEqual([5, 4, 4, 4]);
    silence(swarm, [dead!], 10_000);
    expect(membersOf(deaf!)).toBe(4);
  });
});

describe("a statement", () => {
  it("is worth nothing while its member is not silent here", () => {
    const swarm = linkedSwarm(5, { kernels, config });
    const [victim, a, ...others] = swarm.nodes;
    swarm.advance(1_000);
    a!.frame(others[0]!, depart(...others.map((by) => statement(swarm, victim!, by))));
    expect([membersOf(a!), a!.checks > 0]).toEqual([5, true]);
    expect(a!.eventsOf("member:departed")).toEqual([]);
  });

  it("counts once a signer, for the present record, and only with the signer's own signature", () => {
    const { swarm, dead, others } = withDead(5, VERDICT_MS);
    const [a, b, c, d] = others;
    const bad = statement(swarm, dead, c!, b!);
    const old = statement(swarm, dead, d!, d!, 1n);
    const own = statement(swarm, dead, dead);
    const once = statement(swarm, dead, b!);
    a!.frame(b!, depart(once, once, bad, old, own));
    expect(membersOf(a!)).toBe(5);
    expect(a!.core.registry.get(b!.id)?.reputation).toBeLessThan(1);
    a!.frame(c!, depart(statement(swarm, dead, c!), statement(swarm, dead, d!)));
    expect(membersOf(a!)).toBe(5);
    // Quorum of 5 is 4: b, c, d and a itself, when its own time has come.
    silence(swarm, [dead], AFTER_MS);
    expect(membersOf(a!)).toBe(4);
  });

  it("of another mesh, or cut, makes its frame malformed", () => {
    const { swarm, dead, others } = withDead(5, VERDICT_MS);
    const [a, b] = others;
    const foreign = statement(swarm, dead, b!);
    foreign[20] = (foreign[20] ?? 0) ^ 1;
    const before = a!.cell("messageRejectedMalformed");
    a!.frame(b!, depart(foreign));
    expect(a!.cell("messageRejectedMalformed")).toBe(before + 1);
  });
});
