import { describe, expect, it } from "vitest";
import { Convergence } from "../../../../src/core/gossip/convergence.ts";
import { at, peerId } from "../../../support/peers.ts";

const OWN = new Uint8Array(32).fill(1);
const OTHER = new Uint8Array(32).fill(2);

function view(size: number): string[] {
  return Array.from({ length: size }, (_, i) => peerId(i));
}

/** Own root OWN since instant 100; the first `agreeing` of `size` peers showed it, the others not. */
function heard(threshold: number, agreeing: number, size: number): Convergence {
  const convergence = new Convergence(threshold);
  convergence.rootIs(OWN, at(100));
  for (const [i, peer] of view(size).entries()) convergence.shown(peer, i < agreeing ? OWN : OTHER);
  return convergence;
}

describe("convergence (C4)", () => {
  it("is observed once, with the time and rounds since the own root changed", () => {
    const convergence = heard(1, 3, 3);
    convergence.round();
    convergence.round();
    expect(convergence.check(view(3), at(150))).toEqual({ elapsedMs: 50, rounds: 2 });
    expect(convergence.check(view(3), at(160))).toBeUndefined();
    expect(convergence.converged).toBe(true);
  });

  it("is never claimed alone or unheard", () => {
    expect(heard(0.5, 0, 0).check([], at(200))).toBeUndefined();
    expect(heard(0.5, 0, 0).check(view(3), at(200))).toBeUndefined();
  });

  it.each([
    [0.99, 9, 10, false],
    [0.9, 9, 10, true],
    [0.95, 18, 20, false],
    [0.95, 19, 20, true],
    [0.56, 14, 25, true], // 0.56 * 25 is above 14 in floating point
    [1, 10, 10, true],
  ])("at threshold %f with %i of %i agreeing is %s", (threshold, agreeing, size, expected) => {
    const found = heard(threshold, agreeing, size).check(view(size), at(200));
    expect(found !== undefined).toBe(expected);
  });

  it("can be reached in a view of more peers than the recent ones that are asked about", () => {
    const convergence = heard(0.99, 100, 100);
    expect(convergence.check(view(100), at(200))).toBeDefined();
  });

  it("needs the share of recently heard peers outside the view as well", () => {
    const convergence = heard(0.9, 5, 10);
    expect(convergence.check(view(5), at(200))).toBeUndefined();
  });

  it("judges strangers by the last 32 heard: older ones no longer count", () => {
    const convergence = new Convergence(1);
    convergence.rootIs(OWN, at(0));
    convergence.shown(peerId(999), OTHER);
    for (const peer of view(31)) convergence.shown(peer, OWN);
    expect(convergence.check(view(31), at(1))).toBeUndefined();
    convergence.shown(peerId(31), OWN);
    expect(convergence.check(view(32), at(2))).toBeDefined();
  });

  it("counts a peer's newest root", () => {
    const convergence = heard(1, 2, 3);
    expect(convergence.shown(peerId(2), OWN)).toBe(true);
    expect(convergence.check(view(3), at(200))).toBeDefined();
  });

  it("starts afresh when the own root changes, and only then", () => {
    const convergence = heard(1, 3, 3);
    convergence.check(view(3), at(200));
    expect(convergence.rootIs(OWN.slice(), at(300))).toBe(false);
    expect(convergence.converged).toBe(true);
    expect(convergence.rootIs(OTHER, at(300))).toBe(true);
    expect(convergence.converged).toBe(false);
    expect(convergence.check(view(3), at(300))).toBeUndefined();
  });

  it("forgets what a peer showed when its link goes", () => {
    const convergence = heard(1, 2, 3);
    convergence.forget(peerId(2));
    expect(convergence.check(view(2), at(200))).toBeDefined();
  });
});
