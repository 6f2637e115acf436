import { expect, it } from "vitest";
import { createKernels } from "../../../src/kernels/index.ts";
import { memoriesFor } from "../../../src/sim/memories.ts";

it("a short run of few nodes lives in the memory that all runs of a process share", () => {
  expect(memoriesFor({ nodes: 16, seed: 1 }, 600)).toEqual([createKernels()]);
});

it("an hour of 300 nodes spreads its replicas over two memories of their own", () => {
  const memories = memoriesFor({ nodes: 300, seed: 1 }, 18_000);
  expect(memories).toHaveLength(2);
  expect(memories).not.toContain(createKernels());
});

it("no run takes more than four", () => {
  expect(memoriesFor({ nodes: 10_000, seed: 1 }, 10_000)).toHaveLength(4);
});
