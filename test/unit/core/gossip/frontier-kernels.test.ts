import { expect, test } from "vitest";
import { createKernels } from "../../../../src/kernels/index.ts";
import type { Kernels, VersionVector } from "../../../../src/kernels/kernels.ts";
import { linkedPair, mapSet } from "../../../support/pair.ts";

/** Kernels that note which vectors they compare. */
function counting() {
  const kernels = createKernels();
  const compared: VersionVector[] = [];
  const vvCompare: Kernels["vvCompare"] = (a, b) => {
    compared.push(a);
    return kernels.vvCompare(a, b);
  };
  return { kernels: { ...kernels, vvCompare }, compared };
}

test("a round that finds another root compares the live frontier in the kernel", () => {
  const { kernels, compared } = counting();
  const [swarm, a, b] = linkedPair({ kernels });
  a.write(mapSet("key", "everywhere"));
  swarm.advance(500);
  const [ofA, ofB] = [a, b].map((node) => node.read(0, "", undefined).frontier);
  compared.length = 0;
  a.write(mapSet("key", "lost on the way"));
  swarm.advance(5, () => true);
  swarm.advance(1_000);
  expect(a.root).toBe(b.root);
  expect(compared.length).toBeGreaterThan(0);
  expect(compared.every((vector) => vector === ofA || vector === ofB)).toBe(true);
});

test("rounds between equal replicas compare roots alone", () => {
  const { kernels, compared } = counting();
  const [swarm, a, b] = linkedPair({ kernels });
  a.write(mapSet("key", "everywhere"));
  swarm.advance(500);
  expect(a.root).toBe(b.root);
  compared.length = 0;
  swarm.advance(5_000);
  expect(compared).toEqual([]);
});
