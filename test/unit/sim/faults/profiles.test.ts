import { describe, expect, it } from "vitest";
import { quorumOf } from "../../../../src/core/peers/quorum.ts";
import { BEHAVIOURS, type Fault, SYBILS } from "../../../../src/sim/faults/fault.ts";
import { drawFaults, PROFILE_NAMES } from "../../../../src/sim/faults/profiles.ts";

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);
const DURATION_MS = 60_000;

function drawn(profile: (typeof PROFILE_NAMES)[number], nodes = 7): Fault[][] {
  return SEEDS.map((seed) => drawFaults(profile, { seed, nodes, durationMs: DURATION_MS }));
}

describe("drawn faults", () => {
  it.each(PROFILE_NAMES)("%s: are sorted and over well before the run is", (profile) => {
    for (const faults of drawn(profile)) {
      const ends = faults.map((fault) => fault.at + ("for" in fault ? fault.for : 0));
      expect(Math.max(0, ...ends)).toBeLessThanOrEqual(0.7 * DURATION_MS);
      expect(faults.toSorted((a, b) => a.at - b.at)).toEqual(faults);
    }
  });

  it("are none in a calm, and none in a run too short for one", () => {
    expect(drawn("calm").flat()).toEqual([]);
    expect(drawFaults("storm", { seed: 1, nodes: 5, durationMs: 20 })).toEqual([]);
  });

  it("lossy: loses 5 to 30 % everywhere in every seed", () => {
    for (const faults of drawn("lossy")) {
      expect(faults.map((fault) => fault.do)).toContain("net.drop");
      for (const fault of faults) {
        if (fault.do !== "net.drop") continue;
        expect([fault.src, fault.dst]).toEqual(["*", "*"]);
        expect(fault.p).toBeGreaterThanOrEqual(0.05);
        expect(fault.p).toBeLessThanOrEqual(0.3);
      }
    }
  });

  it("partition: leaves at least 6 s between two cuts", () => {
    for (const faults of drawn("partition")) {
      for (const [index, cut] of faults.entries()) {
        const next = faults[index + 1];
        if (!("for" in cut) || next === undefined) continue;
        expect(next.at - cut.at - cut.for).toBeGreaterThanOrEqual(6_000);
      }
    }
  });

  it("byzantine: makes liars of one to f nodes", () => {
    const { faults: liarsMax } = quorumOf(7);
    const counts = drawn("byzantine").map((faults) => {
      const liars = faults.flatMap((fault) => (fault.do === "byz.behave" ? [fault.node] : []));
      return new Set(liars).size;
    });
    expect(Math.min(...counts)).toBe(1);
    expect(Math.max(...counts)).toBe(liarsMax);
  });

  it("byzantine: has every behaviour, kind of Sybil, eclipse and absence in some seed", () => {
    const faults = drawn("byzantine").flat();
    const drawnAs = (name: string) =>
      new Set(faults.flatMap((fault) => (fault.do === name && "as" in fault ? [fault.as] : [])));
    expect(drawnAs("byz.behave")).toEqual(new Set(BEHAVIOURS));
    expect(drawnAs("byz.sybil")).toEqual(new Set(SYBILS));
    const kinds = new Set(faults.map((fault) => fault.do));
    expect([...kinds]).toEqual(expect.arrayContaining(["byz.eclipse", "node.away"]));
  });

  it("byzantine: an eclipse's victim and whoever is away are honest, and f bears both", () => {
    const { faults: liarsMax } = quorumOf(10);
    for (const faults of drawn("byzantine", 10)) {
      const liars = new Set<unknown>();
      for (const fault of faults) if (fault.do === "byz.behave") liars.add(fault.node);
      const away = faults.filter((fault) => fault.do === "node.away");
      expect(liars.size + away.length).toBeLessThanOrEqual(liarsMax);
      for (const fault of faults) {
        if (fault.do === "byz.eclipse") {
          expect(liars.has(fault.victim)).toBe(false);
          expect(new Set(fault.node)).toEqual(liars);
        }
        if (fault.do === "node.away") expect(liars.has(fault.node)).toBe(false);
      }
    }
  });

  it("byzantine: makes no liar where none can be borne", () => {
    const kinds = drawn("byzantine", 3).flatMap((faults) => faults.map((fault) => fault.do));
    expect(new Set(kinds)).toEqual(new Set(["net.drop"]));
  });
});

describe("a storm", () => {
  const kindsOf = (faults: readonly Fault[]): Set<string> =>
    new Set(faults.map(({ do: kind }) => kind));

  it("has every network and node fault in some seed, and no seed has all", () => {
    const sets = drawn("storm").map(kindsOf);
    const union = new Set(sets.flatMap((kinds) => [...kinds]));
    const liesAndOperations = (kind: string): boolean => /^(byz|op)\./.test(kind);
    expect([...union].some(liesAndOperations)).toBe(false);
    expect([...union].toSorted()).toEqual([
      "clock.jump",
      "clock.skew",
      "net.corrupt",
      "net.delay",
      "net.drop",
      "net.duplicate",
      "net.flap",
      "net.oneway",
      "net.partition",
      "net.reorder",
      "node.crash",
      "node.join",
      "node.leave",
      "node.pause",
      "node.restart",
      "node.slow",
    ]);
    expect(Math.min(...sets.map((kinds) => kinds.size))).toBeLessThan(5);
    expect(Math.max(...sets.map((kinds) => kinds.size))).toBeLessThan(union.size);
  });

  it("restarts whoever crashed, later, and crashes nobody twice at a time", () => {
    for (const faults of drawn("storm")) {
      const down = new Set<unknown>();
      for (const fault of faults) {
        if (fault.do === "node.crash") expect(down.has(fault.node)).toBe(false);
        if (fault.do === "node.crash") down.add(fault.node);
        if (fault.do === "node.restart") expect(down.delete(fault.node)).toBe(true);
      }
      expect(down.size).toBe(0);
    }
  });

  it("keeps half of the nodes up and lets at most f leave, whom nothing crashes", () => {
    for (const faults of drawn("storm", 10)) {
      let down = 0;
      const crashed = new Set<unknown>();
      const left = new Set<unknown>();
      for (const fault of faults) {
        if (fault.do === "node.crash") down += 1;
        if (fault.do === "node.restart") down -= 1;
        expect(down).toBeLessThanOrEqual(5);
        if (fault.do === "node.crash") crashed.add(fault.node);
        if (fault.do === "node.leave") left.add(fault.node);
      }
      expect(left.size).toBeLessThanOrEqual(quorumOf(10).faults);
      expect([...left].filter((node) => crashed.has(node))).toEqual([]);
    }
  });

  it("keeps any two clocks within 500 ms", () => {
    for (const faults of drawn("storm")) {
      const away = new Map<unknown, number>();
      for (const fault of faults) {
        if (fault.do !== "clock.jump" && fault.do !== "clock.skew") continue;
        const ms = fault.do === "clock.jump" ? fault.ms : (fault.ppm * DURATION_MS) / 1e6;
        away.set(fault.node, (away.get(fault.node) ?? 0) + Math.abs(ms));
      }
      expect(2 * Math.max(0, ...away.values())).toBeLessThan(500);
    }
  });
});
