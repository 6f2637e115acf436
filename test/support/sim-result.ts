/** A simulator's result with nothing in it but what was asked for. */
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";

/** @param invariants each broken once, at n1. */
export function resultOf(
  { seed, nodes, durationMs = 60_000 }: SimOptions,
  invariants: readonly string[] = [],
): SimResult {
  return {
    seed,
    nodes,
    agents: nodes,
    virtualMs: durationMs,
    wallMs: 10,
    traceHash: seed.toString(16).padStart(64, "0"),
    violations: invariants.map((invariant) => ({
      invariant,
      at: 41_230,
      node: "n1",
      detail: "planted",
    })),
    situations: [],
    convergence: { p50Ms: 10, p99Ms: 20, maxMs: 30, rounds: 1, samples: 5, unfinished: 0 },
    partition: { detectedMs: { p50: 0, max: 0 }, falseAlarms: 0, recoveredMs: { p50: 0, max: 0 } },
    failure: { detectedMs: 0, falsePositives: 0 },
    trust: {
      equivocators: 0,
      unproven: 0,
      provenRounds: 0,
      quietRounds: 0,
      forgedMerged: 0,
      selfProofs: 0,
      doubleCounts: 0,
    },
    disks: { opens: 0, failedOpens: 0, harmed: 0, durable: 0, durableLost: 0 },
    network: {
      messages: 100,
      bytes: 10_000,
      bytesPerNodePerSecond: { mean: 50, p99: 90 },
      redundancy: 0.1,
      lastDeliveryHop: 2,
    },
    distinctRoots: 1,
    acknowledged: 5,
    refused: 0,
    lost: 0,
    eventsPerSecond: 1_000,
    heapBytesPerNode: 100_000,
  };
}
