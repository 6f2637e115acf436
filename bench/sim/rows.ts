/** Every row of the suite, in the order in which they run. */
import { broadcast, converge, idle, loss30, roundsOnly } from "./convergence-rows.ts";
import {
  CUTS,
  crash,
  falseAlarmsLoss,
  falseAlarmsPauses,
  gone,
  lifeguardRatio,
  partition,
  scale,
  shareUnderChurn,
} from "./fault-rows.ts";
import { handlers, memoryAfterHeal, staleness } from "./judged-rows.ts";
import type { Row } from "./row.ts";
import { calmSpeed, liars, storm, stormSpeed } from "./speed-rows.ts";
import { byzantine, disks, halves } from "./trust-rows.ts";

/** @param stormSeed first seed of the storm. */
export function fullRows(stormSeed: number): readonly Row[] {
  return [
    ...[100, 1_000, 10_000].map((nodes) => converge(nodes, WRITES)),
    ...ROUNDS.map(([nodes, rounds]) => roundsOnly(nodes, rounds, WRITES)),
    loss30(1_000, WRITES),
    ...CUTS.flatMap((cut) => [10, 100, 1_000].map((nodes) => partition(cut, nodes))),
    falseAlarmsLoss(100, HOUR_MS),
    falseAlarmsPauses(100, HOUR_MS),
    crash(1_000),
    lifeguardRatio(100, 300_000),
    scale(100, 1_000, 100),
    idle(1_000, 60_000),
    broadcast(100, WRITES),
    gone("seeds", 100),
    gone("tenth", 100),
    shareUnderChurn(300, HOUR_MS),
    stormSpeed("fake", 100, 10),
    stormSpeed("real", 20, 5),
    calmSpeed(1_000, 20_000, ">= 1"),
    storm(300, stormSeed),
    liars(50, stormSeed),
    staleness(100, 60_000),
    memoryAfterHeal(100, 60_000),
    handlers(1_000, 20_000),
    ...[4, 7, 10, 31, 100].flatMap((nodes) => [byzantine(nodes), halves(nodes)]),
    disks(200, 1),
  ];
}

/** Smaller and shorter, and named so: a minute for all. */
export function quickRows(stormSeed: number): readonly Row[] {
  return [
    converge(50, 50),
    roundsOnly(10, 5, 50),
    loss30(30, 50),
    ...CUTS.map((cut) => partition(cut, 10)),
    falseAlarmsLoss(20, 60_000, "-20-nodes-60s"),
    falseAlarmsPauses(20, 60_000, "-20-nodes-60s"),
    crash(30),
    idle(50, 10_000),
    broadcast(50, 50),
    gone("seeds", 20),
    shareUnderChurn(20, 60_000, "-20-nodes-60s"),
    stormSpeed("fake", 100, 2),
    storm(10, stormSeed),
    liars(3, stormSeed),
    byzantine(7, 5_000),
    halves(10),
    disks(20, 1),
  ];
}

/** N11. */
const ROUNDS = [
  [10, 5],
  [100, 5],
  [1_000, 7],
  [10_000, 8],
] as const;
/** At least 200 are wanted; how many fall into the time is drawn. */
const WRITES = 260;
const HOUR_MS = 3_600_000;
