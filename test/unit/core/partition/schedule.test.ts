import { describe, expect, it } from "vitest";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { Probes } from "../../../../src/core/failure/probes.ts";
import { MissingHeads } from "../../../../src/core/gossip/missing.ts";
import type { NodeId } from "../../../../src/core/node-id.ts";
import { OwnLateness } from "../../../../src/core/own-lateness.ts";
import { startCall } from "../../../../src/core/partition/calling.ts";
import { NEVER } from "../../../../src/core/partition/partition-state.ts";
import {
  freshMs,
  goodMs,
  heedSlowness,
  newsMs,
  patienceMs,
  restedMonoMs,
} from "../../../../src/core/partition/schedule.ts";
import { Random } from "../../../../src/core/random.ts";

const NOW = { monoMs: 10_000, wallMs: 0 };

/** What the schedule reads of a node that has been late by so much again and again. */
function nodeLateBy(lateMs: number) {
  const lateness = new OwnLateness();
  for (let monoMs = 100; monoMs <= NOW.monoMs; monoMs += 100) {
    lateness.note(monoMs - lateMs, { ...NOW, monoMs });
  }
  const partition = { confirmedMonoMs: NOW.monoMs, tookMs: 0, isSlow: false, longestMs: 0 };
  const parameters = { rttMs: 0 };
  const failure = { probes: new Probes(Random.fromSeed(1n), 0) };
  const core = { lateness, partition, parameters, missing: new MissingHeads(), failure };
  return core as unknown as CoreState;
}

/** When the rest after a call ends that took so long and has just been confirmed. */
function restMs(lateMs: number, tookMs: number): number {
  const core = nodeLateBy(lateMs);
  core.partition.tookMs = tookMs;
  let monoMs = NOW.monoMs;
  // Looked at again and again; the host stays as it is.
  for (;;) {
    core.lateness.note(monoMs - lateMs, { ...NOW, monoMs });
    const restedMs = restedMonoMs(core, { ...NOW, monoMs });
    if (restedMs <= monoMs) return monoMs - NOW.monoMs;
    monoMs = Math.min(restedMs, monoMs + 100);
  }
}

/** How long a call may go on that has met what the node meets now. */
function longestMs(core: CoreState, now = NOW): number {
  heedSlowness(core, now);
  return core.partition.longestMs;
}

describe("roll calls on a host that has its time for them", () => {
  it("count no answer that is older than a moment", () => {
    expect(goodMs(nodeLateBy(0), NOW)).toBe(150);
  });

  it("tell what is new at once, and rest twice as long as they took", () => {
    expect(newsMs(nodeLateBy(0), NOW)).toBe(12);
    expect([50, 200].map((tookMs) => restMs(0, tookMs))).toEqual([250, 400]);
  });
});

describe("roll calls where frames get lost", () => {
  it("wait longer for who may still answer, and as long as somebody does", () => {
    const core = nodeLateBy(0);
    const { probes } = core.failure;
    const lose = (peer: string, monoMs: number) =>
      probes.noteLoss(peer as NodeId, { ...NOW, monoMs });
    expect([patienceMs(core, NOW), longestMs(core)]).toEqual([150, 700]);
    lose("a", 7_000);
    lose("b", 9_000);
    expect([patienceMs(core, NOW), longestMs(core)]).toEqual([150, 700]);
    lose("a", 9_700);
    expect([patienceMs(core, NOW), longestMs(core)]).toEqual([200, 10_000]);
    expect(goodMs(core, NOW)).toBe(NEVER);
    expect(patienceMs(core, { ...NOW, monoMs: 17_000 })).toBe(150);
  });

  it("take neither one peer's word for it nor what came together when a cut healed", () => {
    const core = nodeLateBy(0);
    const { probes } = core.failure;
    for (const monoMs of [7_000, 8_000, 9_000]) probes.noteLoss("a" as NodeId, { ...NOW, monoMs });
    expect(probes.isLossy(NOW)).toBe(false);
    for (const peer of ["b", "c", "d"]) probes.noteLoss(peer as NodeId, { ...NOW, monoMs: 9_100 });
    expect(probes.isLossy(NOW)).toBe(false);
  });
});

describe("roll calls on a busy host", () => {
  it("count every answer of the own call: that one came late tells nothing", () => {
    expect(goodMs(nodeLateBy(60), NOW)).toBe(NEVER);
  });

  it("answer for 5 s who asks late, instead of beginning anew for it", () => {
    expect([freshMs(nodeLateBy(0), true, NOW), freshMs(nodeLateBy(60), true, NOW)]).toEqual([
      400, 5_000,
    ]);
    expect(freshMs(nodeLateBy(60), false, NOW)).toBe(1_000);
  });

  it("tell in one frame what comes within a turn of its event loop", () => {
    expect(newsMs(nodeLateBy(60), NOW)).toBe(60);
  });

  it("leave it eight ninths of its time, resting 5 s at most unless they took longer", () => {
    expect([400, 1_000, 3_000].map((tookMs) => restMs(60, tookMs))).toEqual([3_200, 5_000, 6_000]);
  });

  it("rest no longer than elsewhere once it has come to rest itself", () => {
    const core = nodeLateBy(60);
    core.partition.tookMs = 1_000;
    expect(restedMonoMs(core, NOW) - NOW.monoMs).toBe(250);
    const later = { ...NOW, monoMs: NOW.monoMs + 4_500 };
    expect(restedMonoMs(core, later)).toBeLessThan(later.monoMs);
  });

  it("do not start within the rest", () => {
    const core = nodeLateBy(60);
    core.partition.tookMs = 1_000;
    // A core this small could not start one.
    startCall(core, NOW);
    expect(core.partition.startMonoMs).toBe(NOW.monoMs + 250);
  });

  it("go on as they began when it comes to rest meanwhile", () => {
    const core = nodeLateBy(60);
    expect(longestMs(core)).toBe(10_000);
    const later = { ...NOW, monoMs: NOW.monoMs + 10_000 };
    expect([longestMs(core, later), goodMs(core, later)]).toEqual([10_000, NEVER]);
  });
});
