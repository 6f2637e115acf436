// The departed members as a node keeps them on disk (C8): its next life does not count them either.
import { expect, it } from "vitest";
import { createKernels } from "../../../../src/kernels/index.ts";
import { membersOf, silence, VERDICT_MS } from "../../../support/failure.ts";
import { linkedSwarm, type Swarm, type TestNode } from "../../../support/pair.ts";

const kernels = createKernels();
const AFTER_MS = 10_000;

/** A mesh of five of which one has departed. */
function withDeparted() {
  const config = { departAfterMs: AFTER_MS, durable: true };
  const swarm = linkedSwarm(5, { kernels, config });
  swarm.advance(1_000);
  const [dead, a, b] = swarm.nodes as [TestNode, TestNode, TestNode];
  silence(swarm, [dead], VERDICT_MS + AFTER_MS);
  return { swarm, dead, a, b, departed: a.departedStored ?? new Uint8Array(0) };
}

/** Another life of the second node, with these records and this list on its disk. */
function nextLife(swarm: Swarm, records: readonly Uint8Array[], departed: Uint8Array) {
  const back = swarm.add({ identity: 2, life: 77 });
  const members = { kind: "members", members: records } as const;
  const checks = back.core.restoreChecks(members, back.now) ?? [];
  back.core.handleRestored(members, new Uint8Array(checks.length).fill(1), back.now);
  const part = { kind: "departed", departed } as const;
  expect(back.core.restoreChecks(part, back.now)).toEqual([]);
  return { back, isWhole: back.core.handleRestored(part, new Uint8Array(0), back.now) };
}

it("has the members that a quorum has ended count no more in the next life", () => {
  const { swarm, a, departed } = withDeparted();
  const { back, isWhole } = nextLife(swarm, a.core.memberRecords(), departed);
  expect([isWhole, membersOf(back)]).toEqual([true, 4]);
  expect(back.core.status().quorum).toBe(3);
});

it("says nothing of a member that has signed a newer record since", () => {
  const { swarm, dead, a, departed } = withDeparted();
  dead.command({ kind: "addresses", addresses: ["/test/elsewhere"] });
  swarm.advance(1_000);
  expect(membersOf(a)).toBe(5);
  const { back, isWhole } = nextLife(swarm, a.core.memberRecords(), departed);
  expect([isWhole, membersOf(back)]).toEqual([true, 5]);
});

it("is refused when it is cut short", () => {
  const { swarm, a, departed } = withDeparted();
  const { isWhole } = nextLife(swarm, a.core.memberRecords(), departed.subarray(1));
  expect(isWhole).toBe(false);
});
