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

describe("a handler (R2)", () => {
  let [wallMs, cpuMs] = [0, 0];
  const clocks = { wall: () => wallMs, cpu: () => cpuMs };

  function timed(handlers: readonly { wall: number; cpu: number }[]): HandlerTimes {
    [wallMs, cpuMs] = [0, 0];
    const times = new HandlerTimes(clocks);
    for (const { wall, cpu } of handlers) {
      times.begin();
      wallMs += wall;
      cpuMs += cpu;
      times.end();
    }
    return times;
  }

  it("that computes for more than 10 ms is told; one that waits for the processor is not", () => {
    const times = timed([12, 10, 30].map((ms) => ({ wall: ms, cpu: ms })));
    expect(times.count).toBe(3);
    expect(times.ownMs([])).toEqual([30, 12]);
    expect(timed([{ wall: 300, cpu: 10 }]).ownMs([])).toEqual([]);
  });

  it("does not answer for what the engine stood still within it", () => {
    const times = timed([{ wall: 12, cpu: 12 }]);
    expect(times.ownMs([{ fromMs: 9, tookMs: 9 }])).toEqual([]);
    expect(times.ownMs([{ fromMs: 11, tookMs: 9 }])).toEqual([11]);
  });
});
