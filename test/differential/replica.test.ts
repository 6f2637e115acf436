/**
 * The replica's implementations against each other: equal scans, outcomes, changes, reads, roots
 * and orders of keys on every history; build/core.wasm must exist. The long run of the same is
 * test/slow/replica.test.ts.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { createReferencePrimitives } from "../../src/kernels/reference/primitives.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { playCramped } from "../support/cramped.ts";
import { TEST_MESH } from "../support/delta-writer.ts";
import { deliverShuffled, type History, histories } from "../support/history.ts";
import { createNaivePrimitives } from "../support/naive-primitives.ts";
import { playHostile } from "../support/replica-pair.ts";

test("a replica has equal roots over the naive, the reference and the compiled kernels", () => {
  const implementations = [
    createReferenceKernels(createNaivePrimitives()),
    createReferenceKernels(createReferencePrimitives()),
    createReferenceKernels(createWasmKernels()),
    createWasmKernels({ memoryBytes: 4 * 1024 * 1024 }),
  ];
  const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(histories(20), seeds, (history: History, seed) => {
      const roots = implementations.map((kernels) => {
        const replica = kernels.openReplica({ meshId: TEST_MESH });
        const middle = history.deltas.length >> 1;
        deliverShuffled(replica, history.deltas.slice(0, middle), seed);
        const half = replica.root();
        deliverShuffled(replica, history.deltas, seed);
        const roots = [half, replica.frontierRoot(), replica.stateRoot(), replica.root()];
        replica.free();
        return roots;
      });
      for (const other of roots) expect(other).toEqual(roots[0]);
    }),
    { seed: 20_260_102, numRuns: 20 },
  );
});

describe("both replicas answer alike to histories of every kind of author", () => {
  // A failure names its seed: playHostile(seed, seed + 1) replays it.
  test.each(Array.from({ length: 5 }, (_, part) => part))("seeds from %i000", (part) => {
    playHostile(part * 1000, part * 1000 + 1000);
  });
});

test("a replica whose memory runs out anywhere refuses whole deltas and is otherwise the same", () => {
  // playCramped(seed, seed + 1) replays a seed.
  expect(playCramped(0, 750)).toBeGreaterThan(150);
});
