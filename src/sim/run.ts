/**
 * One simulated run: a world is joined, written to, disturbed, left in peace, and judged. The same
 * options give the same run, event for event.
 */
import type { CoreConfig } from "../core/core-state.ts";
import type { Crypto } from "../core/trust/crypto.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { deliveriesOf } from "./engine/deliveries.ts";
import { FailureWatch } from "./engine/failure-watch.ts";
import { injectFaults } from "./engine/inject.ts";
import { Invariants } from "./engine/invariants.ts";
import type { Observer } from "./engine/observer.ts";
import { QuorumWatch } from "./engine/quorum-watch.ts";
import { resultOf } from "./engine/report.ts";
import { SituationWatch } from "./engine/situation-watch.ts";
import { Spread } from "./engine/spread.ts";
import { TrustWatch } from "./engine/trust-watch.ts";
import { Workload } from "./engine/workload.ts";
import { World } from "./engine/world.ts";
import { Writes } from "./engine/writes.ts";
import { createFakeCrypto } from "./fake-crypto.ts";
import type { Fault } from "./faults/fault.ts";
import { drawFaults } from "./faults/profiles.ts";
import { agreedInTime } from "./judges/agreement.ts";
import { judgesOf } from "./judges/all.ts";
import type { HandlerTimes } from "./judges/handler-times.ts";
import type { Judge } from "./judges/judge.ts";
import { memoriesFor } from "./memories.ts";
import type { SimOptions } from "./options.ts";
import type { SimResult, Violation } from "./result.ts";
import { warmUp } from "./warm-up.ts";

export interface SimDeps {
  /** Signs and verifies where options.signatures is "real". */
  readonly crypto?: Crypto;
  /** Called now and then; virtual ms since the start of the workload, negative before. */
  readonly onProgress?: (virtualMs: number) => void;
  /** Gets what a plot shows, when the run is over. */
  readonly observe?: (sample: SimSample) => void;
  readonly config?: Partial<CoreConfig>;
  readonly kernels?: Kernels;
  /** Measures how long the cores' handlers take. */
  readonly handlers?: HandlerTimes;
}

/** Times are virtual ms since the workload's start. */
export type SimSample =
  /** A tracked write and how long it took to its last node. */
  | { readonly kind: "write"; readonly atMs: number; readonly tookMs: number }
  /** Bytes that all nodes sent in one second. */
  | { readonly kind: "second"; readonly second: number; readonly bytes: number };

const DURATION_MS = 60_000;
const WRITES_PER_SECOND = 10;
/** After workload and faults: N13, and what C1 allows in rounds beyond. */
const QUIET_MS = 15_000;
/** The same where nothing has to heal. */
const CALM_MS = 3_000;
const LOOK_EVERY_MS = 500;
/** Ten minutes outside, which few runs have. */
const DEPART_AFTER_MS = 5_000;

export function runSim(options: SimOptions, deps: SimDeps = {}): SimResult {
  const startedMs = performance.now();
  const faults = faultsOf(options);
  const run = createRun(options, deps, faults);
  const { world, workload, writes, spread, quorum } = run;
  const warm = warmUp(world, workload, options, deps.onProgress);
  const startMs = world.nowMs;
  const durationMs = options.durationMs ?? DURATION_MS;
  beginWatching(run);
  const happenedBefore = world.happenings;
  const framesBefore = { ...world.network.counts };
  const deliveriesBefore = deliveriesOf(world);
  const faultsEndMs = injectFaults(faults, { world, workload, writes, startMs });
  const endMs = startMs + durationMs;
  const { writesPerSecond = WRITES_PER_SECOND } = options;
  // Where nothing is drawn to go wrong, every write is followed to its last node.
  const durable = needsDisks(faults);
  const mixed = durable || (options.profile ?? "calm") !== "calm";
  const ownCounters = isHistoryLost(faults);
  workload.start({ writesPerSecond, startMs, endMs, mixed, durable, ownCounters });
  run.trust.quietFrom(endMs);
  lookEvery(run, endMs);
  const lastMs = Math.max(endMs, faultsEndMs) + (faults.length > 0 ? QUIET_MS : CALM_MS);
  world.runUntil(lastMs, (nowMs) => deps.onProgress?.(nowMs - startMs));
  for (const watch of [spread, run.failure, quorum, run.situations]) watch.end();
  for (const judge of run.judges) judge.end?.();
  const ended = run.invariants.end((node) => quorum.hasQuorum(node));
  if (deps.observe !== undefined) tellSamples(run, startMs, deps.observe);
  const result = resultOf({
    options,
    ...run,
    ...ended,
    violations: violationsOf(run, { warm, startMs, durationMs, faults }),
    startMs,
    measuredMs: durationMs,
    framesBefore,
    deliveriesBefore,
    happened: world.happenings - happenedBefore,
    wallMs: performance.now() - startedMs,
  });
  world.free();
  return result;
}

function beginWatching({ world, spread, failure, situations, quorum }: Run): void {
  world.countFromMs = world.nowMs;
  spread.measuring = true;
  failure.active = true;
  situations.active = true;
  quorum.begin();
}

