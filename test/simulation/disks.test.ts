// What restarts on lost and rolled-back disks must not cost, and that the judge would see it.
import { describe, expect, it } from "vitest";
import type { Replica } from "../../src/kernels/kernels.ts";
import type { Fault } from "../../src/sim/faults/fault.ts";
import type { SimOptions } from "../../src/sim/options.ts";
import { runSim, type SimDeps } from "../../src/sim/run.ts";
import { bentKernels } from "../support/bent-kernels.ts";

const NODES = 4;
const RESTARTS = 5;

/** Each node in turn, so far apart that a durable write is always on a disk that is left. */
function run(deps?: SimDeps, everyMs = 5_000) {
  const faults = Array.from({ length: RESTARTS }, (_, i): Fault => {
    const disk = i % 2 === 0 ? "rolledback" : "lost";
    return { at: 1_000 + i * everyMs, do: "node.restart", node: `n${i % NODES}`, disk };
  });
  const durationMs = 2_000 + RESTARTS * everyMs;
  const options: SimOptions = { seed: 3, nodes: NODES, durationMs, faults, writesPerSecond: 10 };
  return runSim(options, deps);
}

describe("restarts on lost and rolled-back disks", () => {
  it("lose nothing durable, count nothing twice, and make no proof", () => {
    const { disks, trust, violations, distinctRoots } = run();
    expect(violations).toEqual([]);
    expect(distinctRoots).toBe(1);
    expect(disks).toMatchObject({ harmed: RESTARTS, opens: 3, failedOpens: 0, durableLost: 0 });
    expect(disks.durable).toBeGreaterThan(100);
    expect(trust).toMatchObject({ selfProofs: 0, doubleCounts: 0 });
  });

  it("judge no durable write where more disks are harmed together than it is on", () => {
    expect(run(undefined, 500).disks).toMatchObject({ harmed: RESTARTS, durable: 0 });
  });
});

describe("the judge of disks finds", () => {
  it("a durable write that one node lacks", () => {
    const kernels = bentKernels((_, index) => (index >= NODES ? { mapGet: () => undefined } : {}));
    expect(run({ kernels }).disks.durableLost).toBeGreaterThan(0);
  });

  it("an increment that is counted twice", () => {
    const twice = (replica: Replica): Partial<Replica> => ({
      counter: (collection, key) => {
        const { plus, minus } = replica.counter(collection, key);
        return { plus: 2n * plus, minus };
      },
    });
    const kernels = bentKernels((replica, index) => (index >= NODES ? twice(replica) : {}));
    expect(run({ kernels }).trust.doubleCounts).toBeGreaterThan(0);
  });

  it("a disk that a new life cannot read", () => {
    const cut = (replica: Replica): Partial<Replica> => ({
      frameScan: (bytes) => ({ ...replica.frameScan(bytes), complete: false }),
    });
    const kernels = bentKernels((replica, index) => (index === NODES + 2 ? cut(replica) : {}));
    expect(run({ kernels }).disks.failedOpens).toBe(1);
  });
});
