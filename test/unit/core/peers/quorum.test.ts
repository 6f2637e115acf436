import { describe, expect, it } from "vitest";
import { quorumOf } from "../../../../src/core/peers/quorum.ts";

describe("quorum (C1, C8)", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
  ])("is a majority of %i: %i", (members, size) => {
    expect(quorumOf(members)).toEqual({ members, faults: 0, size });
  });

  it.each([
    [4, 1, 3],
    [6, 1, 5],
    [7, 2, 5],
    [10, 3, 7],
    [100, 33, 67],
    [1_000, 333, 667],
  ])("of %i members tolerates %i liars and needs %i", (members, faults, size) => {
    expect(quorumOf(members)).toEqual({ members, faults, size });
  });

  it("needs more when configured to tolerate fewer liars", () => {
    expect(quorumOf(10, 1)).toEqual({ members: 10, faults: 1, size: 9 });
  });

  it("never tolerates more liars than a third, whatever is configured", () => {
    expect(quorumOf(10, 9)).toEqual(quorumOf(10));
  });

  it("stays a majority of three whatever is configured", () => {
    expect(quorumOf(3, 0).size).toBe(2);
  });

  it("makes any two quorums share more members than may lie", () => {
    for (let members = 4; members <= 200; members++) {
      const { faults, size } = quorumOf(members);
      expect(2 * size - members).toBeGreaterThan(faults);
    }
  });

  it.each([0, -1, 2.5, Number.NaN])("treats %d members as a defect", (members) => {
    expect(() => quorumOf(members)).toThrow(/counts the own node/);
  });

  it.each([-1, 0.5, Number.NaN])("treats a faultsMax of %d as a defect", (faultsMax) => {
    expect(() => quorumOf(7, faultsMax)).toThrow(/faultsMax/);
  });
});
