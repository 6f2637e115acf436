/**
 * Past lives: whatever of an author's records comes with its credential and what without, in whatever
 * order and frames, all nodes end with the same root, and nobody is blamed for what is not taken yet
 * (docs/decisions/0018-past-lives.md).
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDeltaHeader } from "../../../src/core/wire/delta.ts";
import { FRAME_DELTA } from "../../../src/core/wire/delta-frame.ts";
import { carried, isCutRecord } from "../../../src/core/wire/stub.ts";
import { randomOf } from "../../support/history.ts";
import type { TestNode } from "../../support/pair.ts";
import { Restarts } from "../../support/restarts.ts";

const NODES = 3;
const DAYS = 5;
const NEVER = { compactFromBytes: Number.POSITIVE_INFINITY };
const SETTINGS = { seed: 20_260_418, numRuns: 40 };

/** Chains of a log, each in its order, by incarnation. */
function chainsOf(node: TestNode): Map<string, Uint8Array[]> {
  const chains = new Map<string, Uint8Array[]>();
  for (const delta of node.core.deltas()) {
    const { author, epoch, nonce } = decodeDeltaHeader(delta, 0);
    const name = `${author} ${epoch} ${nonce}`;
    chains.set(name, [...(chains.get(name) ?? []), delta]);
  }
  return chains;
}

test("the records of an author that come with a credential stand for those without, in any order", () => {
  const restarts = new Restarts(NODES, [["name"], ["counter"]], NEVER.compactFromBytes);
  for (let day = 0; day < DAYS; day++) restarts.day();
  const { member, swarm } = restarts;
  const compacted = restarts.newcomer({ compactFromBytes: 1 });
  restarts.rest(600_000);
  swarm.unlink(member, compacted);
  const [whole, cut] = [chainsOf(member), chainsOf(compacted)];
  expect(compacted.core.deltas().filter(isCutRecord)).toHaveLength((DAYS - 1) * NODES);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
      const random = randomOf(seed);
      const [node, peer] = [4, 5].map((identity) => {
        const credential = swarm.credential(swarm.idOf(identity), { notAfter: 4_000_000_000_000 });
        return swarm.certified({ identity, credential, config: NEVER });
      }) as [TestNode, TestNode];
      swarm.link(node, peer);
      swarm.deliver();
      // The newest record of each author is whole in both logs.
      const chains = [...cut].map(([name, chain]) =>
        random(3) === 0 ? (whole.get(name) ?? []) : chain,
      );
      for (let round = 0; round <= chains.length; round++) {
        for (let i = chains.length - 1; i > 0; i--) {
          const j = random(i + 1);
          [chains[i], chains[j]] = [chains[j]!, chains[i]!];
        }
        for (let at = 0; at < chains.length; ) {
          const size = 1 + random(4);
          const deltas = carried(chains.slice(at, at + size).flat());
          const root = new Uint8Array(32);
          node.frame(peer, { type: FRAME_DELTA, more: false, root, ...deltas });
          at += size;
        }
      }
      expect(node.core.status().frontierRoot).toBe(member.core.status().frontierRoot);
      expect(node.root).toBe(member.root);
      for (const cell of ["deltaProcessedUncertified", "deltaProcessedBadSignature"] as const) {
        expect(node.cell(cell)).toBe(0);
      }
      swarm.apart(node);
      swarm.apart(peer);
    }),
    SETTINGS,
  );
});
