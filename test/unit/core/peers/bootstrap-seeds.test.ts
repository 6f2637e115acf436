import { describe, expect, it } from "vitest";
import { BootstrapSeeds, SEEDS_MAX } from "../../../../src/core/peers/bootstrap-seeds.ts";
import { Random } from "../../../../src/core/random.ts";
import { at, peerId, SELF_ID } from "../../../support/peers.ts";

function seedsOf(addresses: readonly string[], randomSeed = 1n): BootstrapSeeds {
  const seeds = new BootstrapSeeds(SELF_ID, Random.fromSeed(randomSeed));
  for (const address of addresses) seeds.add(address);
  return seeds;
}

describe("bootstrap seeds (C1)", () => {
  it("keeps seeds in the order of configuration and each address once", () => {
    const seeds = seedsOf(["a:1", "b:2"]);
    expect(seeds.add("a:1")).toEqual({ kind: "known" });
    expect(seeds.list().map((seed) => seed.address)).toEqual(["a:1", "b:2"]);
  });

  it("refuses the own id as a seed", () => {
    expect(seedsOf([]).add("a:1", SELF_ID)).toEqual({ kind: "refused", reason: "self" });
  });

  it.each([
    ["", undefined, "invalid_address"],
    ["x".repeat(257), undefined, "invalid_address"],
    ["a:1", "nobody", "invalid_id"],
  ])("refuses the seed %j with id %j", (address, id, reason) => {
    expect(seedsOf([]).add(address, id)).toEqual({ kind: "refused", reason });
  });

  it("holds a bounded number of seeds", () => {
    const seeds = seedsOf(Array.from({ length: SEEDS_MAX }, (_, i) => `host:${i}`));
    expect(seeds.add("one:more")).toEqual({ kind: "refused", reason: "full" });
    expect(seeds.count).toBe(SEEDS_MAX);
  });

  it("offers every seed at once and each only once", () => {
    const seeds = seedsOf(["a:1", "b:2", "c:3"]);
    const taken = [1, 2, 3].map(() => seeds.takeDue(at(0))?.address);
    expect(taken.sort()).toEqual(["a:1", "b:2", "c:3"]);
    expect(seeds.takeDue(at(1e9))).toBeUndefined();
    expect(seeds.nextDueMs()).toBeUndefined();
  });

  it("lets different nodes begin at different seeds", () => {
    const firsts = Array.from({ length: 20 }, (_, i) => {
      return seedsOf(["a:1", "b:2", "c:3"], BigInt(i)).takeDue(at(0))?.address;
    });
    expect(new Set(firsts).size).toBe(3);
  });

  it("offers a failed seed again after a growing backoff", () => {
    const seeds = seedsOf(["a:1"]);
    seeds.takeDue(at(0));
    seeds.failed("a:1", at(1_000));
    const firstDueMs = seeds.nextDueMs()!;
    expect(firstDueMs).toBeGreaterThanOrEqual(1_100);
    expect(seeds.takeDue(at(firstDueMs - 1))).toBeUndefined();
    expect(seeds.takeDue(at(firstDueMs))).toMatchObject({ address: "a:1", failures: 1 });
    seeds.failed("a:1", at(2_000));
    expect(seeds.nextDueMs()).toBeGreaterThanOrEqual(2_200);
  });

  it("starts over with the shortest backoff when a reached seed is lost", () => {
    const seeds = seedsOf(["a:1"]);
    for (let i = 0; i < 5; i++) seeds.failed("a:1", at(0));
    expect(seeds.reached("a:1", peerId(1))).toBe("reached");
    seeds.failed("a:1", at(0));
    expect(seeds.nextDueMs()).toBeLessThanOrEqual(200);
  });

  it("drops a seed that turns out to be this node", () => {
    const seeds = seedsOf(["a:1"]);
    expect(seeds.reached("a:1", SELF_ID)).toBe("self");
    expect(seeds.count).toBe(0);
  });

  it("notices that another node answers than the configuration names", () => {
    const seeds = seedsOf([]);
    seeds.add("a:1", peerId(1));
    expect(seeds.reached("a:1", peerId(2))).toBe("other_id");
    expect(seeds.reached("a:1", peerId(1))).toBe("reached");
  });

  it("ignores what concerns no seed", () => {
    const seeds = seedsOf([]);
    expect(seeds.reached("a:1", peerId(1))).toBe("unknown_seed");
    seeds.failed("a:1", at(0));
    expect(seeds.nextDueMs()).toBeUndefined();
  });
});