/** All that did not hold, in ms of the workload. */
function violationsOf(
  { world, trust, invariants, quorum, judges }: Run,
  run: {
    readonly warm: readonly Violation[];
    readonly startMs: number;
    readonly durationMs: number;
    readonly faults: readonly Fault[];
  },
): Violation[] {
  const found = [invariants, quorum, ...judges].flatMap(({ violations }) => violations);
  return [
    ...[...run.warm, ...found].map((one) => ({ ...one, at: Math.round(one.at - run.startMs) })),
    ...agreedInTime(trust.result.quietRounds, {
      nodes: world.nodes.length,
      quietMs: run.durationMs,
      faults: run.faults,
      hasLiars: world.nodes.some(({ isByzantine }) => isByzantine),
    }),
  ];
}

function faultsOf(options: SimOptions): Fault[] {
  const { seed, nodes, durationMs = DURATION_MS, profile = "calm" } = options;
  const drawn = drawFaults(profile, { seed, nodes, durationMs });
  return [...(options.faults ?? []), ...drawn].sort((a, b) => a.at - b.at);
}

/** Faults under which nodes may be unable to copy what another has lost. */
const HINDERING: ReadonlySet<Fault["do"]> = new Set([
  "net.partition",
  "net.oneway",
  "net.flap",
  "node.crash",
  "node.pause",
]);

/** Only a run in which some process comes back to its disk has disks. */
function needsDisks(faults: readonly Fault[]): boolean {
  return (
    isAnyAway(faults) ||
    faults.some((fault) => fault.do === "node.restart" && fault.disk !== "lost")
  );
}

/** Only where a process comes back to an older disk, or to an older world, may it count anew. */
function isHistoryLost(faults: readonly Fault[]): boolean {
  return (
    isAnyAway(faults) ||
    faults.some((fault) => fault.do === "node.restart" && fault.disk === "rolledback")
  );
}

/** Who is away is to be forgotten meanwhile, within a run. */
function isAnyAway(faults: readonly Fault[]): boolean {
  return faults.some((fault) => fault.do === "node.away");
}

interface Run {
  readonly world: World;
  readonly spread: Spread;
  readonly quorum: QuorumWatch;
  readonly failure: FailureWatch;
  readonly trust: TrustWatch;
  readonly invariants: Invariants;
  readonly judges: readonly Judge[];
  readonly situations: SituationWatch;
  readonly writes: Writes;
  readonly workload: Workload;
}

function createRun(options: SimOptions, deps: SimDeps, faults: readonly Fault[]): Run {
  const { durationMs = DURATION_MS, writesPerSecond = WRITES_PER_SECOND } = options;
  const writeCount = (durationMs / 1_000) * writesPerSecond;
  const memories: readonly [Kernels, ...Kernels[]] =
    deps.kernels === undefined ? memoriesFor(options, writeCount) : [deps.kernels];
  const [kernels] = memories;
  const crypto =
    options.signatures === "real" && deps.crypto !== undefined
      ? deps.crypto
      : createFakeCrypto((bytes) => kernels.blake3(bytes));
  const { min: minMs, max: maxMs } = options.latencyMs ?? { min: 1, max: 10 };
  const observers: Observer[] = [];
  const world = new World({
    seed: options.seed,
    kernels,
    memories,
    crypto,
    latency: { regions: options.regions ?? 1, minMs, maxMs },
    loss: options.loss ?? 0,
    config: {
      push: options.push ?? true,
      tree: options.tree ?? true,
      durable: needsDisks(faults),
      ...(isAnyAway(faults) ? { departAfterMs: DEPART_AFTER_MS } : {}),
      ...(options.fanout === undefined ? {} : { fanout: options.fanout }),
      ...(options.lifeguard === undefined ? {} : { lifeguard: options.lifeguard }),
      ...deps.config,
    },
    observers,
    handlers: deps.handlers,
  });
  const writes = new Writes();
  writes.durable.isHindered = faults.some((fault) => HINDERING.has(fault.do));
  const spread = new Spread(world);
  const quorum = new QuorumWatch(world);
  const failure = new FailureWatch(world);
  const trust = new TrustWatch(world);
  const invariants = new Invariants(world, writes);
  const judges = judgesOf(world);
  const situations = new SituationWatch(world);
  observers.push(spread, quorum, failure, trust, invariants, writes.durable, situations, ...judges);
  const workload = new Workload(world, writes, (node, key) => spread.begin(node, key));
  const watches = { spread, quorum, failure, trust, invariants, judges, situations };
  return { world, ...watches, writes, workload };
}

function lookEvery({ world, invariants, quorum, judges, situations }: Run, endMs: number): void {
  const look = (): void => {
    invariants.look();
    quorum.look();
    quorum.checkSides();
    situations.look();
    for (const judge of judges) judge.look?.();
    if (world.nowMs < endMs) world.schedule(world.nowMs + LOOK_EVERY_MS, look);
  };
  world.schedule(world.nowMs + LOOK_EVERY_MS, look);
}

function tellSamples(
  { world, spread }: Run,
  startMs: number,
  observe: (sample: SimSample) => void,
): void {
  for (const { atMs, convergenceMs } of spread.samples) {
    observe({ kind: "write", atMs: atMs - startMs, tookMs: convergenceMs });
  }
  const bytesBySecond: number[] = [];
  for (const node of world.nodes) {
    for (const [second, bytes] of node.bytesBySecond.entries()) {
      bytesBySecond[second] = (bytesBySecond[second] ?? 0) + (bytes ?? 0);
    }
  }
  for (let second = 0; second < bytesBySecond.length; second++) {
    observe({ kind: "second", second, bytes: bytesBySecond[second] ?? 0 });
  }
}
