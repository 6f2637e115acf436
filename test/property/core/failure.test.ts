// Failure detection against anything a member may say: nothing throws, nothing grows, nobody who
// answers is given up, and n stays what the members' own records make it.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type FailureFrame,
  FRAME_DEPART,
  FRAME_PROBE,
  FRAME_SUSPECT,
} from "../../../src/core/wire/failure-frames.ts";
import { createKernels } from "../../../src/kernels/index.ts";
import { FIRST_RECORD, VERDICT_MS } from "../../support/failure.ts";
import { linkedSwarm } from "../../support/pair.ts";

const RUNS = { seed: 20261126, numRuns: 60 };
const NODES = 5;
const kernels = createKernels();

/** Place of a node in the swarm; one more than there are stands for a stranger. */
const place = fc.nat(NODES);

const said = fc.record({
  at: place,
  to: fc.integer({ min: 1, max: NODES - 1 }),
  waitMs: fc.nat(400),
  frame: fc.oneof(
    fc.record({
      kind: fc.constant("words" as const),
      words: fc.array(
        fc.record({
          member: place,
          by: place,
          state: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
          later: fc.integer({ min: -1, max: 3 }),
        }),
        { maxLength: 6 },
      ),
    }),
    fc.record({ kind: fc.constant("probe" as const), stamp: fc.nat(), echo: fc.nat() }),
    fc.record({
      kind: fc.constant("depart" as const),
      statements: fc.array(fc.uint8Array({ minLength: 160, maxLength: 160 }), { maxLength: 3 }),
    }),
  ),
});

it("gives up nobody who answers, whatever one member says", () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 25 }), (script) => {
      const swarm = linkedSwarm(NODES, { kernels, config: { departAfterMs: 500 } });
      const [liar] = swarm.nodes;
      const idOf = (at: number) => swarm.nodes[at]?.id ?? "cd".repeat(32);
      swarm.advance(500);
      for (const { to, waitMs, frame } of script) {
        swarm.nodes[to]!.frame(liar!, frameOf(frame, idOf));
        for (const { core } of swarm.nodes) expect(core.status().suspected).toBeLessThan(NODES);
        swarm.advance(waitMs);
      }
      swarm.advance(VERDICT_MS);
      for (const node of swarm.nodes) {
        expect(node.eventsOf("member:unreachable")).toEqual([]);
        expect(node.core.status()).toMatchObject({ members: NODES, suspected: 0, unreachable: 0 });
      }
    }),
    RUNS,
  );
});

type Said = Parameters<Parameters<typeof said.map>[0]>[0]["frame"];

function frameOf(frame: Said, idOf: (place: number) => string): FailureFrame {
  switch (frame.kind) {
    case "probe":
      return { type: FRAME_PROBE, stamp: frame.stamp, echo: frame.echo, root: new Uint8Array(8) };
    case "depart":
      return { type: FRAME_DEPART, statements: frame.statements };
    case "words":
      return {
        type: FRAME_SUSPECT,
        words: frame.words.map(({ member, by, state, later }) => ({
          member: idOf(member),
          by: idOf(by),
          state,
          epoch: FIRST_RECORD.epoch,
          counter: FIRST_RECORD.counter + later,
        })),
      };
  }
}
