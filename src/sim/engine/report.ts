/** The figures of a run, as SimResult states them. */
import type { SimOptions } from "../options.ts";
import type { SimResult, Violation } from "../result.ts";
import { type Deliveries, deliveriesOf, redundancyOf } from "./deliveries.ts";
import type { FailureWatch } from "./failure-watch.ts";
import type { Invariants } from "./invariants.ts";
import type { NetworkCounts } from "./network.ts";
import { largest, percentile } from "./percentile.ts";
import type { QuorumWatch } from "./quorum-watch.ts";
import type { SituationWatch } from "./situation-watch.ts";
import type { Spread } from "./spread.ts";
import type { TrustWatch } from "./trust-watch.ts";
import type { World } from "./world.ts";
import type { Writes } from "./writes.ts";

export interface RunFigures {
  readonly options: SimOptions;
  readonly world: World;
  readonly spread: Spread;
  readonly quorum: QuorumWatch;
  readonly failure: FailureWatch;
  readonly trust: TrustWatch;
  readonly writes: Writes;
  readonly violations: readonly Violation[];
  readonly situations: SituationWatch;
  readonly invariants: Invariants;
  readonly distinctRoots: number;
  readonly lost: number;
  /** World ms at which the workload began, and how long it went on. */
  readonly startMs: number;
  readonly measuredMs: number;
  readonly framesBefore: NetworkCounts;
  readonly deliveriesBefore: Deliveries;
  /** Inputs handled since the workload began, and wall ms of the whole run. */
  readonly happened: number;
  readonly wallMs: number;
}

const ROUND_MS = 100;

export function resultOf(figures: RunFigures): SimResult {
  const { options, world, spread, quorum, failure, writes, wallMs } = figures;
  const maxMs = largest(spread.samplesMs);
  return {
    seed: options.seed,
    nodes: options.nodes,
    agents: options.nodes * (options.agentsPerNode ?? 1),
    virtualMs: Math.round(world.nowMs),
    wallMs: Math.round(wallMs),
    traceHash: world.trace.hash,
    violations: figures.violations,
    situations: figures.situations.reached,
    convergence: {
      p50Ms: rounded(percentile(spread.samplesMs, 0.5)),
      p99Ms: rounded(percentile(spread.samplesMs, 0.99)),
      maxMs: rounded(maxMs),
      rounds: Math.ceil(maxMs / ROUND_MS),
      samples: spread.samplesMs.length,
      unfinished: spread.unfinished,
    },
    partition: {
      detectedMs: middleAndMost(quorum.detectedMs),
      falseAlarms: quorum.falseAlarms,
      recoveredMs: middleAndMost(quorum.recoveredMs),
    },
    failure: {
      detectedMs: rounded(largest(failure.detectedMs)),
      falsePositives: failure.falsePositives,
    },
    trust: { ...figures.trust.result, ...figures.invariants.trust },
    disks: disksOf(figures),
    network: networkOf(figures),
    distinctRoots: figures.distinctRoots,
    acknowledged: writes.acknowledged,
    refused: writes.refused,
    lost: figures.lost,
    eventsPerSecond: Math.round(world.happenings / (wallMs / 1_000)),
    heapBytesPerNode: heapBytes(world),
  };
}

function disksOf({ world, writes, invariants }: RunFigures): SimResult["disks"] {
  const { durable } = writes;
  return {
    opens: durable.opens,
    failedOpens: durable.failedOpens,
    harmed: durable.harms,
    durable: durable.isBearable(world.nodes) ? durable.acknowledged : 0,
    durableLost: invariants.durableLost,
  };
}

function networkOf(figures: RunFigures): SimResult["network"] {
  const { world, spread, framesBefore, deliveriesBefore, measuredMs } = figures;
  const seconds = Math.floor(measuredMs / 1_000);
  const perSecond: number[] = [];
  for (const node of world.nodes) {
    for (let second = 0; second < seconds; second++) {
      perSecond.push(node.bytesBySecond[second] ?? 0);
    }
  }
  const total = perSecond.reduce((sum, bytes) => sum + bytes, 0);
  return {
    messages: world.network.counts.frames - framesBefore.frames,
    bytes: world.network.counts.bytes - framesBefore.bytes,
    bytesPerNodePerSecond: {
      mean: Math.round(total / Math.max(1, perSecond.length)),
      p99: percentile(perSecond, 0.99),
    },
    redundancy: rounded(redundancyOf(deliveriesBefore, deliveriesOf(world), spread.ownDeltas)),
    lastDeliveryHop: spread.lastDeliveryHop,
  };
}

function middleAndMost(values: readonly number[]): { readonly p50: number; readonly max: number } {
  return { p50: rounded(percentile(values, 0.5)), max: rounded(largest(values)) };
}

/** Of one node, its share of everything the process holds. */
function heapBytes({ nodes, memories }: World): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  // Of the kernels' memory the engine counts the address space.
  let bytes = heapUsed + external;
  for (const { memoryUse } of memories) {
    const { reservedBytes, touchedBytes } = memoryUse?.() ?? NO_MEMORY;
    bytes += touchedBytes - reservedBytes;
  }
  return Math.round(bytes / nodes.length);
}

const NO_MEMORY = { reservedBytes: 0, touchedBytes: 0 };

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
