// Small meshes (C4, C5): short storms over 3 to 16 real cores, and joining under loss, break nothing.
// A failure prints the line that replays it.
import { describe, expect, it } from "vitest";
import { replayLine } from "../../src/cli/sim/flags.ts";
import { createKernels } from "../../src/kernels/index.ts";
import type { Kernels, Replica } from "../../src/kernels/kernels.ts";
import { createCrypto } from "../../src/node/signature/signature.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";
import { runSim } from "../../src/sim/run.ts";
import { nodesOf } from "../../src/sim/sweep.ts";
import { bentKernels } from "../support/bent-kernels.ts";

const SEEDS = 40;
/** Shared out, so that no one test runs for long on a slow machine. */
const PER_TEST = 10;

function expectSound(options: SimOptions, result: SimResult = runSim(options)): void {
  const [first] = result.violations;
  expect(result.violations, replayLine(options, first)).toEqual([]);
}

describe("a small mesh ends in one state", () => {
  const sizes = new Set<number>();
  const batches = Array.from({ length: SEEDS / PER_TEST }, (_, i) => 1 + i * PER_TEST);

  it.each(batches)("after short storms, ten seeds from %i", (first) => {
    for (let seed = first; seed < first + PER_TEST; seed++) {
      sizes.add(nodesOf(seed));
      expectSound({ seed, nodes: nodesOf(seed), profile: "storm", durationMs: 6_000 });
    }
  });

  it("whatever its size", () => {
    expect(sizes.size).toBeGreaterThan(10);
  });

  it.each([1, 2, 3, 4])("where every third frame is lost from the first on (seed %i)", (seed) => {
    expectSound({ seed, nodes: nodesOf(seed), loss: 0.3, profile: "lossy", durationMs: 3_000 });
  });

  it.each([301, 302])("with real signatures, too (seed %i)", (seed) => {
    const options = { seed, nodes: 4, profile: "storm", durationMs: 4_000 } as const;
    const real = { ...options, signatures: "real" } as const;
    expectSound(real, runSim(real, { crypto: createCrypto() }));
  });
});

describe("a planted defect is found within a few seeds", () => {
  const SEEDS_TO_FIND = 3;

  /** What the first seed breaks at which something does not hold. */
  function found(bend: (replica: Replica) => Partial<Replica>, whole?: Kernels): string[] {
    for (let seed = 1; seed <= SEEDS_TO_FIND; seed++) {
      const options = { seed, nodes: 5, profile: "lossy", durationMs: 4_000 } as const;
      const { violations } = runSim(options, { kernels: bentKernels(bend, whole) });
      if (violations.length > 0) return violations.map(({ invariant }) => invariant);
    }
    return [];
  }

  it("a replica that takes one delta in fifty otherwise than it is written", () => {
    let deltas = 0;
    const bend = (replica: Replica): Partial<Replica> => ({
      frameApply: (scan, bytes, verdicts) => {
        if (++deltas % 50 !== 0) return replica.frameApply(scan, bytes, verdicts);
        const bent = bytes.slice();
        bent[bent.length - 1]! ^= 1;
        return replica.frameApply(scan, bent, verdicts);
      },
    });
    // The Wasm replica applies the bytes that it scanned: it cannot be bent between the two.
    expect(found(bend, createKernels({ implementation: "reference" }))).not.toEqual([]);
  });

  it("a replica that forgets what it was told of one counter", () => {
    expect(found(() => ({ counter: () => ({ plus: 0n, minus: 0n }) }))).toContain("S4");
  });

  it("replicas that never repair: their frontier trees show nothing", () => {
    const frontierTree = createKernels().createMerkleTree();
    expect(found(() => ({ frontierTree }))).toContain("C1");
  });
});
