import { describe, expect, it } from "vitest";
import {
  churn,
  growAndShrink,
  pauses,
  starvation,
  twoSides,
} from "../../../../bench/sim/fault-lists.ts";
import type { Fault } from "../../../../src/sim/faults/fault.ts";
import { formatFaults, parseFaults } from "../../../../src/sim/faults/parse.ts";

/** A fault file may say it, so the CLI can replay it. */
function isAccepted(faults: readonly Fault[], nodes: number): boolean {
  return parseFaults(formatFaults(faults), { nodes }).length === faults.length;
}

describe("the faults of the sim bench", () => {
  it.each([
    [10, 30, 3],
    [10, 50, 5],
    [100, 30, 30],
    [1_000, 10, 100],
  ])("of %i nodes put %i %% on the first side", (nodes, percent, first) => {
    const [one, other] = twoSides(nodes, percent);
    expect(one).toHaveLength(first);
    expect(new Set([...one, ...other]).size).toBe(nodes);
  });

  it("pause as many nodes as asked, one pause after another", () => {
    const faults = pauses({
      seed: 1,
      nodes: 100,
      count: 5,
      everyMs: 10_000,
      forMs: 5_000,
      untilMs: 60_000,
    });
    expect(faults.map(({ at }) => at)).toEqual([10_000, 20_000, 30_000, 40_000, 50_000]);
    for (const fault of faults) expect(new Set("node" in fault ? fault.node : []).size).toBe(5);
    expect(isAccepted(faults, 100)).toBe(true);
  });

  it("starve some, never all, and end in time", () => {
    const options = { seed: 1, nodes: 12, count: 2, factor: 100, everyMs: 20_000, untilMs: 90_000 };
    const faults = starvation(options);
    expect(isAccepted(faults, 12)).toBe(true);
    expect(faults.some(({ do: kind }) => kind === "node.slow")).toBe(true);
    for (const fault of faults) {
      if ("for" in fault) expect(fault.at + fault.for).toBeLessThanOrEqual(90_000);
      if ("node" in fault) expect(fault.node).toHaveLength(2);
    }
  });

  it("let as many leave as have joined, the same ones", () => {
    const { faults, endMs } = growAndShrink({ nodes: 3, joins: 4, everyMs: 100, pauseMs: 1_000 });
    expect(faults.filter(({ do: kind }) => kind === "node.join")).toHaveLength(4);
    const left = faults.flatMap((fault) => (fault.do === "node.leave" ? [fault.node] : []));
    expect(left).toEqual(["n3", "n4", "n5", "n6"]);
    expect(Math.max(...faults.map(({ at }) => at))).toBeLessThan(endMs);
    expect(isAccepted(faults, 3)).toBe(true);
  });

  it("churn only who is there", () => {
    const faults = churn({ seed: 7, nodes: 5, everyMs: 1_000, downMs: 2_500, untilMs: 200_000 });
    expect(isAccepted(faults, 5)).toBe(true);
    const up = new Set(["n0", "n1", "n2", "n3", "n4"]);
    let next = 5;
    for (const fault of faults) {
      if (fault.do === "node.join") up.add(`n${next++}`);
      if (fault.do === "node.restart") up.add(String(fault.node));
      if (fault.do === "node.crash" || fault.do === "node.leave") {
        expect(up.delete(String(fault.node))).toBe(true);
      }
    }
    expect(up.size).toBeGreaterThanOrEqual(4);
  });
});
