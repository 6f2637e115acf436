import { describe, expect, it } from "vitest";
import { Cuts, oneWayCut, partitionCut } from "../../../../src/sim/engine/cuts.ts";
import { nodesOf } from "../../../../src/sim/engine/node-set.ts";

function componentsOf(cuts: Cuts, count: number): number {
  return new Set(cuts.components(count)).size;
}

describe("who can reach whom", () => {
  it("is everybody without a cut", () => {
    expect(componentsOf(new Cuts(), 5)).toBe(1);
  });

  it("is one's own group under a partition, both ways", () => {
    const cuts = new Cuts();
    cuts.add(partitionCut([nodesOf(["n0", "n1"]), nodesOf(["n2", "n3"])]));
    expect(cuts.blocks(0, 2) && cuts.blocks(2, 0)).toBe(true);
    expect(cuts.blocks(0, 1)).toBe(false);
    expect(componentsOf(cuts, 4)).toBe(2);
  });

  it("goes through a node that no group names, though not without its help", () => {
    const cuts = new Cuts();
    cuts.add(partitionCut([nodesOf("n0"), nodesOf("n1")]));
    expect(componentsOf(cuts, 3)).toBe(1);
    expect(cuts.joins(0, 1)).toBe(false);
    expect(cuts.joins(0, 2) && cuts.joins(2, 1)).toBe(true);
  });

  it("needs both ways: a one-way cut separates", () => {
    const cuts = new Cuts();
    cuts.add(oneWayCut(nodesOf("n0"), nodesOf(["n1", "n2"])));
    expect(cuts.blocks(0, 1)).toBe(true);
    expect(cuts.blocks(1, 0)).toBe(false);
    expect(componentsOf(cuts, 3)).toBe(2);
  });

  it("is everybody again when the cut ends", () => {
    const cuts = new Cuts();
    const cut = partitionCut([nodesOf("n0"), nodesOf("n1")]);
    cuts.add(cut);
    expect(componentsOf(cuts, 2)).toBe(2);
    cuts.remove(cut);
    expect(componentsOf(cuts, 2)).toBe(1);
    expect(cuts.isWhole).toBe(true);
  });
});
