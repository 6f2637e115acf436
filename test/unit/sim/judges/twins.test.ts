import { describe, expect, it } from "vitest";
import { agreedInTime, roundsToAgree } from "../../../../src/sim/judges/agreement.ts";
import { HandlerTimes } from "../../../../src/sim/judges/handler-times.ts";
import { judgeMemory, judgeStaleness } from "../../../../src/sim/judges/twins.ts";
import { resultOf } from "../../../support/sim-result.ts";

const plain = resultOf({ seed: 1, nodes: 10 });
const ids = (violations: readonly { readonly invariant: string }[]) =>
  violations.map(({ invariant }) => invariant);

describe("of two runs", () => {
  it("one whose slowest writes take more than three times as long breaks C3", () => {
    const lossy = (p99Ms: number) => ({ ...plain, convergence: { ...plain.convergence, p99Ms } });
    expect(ids(judgeStaleness(lossy(60), plain))).toEqual([]);
    expect(ids(judgeStaleness(lossy(61), plain))).toEqual(["C3"]);
  });

  it("one that holds a fifth more after the heal breaks R3", () => {
    expect(ids(judgeMemory({ ...plain, heapBytesPerNode: 120_000 }, plain))).toEqual([]);
    expect(ids(judgeMemory({ ...plain, heapBytesPerNode: 120_001 }, plain))).toEqual(["R3"]);
  });
});

describe("agreement after the last write", () => {
  const quiet = { nodes: 16, quietMs: 60_000, faults: [], hasLiars: false };

  it("that takes more than 4 log2 n + 12 rounds breaks C1, among liars C2", () => {
    expect(roundsToAgree(16)).toBe(28);
    expect(ids(agreedInTime(28, quiet))).toEqual([]);
    expect(ids(agreedInTime(29, quiet))).toEqual(["C1"]);
    expect(ids(agreedInTime(29, { ...quiet, hasLiars: true }))).toEqual(["C2"]);
  });

  it("is not timed while a fault lasts, but liars do not count as one", () => {
    const drop = { at: 0, do: "net.drop", src: "*", dst: "*", p: 0.1, for: 60_000 } as const;
    const liar = { at: 0, do: "byz.behave", node: "n1", as: "withhold", for: 90_000 } as const;
    expect(agreedInTime(99, { ...quiet, faults: [drop] })).toEqual([]);
    expect(agreedInTime(99, { ...quiet, faults: [liar] })).toHaveLength(1);
  });
});

it("a handler of more than 10 ms is told, but not what the engine stood still for (R2)", () => {
  let nowMs = 0;
  const times = new HandlerTimes(() => nowMs);
  for (const tookMs of [1, 12, 10, 30]) {
    const fromMs = nowMs;
    nowMs += tookMs;
    times.handled(fromMs);
  }
  expect(times.count).toBe(4);
  expect(times.ownMs([])).toEqual([30, 12]);
  expect(times.ownMs([{ fromMs: 5, tookMs: 4 }])).toEqual([30]);
});
