import { describe, expect, it } from "vitest";
import type { CoreState } from "../../../../src/core/core-state.ts";
import { Probes } from "../../../../src/core/failure/probes.ts";
import { MissingHeads } from "../../../../src/core/gossip/missing.ts";
import { OwnLateness } from "../../../../src/core/own-lateness.ts";
import { NEVER } from "../../../../src/core/partition/partition-state.ts";
import {
  freshMs,
  goodMs,
  longestCallMs,
  newsMs,
  patienceMs,
  restCalls,
} from "../../../../src/core/partition/schedule.ts";
import { Random } from "../../../../src/core/random.ts";

const NOW = { monoMs: 10_000, wallMs: 0 };

/** What the schedule reads of a node that has been late by so much again and again. */
function nodeLateBy(lateMs: number) {
  const lateness = new OwnLateness();
  for (let monoMs = 100; monoMs <= NOW.monoMs; monoMs += 100) {
    lateness.note(monoMs - lateMs, { ...NOW, monoMs });
  }
  const partition = { quietMonoMs: 0 };
  const parameters = { rttMs: 0 };
  const failure = { probes: new Probes(Random.fromSeed(1n), 0) };
  const core = { lateness, partition, parameters, missing: new MissingHeads(), failure };
  return core as unknown as CoreState & { readonly partition: { readonly quietMonoMs: number } };
}

describe("roll calls on a host that has its time for them", () => {
  it("count no answer that is older than a moment", () => {
    expect(goodMs(nodeLateBy(0), NOW)).toBe(150);
  });

  it("tell what is new at once, and rest twice as long as they took", () => {
    const core = nodeLateBy(0);
    expect(newsMs(core, NOW)).toBe(12);
    restCalls(core, 200, NOW);
    expect(core.partition.quietMonoMs - NOW.monoMs).toBe(400);
  });
});

describe("roll calls where frames get lost", () => {
  it("wait longer for who may still answer, and as long as somebody does", () => {
    const core = nodeLateBy(0);
    expect([patienceMs(core, NOW), longestCallMs(core, NOW)]).toEqual([150, 700]);
    core.failure.probes.noteLoss(NOW);
    expect([patienceMs(core, NOW), longestCallMs(core, NOW)]).toEqual([150, 700]);
    core.failure.probes.noteLoss(NOW);
    expect([patienceMs(core, NOW), longestCallMs(core, NOW)]).toEqual([250, 10_000]);
    expect(goodMs(core, NOW)).toBe(NEVER);
    const later = { ...NOW, monoMs: NOW.monoMs + 5_000 };
    expect(patienceMs(core, later)).toBe(150);
  });
});

describe("roll calls on a busy host", () => {
  it("count every answer of the own call: that one came late tells nothing", () => {
    expect(goodMs(nodeLateBy(60), NOW)).toBe(NEVER);
  });

  it("answer for 5 s who asks late, instead of beginning anew for it", () => {
    expect([freshMs(nodeLateBy(0), NOW), freshMs(nodeLateBy(60), NOW)]).toEqual([400, 5_000]);
  });

  it("tell in one frame what comes within a turn of its event loop", () => {
    expect(newsMs(nodeLateBy(60), NOW)).toBe(60);
  });

  it("leave it eight ninths of its time, resting 5 s at most unless they took longer", () => {
    const rests = [400, 1_000, 3_000].map((tookMs) => {
      const core = nodeLateBy(60);
      restCalls(core, tookMs, NOW);
      return core.partition.quietMonoMs - NOW.monoMs;
    });
    expect(rests).toEqual([3_200, 5_000, 6_000]);
  });
});
