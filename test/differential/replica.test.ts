/**
 * Replica: equal roots over every implementation of the primitives; build/core.wasm must exist.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { openReplica } from "../../src/kernels/replica/replica.ts";
import { createWasmPrimitives } from "../../src/kernels/wasm/primitives.ts";
import { TEST_MESH } from "../support/delta-writer.ts";
import { deliverShuffled, type History, histories } from "../support/history.ts";
import { createNaivePrimitives } from "../support/naive-primitives.ts";

test("a replica has equal roots over the naive, the reference and the compiled primitives", () => {
  const implementations = [
    createNaivePrimitives(),
    createReferencePrimitives(),
    createWasmPrimitives({ memoryBytes: 4 * 1024 * 1024 }),
  ];
  const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(histories(20), seeds, (history: History, seed) => {
      const roots = implementations.map((primitives) => {
        const replica = openReplica(primitives, { meshId: TEST_MESH });
        const middle = history.deltas.length >> 1;
        deliverShuffled(replica, history.deltas.slice(0, middle), seed);
        const half = replica.root();
        deliverShuffled(replica, history.deltas, seed);
        const roots = [half, replica.frontierRoot(), replica.stateRoot(), replica.root()];
        replica.free();
        return roots;
      });
      expect(roots[1]).toEqual(roots[0]);
      expect(roots[2]).toEqual(roots[0]);
    }),
    { seed: 20_260_102, numRuns: 20 },
  );
});
