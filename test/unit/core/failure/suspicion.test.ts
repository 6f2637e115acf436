// Suspicion (C4, C8): apart from removal, refutable, never decided by words alone.
import { describe, expect, it } from "vitest";
import { WORD_ALIVE, WORD_SUSPECT, WORD_UNREACHABLE } from "../../../../src/core/wire/suspect.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  FIRST_RECORD,
  livenessAt,
  membersOf,
  silence,
  tell,
  VERDICT_MS,
  wordAbout,
} from "../../../support/failure.ts";
import { linkedSwarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();

/** A swarm that has come to rest, its last member silent for `ms`. */
function withDead(count: number, ms: number, config = {}) {
  const swarm = linkedSwarm(count, { kernels, config });
  swarm.advance(1_000);
  const [dead, ...others] = [...swarm.nodes].reverse();
  silence(swarm, [dead!], ms);
  return { swarm, dead: dead!, others: others.reverse() };
}

const count = (nodes: readonly TestNode[], kind: "member:suspected" | "member:unreachable") =>
  nodes.reduce((sum, node) => sum + node.eventsOf(kind).length, 0);

describe("a member that stays silent", () => {
  it("is unreachable at every other within seconds, and still counts", () => {
    const { dead, others } = withDead(6, VERDICT_MS);
    expect(new Set(livenessAt(others, dead))).toEqual(new Set(["unreachable"]));
    expect(others.map(membersOf)).toEqual([6, 6, 6, 6, 6]);
    expect(others[0]!.core.status().unreachable).toBe(1);
    expect(count(others, "member:suspected")).toBe(5);
    expect(count(others, "member:unreachable")).toBe(5);
  });

  it("is unreachable in plain SWIM too", () => {
    const { dead, others } = withDead(6, VERDICT_MS, { lifeguard: false });
    expect(new Set(livenessAt(others, dead))).toEqual(new Set(["unreachable"]));
  });

  it("is unreachable to the last one left", () => {
    const { dead, others } = withDead(2, VERDICT_MS);
    expect(livenessAt(others, dead)).toEqual(["unreachable"]);
  });

  it("is found out from its broken links as well", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [dead, ...others] = swarm.nodes;
    swarm.advance(1_000);
    for (const other of others) swarm.unlink(other, dead!);
    swarm.advance(VERDICT_MS);
    expect(new Set(livenessAt(others, dead!))).toEqual(new Set(["unreachable"]));
  });

  it("is asked no more rounds, nor waited for by the others' convergence", () => {
    const { swarm, dead, others } = withDead(4, VERDICT_MS);
    silence(swarm, [dead], 2_000);
    expect(others.map((node) => node.core.status().converged)).toEqual([true, true, true]);
  });

  it("is wanted no longer, but dialled about once a second", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [dead, a, ...others] = swarm.nodes;
    for (const other of [a!, ...others]) swarm.unlink(other, dead!);
    swarm.advance(VERDICT_MS);
    expect(a!.links.some((link) => link.kind === "unwant" && link.peer === dead!.id)).toBe(true);
    a!.links.length = 0;
    swarm.advance(10_000);
    const reached = a!.links.filter((link) => link.kind === "reach" && link.peer === dead!.id);
    expect(reached.length).toBeGreaterThanOrEqual(9);
    expect(reached.length).toBeLessThanOrEqual(11);
    expect(a!.links.filter(({ kind }) => kind === "want")).toEqual([]);
  });

  it("is reachable everywhere as soon as it is back", () => {
    const { swarm, dead, others } = withDead(6, VERDICT_MS);
    swarm.advance(1_500);
    expect(new Set(livenessAt(others, dead))).toEqual(new Set(["alive"]));
    expect(new Set(livenessAt([dead], others[0]!))).toEqual(new Set(["alive"]));
    // It has signed a newer record, for those who do not hear it first-hand.
    expect(dead.cell("peerRefutations")).toBeGreaterThan(0);
  });
});

describe("a member that is accused and lives", () => {
  it("refutes with a newer record of its own, and is cleared everywhere", () => {
    const swarm = linkedSwarm(5, { kernels });
    const [a, accused, ...others] = swarm.nodes;
    swarm.advance(1_000);
    for (const node of others) tell(node, a!, wordAbout(accused!, WORD_SUSPECT, a!));
    swarm.advance(500);
    expect(accused!.cell("peerRefutations")).toBe(1);
    expect(new Set(livenessAt(swarm.nodes, accused!))).toEqual(new Set(["alive"]));
    swarm.advance(VERDICT_MS);
    expect(count(swarm.nodes, "member:unreachable")).toBe(0);
  });

  it("is not doubted again for the record it has replaced", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, accused, c] = swarm.nodes;
    swarm.advance(1_000);
    tell(accused!, a!, wordAbout(accused!, WORD_SUSPECT, a!));
    swarm.advance(500);
    tell(c!, a!, wordAbout(accused!, WORD_SUSPECT, a!));
    expect(c!.core.liveness(accused!.id)).toBe("alive");
    expect(accused!.cell("peerRefutations")).toBe(1);
  });

  it("refutes at most each 200 ms, and nothing that claims to know a later record", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, accused] = swarm.nodes;
    swarm.advance(1_000);
    const lie = (counter: number) => wordAbout(accused!, WORD_UNREACHABLE, a!, { counter });
    tell(accused!, a!, lie(9), wordAbout(accused!, WORD_SUSPECT, a!, { epoch: 2n ** 64n - 1n }));
    expect(accused!.cell("peerRefutations")).toBe(0);
    tell(accused!, a!, lie(1), lie(2), lie(3), lie(4));
    expect(accused!.cell("peerRefutations")).toBe(1);
  });
});

