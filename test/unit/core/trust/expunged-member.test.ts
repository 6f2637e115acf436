// A proven member counts in no quorum and answers for none (C6, C8; docs/decisions/0013-equivocation.md).
import { describe, expect, it } from "vitest";
import { TYPE_MAP } from "../../../../assembly/layout.ts";
import { quorumOf } from "../../../../src/core/peers/quorum.ts";
import { createKernels } from "../../../../src/kernels/index.ts";
import {
  type Flying,
  linkedSwarm,
  mapSet,
  type Swarm,
  type TestNode,
} from "../../../support/pair.ts";

const kernels = createKernels();

/** `count` linked members, the last of which has told two of them different things. */
function withLiar(count: number) {
  const swarm = linkedSwarm(count, { kernels });
  const liar = swarm.nodes.at(-1) as TestNode;
  const honest = swarm.nodes.slice(0, -1);
  swarm.advance(1_500);
  const [one, two] = ["heads", "tails"].map((value) => {
    // The same life once more, of a process that nobody hears.
    const twin = swarm.add({ identity: count, life: count + 100 });
    swarm.nodes.pop();
    twin.write(mapSet("k", value));
    twin.read(TYPE_MAP, "m", "k");
    return twin.stored;
  }) as [Uint8Array[], Uint8Array[]];
  const prove = (at: TestNode, from: TestNode): void => {
    at.push(from, ...one);
    at.push(from, ...two.slice(1));
  };
  return { swarm, liar, honest, prove };
}

/** Ends the links that nodes want ended, as a transport would. */
function obey(swarm: Swarm): void {
  for (const node of swarm.nodes) {
    for (const request of node.links.splice(0)) {
      const peer = request.kind === "disconnect" ? node.peers.get(request.peer) : undefined;
      if (peer !== undefined) swarm.unlink(node, peer, "local_close");
    }
  }
}

const proofs = (frame: Flying): boolean => frame.bytes[1] === 18;

function cutFrom(side: readonly TestNode[]): (frame: Flying) => boolean {
  return ({ from, to }) => side.includes(from) !== side.includes(to);
}

describe("a proven member", () => {
  it.each([2, 3, 4, 5, 7, 10])("of %i leaves n at every correct node, by one", (count) => {
    const { swarm, honest, prove, liar } = withLiar(count);
    prove(honest[0]!, honest[1] ?? liar);
    swarm.advance(2_000);
    for (const node of honest) {
      const { members, quorum } = node.core.status();
      expect([members, quorum]).toEqual([count - 1, quorumOf(count - 1).size]);
      expect(node.core.status().unreachable).toBe(0);
      expect(node.core.membership.get(liar.id)).toBeDefined();
    }
  });

  it("does not come back with a newer record, nor with a restart of those who know", () => {
    const { swarm, honest, prove, liar } = withLiar(4);
    const [a, b] = honest as [TestNode, TestNode];
    prove(a, b);
    swarm.advance(2_000);
    liar.command({ kind: "addresses", addresses: ["/test/new"] });
    swarm.advance(2_000);
    expect(a.core.status().members).toBe(3);
    const again = swarm.add({ identity: 1, life: 200 });
    swarm.nodes.pop();
    const parts = [
      { kind: "members", members: a.core.memberRecords() },
      { kind: "proofs", proofs: a.proofsStored! },
    ] as const;
    for (const part of parts) {
      const checks = again.core.restoreChecks(part, again.now) ?? [];
      expect(
        again.core.handleRestored(part, new Uint8Array(checks.length).fill(1), again.now),
      ).toBe(true);
    }
    expect(again.core.status()).toMatchObject({ members: 3, quorum: 2 });
  });

  it("answers no roll call: those whom it alone would make a quorum are read-only", () => {
    const { swarm, honest, prove } = withLiar(5);
    prove(honest[0]!, honest[1]!);
    swarm.advance(2_000);
    obey(swarm);
    // Four are left, three a quorum; two of them, and the liar, are not.
    const side = [...honest.slice(0, 2), swarm.nodes.at(-1)!];
    swarm.advance(2_000, cutFrom(side));
    expect(honest.map((node) => node.core.readOnly)).toEqual([true, true, true, true]);
    swarm.advance(3_000);
    expect(honest.map((node) => node.core.readOnly)).toEqual([false, false, false, false]);
  });

  it("does not let two halves both write while only one of them knows the proof", () => {
    for (const count of [4, 5, 6, 7, 8, 9, 10]) {
      for (let size = 1; size < count - 1; size++) {
        const { swarm, honest, prove, liar } = withLiar(count);
        const [side, other] = [honest.slice(0, size), honest.slice(size)];
        // The liar answers on the side that does not know it; the proof does not cross the cut.
        const cut = cutFrom(side);
        prove(side[0]!, side[1] ?? liar);
        swarm.advance(2_500, (frame) => cut(frame) || (proofs(frame) && other.includes(frame.to)));
        const writable = [side, other].map((half) => half.some((node) => !node.core.readOnly));
        expect(writable, `${size} of ${count}`).not.toEqual([true, true]);
        for (const node of swarm.nodes) node.core.free();
      }
    }
  });
});

describe("the quorums of two halves of which each knows some of the liars", () => {
  it("are together more than all that can answer to both", () => {
    // n members, L <= f liars that answer everywhere; a of them proven on one side, b on the other.
    for (let n = 4; n <= 400; n++) {
      const liars = quorumOf(n).faults;
      for (let a = 0; a <= liars; a++) {
        for (let b = a; b <= liars; b++) {
          const answers = n - liars + (liars - a) + (liars - b);
          expect(quorumOf(n - a).size + quorumOf(n - b).size).toBeGreaterThan(answers);
        }
      }
    }
  });
});