describe("a liar", () => {
  const LIES = [WORD_SUSPECT, WORD_UNREACHABLE] as const;

  it.each(LIES)("convicts nobody with word %i, whomever it quotes", (state) => {
    const swarm = linkedSwarm(6, { kernels });
    const [liar, victim, ...others] = swarm.nodes;
    swarm.advance(1_000);
    for (let i = 0; i < 40; i++) {
      const counter = FIRST_RECORD.counter + i;
      for (const node of others) {
        tell(node, liar!, ...others.map((by) => wordAbout(victim!, state, by, { counter })));
      }
      swarm.advance(250);
    }
    swarm.advance(VERDICT_MS);
    expect(count(swarm.nodes, "member:unreachable")).toBe(0);
    expect(new Set(livenessAt(others, victim!))).toEqual(new Set(["alive"]));
  });

  it("puts the verdict on a dead member off by seconds, and no longer", () => {
    const swarm = linkedSwarm(5, { kernels });
    const [dead, liar, ...others] = swarm.nodes;
    swarm.advance(1_000);
    for (let ms = 0; ms < 30_000; ms += 100) {
      for (const node of others) tell(node, liar!, wordAbout(dead!, WORD_ALIVE, liar!));
      silence(swarm, [dead!], 100);
    }
    expect(new Set(livenessAt(others, dead!))).toEqual(new Set(["unreachable"]));
  });

  it("makes nobody doubt a stranger, nor on a stranger's word", () => {
    const swarm = linkedSwarm(3, { kernels });
    const [a, b, c] = swarm.nodes;
    swarm.advance(1_000);
    const stranger = "ab".repeat(32);
    const word = wordAbout(c!, WORD_SUSPECT, a!);
    tell(b!, a!, { ...word, member: stranger }, { ...word, by: stranger }, { ...word, by: c!.id });
    expect(b!.core.status().suspected).toBe(0);
    expect(b!.core.liveness(stranger)).toBe("alive");
  });
});

describe("a node that did not run", () => {
  it("convicts nobody when it wakes, though nobody had answered", () => {
    const swarm = linkedSwarm(4, { kernels });
    const [sleeper, ...others] = swarm.nodes;
    swarm.advance(1_000);
    // It has probed, and heard of a suspicion, just before it is stopped for five seconds.
    swarm.advance(300, ({ to }) => to === sleeper);
    tell(sleeper!, others[1]!, wordAbout(others[0]!, WORD_SUSPECT, others[1]!));
    swarm.nowMs += 5_000;
    sleeper!.timeout();
    swarm.advance(VERDICT_MS);
    expect(sleeper!.eventsOf("member:unreachable")).toEqual([]);
    expect(new Set(livenessAt([sleeper!], others[0]!))).toEqual(new Set(["alive"]));
  });
});

describe("a cut between two halves", () => {
  it("makes each half unreachable to the other, and its end everybody reachable again", () => {
    const swarm = linkedSwarm(8, { kernels });
    const left = swarm.nodes.slice(0, 4);
    const right = swarm.nodes.slice(4);
    swarm.advance(1_000);
    swarm.advance(2 * VERDICT_MS, ({ from, to }) => left.includes(from) !== left.includes(to));
    const views = (): (readonly number[])[] =>
      [left, right].map((half) => half.map(({ core }) => core.status().unreachable));
    expect(views()).toEqual([
      [4, 4, 4, 4],
      [4, 4, 4, 4],
    ]);
    expect(left.map(membersOf)).toEqual([8, 8, 8, 8]);
    swarm.advance(1_500);
    expect(views()).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });
});

describe("a member that only one neighbour hears", () => {
  it("is not given up by the others while that neighbour says so", () => {
    const swarm = linkedSwarm(5, { kernels });
    const [busy, witness, ...others] = swarm.nodes;
    swarm.advance(1_000);
    // It refutes nothing: whatever is sent to it waits, and only the witness gets its frames.
    swarm.advance(8_000, ({ from, to }) => to === busy || (from === busy && to !== witness));
    expect(count(others, "member:suspected")).toBeGreaterThan(0);
    expect(count(swarm.nodes.slice(1), "member:unreachable")).toBe(0);
  });

  it("is given up in the end in plain SWIM", () => {
    const swarm = linkedSwarm(5, { kernels, config: { lifeguard: false } });
    const [busy, witness, ...others] = swarm.nodes;
    swarm.advance(1_000);
    swarm.advance(8_000, ({ from, to }) => to === busy || (from === busy && to !== witness));
    expect(count(others, "member:unreachable")).toBe(3);
  });
});

describe("a newcomer", () => {
  it("learns from its first neighbour who is unreachable", () => {
    const { swarm, dead, others } = withDead(4, VERDICT_MS);
    const newcomer = swarm.add();
    for (const other of others) swarm.link(newcomer, other);
    silence(swarm, [dead], VERDICT_MS);
    expect(newcomer.core.liveness(dead.id)).toBe("unreachable");
  });
});
