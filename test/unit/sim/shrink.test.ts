import { describe, expect, it } from "vitest";
import type { Fault } from "../../../src/sim/faults/fault.ts";
import { drawFaults } from "../../../src/sim/faults/profiles.ts";
import type { SimOptions } from "../../../src/sim/options.ts";
import { explicit, shrink } from "../../../src/sim/shrink.ts";
import { resultOf } from "../../support/sim-result.ts";

const crash: Fault = { at: 1_234, do: "node.crash", node: "n1" };
const cut: Fault = { at: 5_678.9, do: "net.partition", groups: [["n1"], ["n0", "n5"]], for: 2_049 };
const drop: Fault = { at: 10, do: "net.drop", src: "*", dst: "*", p: 0.1, for: 100 };
const inc: Fault = { at: 7, do: "op.inc", src: "n0", collection: "c", key: "", by: 1 };
const OPTIONS: SimOptions = {
  seed: 3,
  nodes: 12,
  writesPerSecond: 8,
  faults: [drop, inc, crash, drop, cut, inc],
};

/** Breaks S1 while a crash and a cut are there, and S4 while anything is. */
function run(options: SimOptions) {
  const kinds = (options.faults ?? []).map((fault) => fault.do);
  const fails =
    kinds.includes("node.crash") && kinds.includes("net.partition") && options.nodes >= 2;
  return resultOf(options, [...(kinds.length > 0 ? ["S4"] : []), ...(fails ? ["S1"] : [])]);
}

describe("shrink", () => {
  it("keeps only the faults, nodes and digits that the invariant needs", () => {
    const shrunk = shrink(OPTIONS, { run, invariant: "S1" });
    expect(shrunk?.violation.invariant).toBe("S1");
    expect(shrunk?.complete).toBe(true);
    expect(shrunk?.options.writesPerSecond).toBe(0);
    expect(shrunk?.options.nodes).toBe(2);
    expect(shrunk?.options.faults).toEqual([
      { at: 1_200, do: "node.crash", node: "n1" },
      { at: 5_700, do: "net.partition", groups: [["n1"], ["n0"]], for: 2_000 },
    ]);
  });

  it("follows the first violation where none is named", () => {
    expect(shrink(OPTIONS, { run })?.options.faults).toHaveLength(1);
  });

  it("answers nothing where the run does not break the invariant", () => {
    expect(shrink(OPTIONS, { run, invariant: "C1" })).toBeUndefined();
    expect(
      shrink({ seed: 1, nodes: 3 }, { run: (options) => resultOf(options, []) }),
    ).toBeUndefined();
  });

  it("never takes another invariant for the same", () => {
    const swapping = (options: SimOptions) =>
      resultOf(options, [options.faults?.length === 6 ? "S1" : "C1"]);
    const shrunk = shrink(OPTIONS, { run: swapping });
    expect(shrunk?.violation.invariant).toBe("S1");
    expect(shrunk?.options.faults).toHaveLength(6);
  });

  it("stops at its bound, and says so", () => {
    let runs = 0;
    const counting = (options: SimOptions) => {
      runs += 1;
      return run(options);
    };
    const shrunk = shrink(OPTIONS, { run: counting, invariant: "S1", runsMax: 5 });
    expect(shrunk).toMatchObject({ complete: false, runs: 5 });
    expect(runs).toBe(5);
  });

  it("halves the writes while they are needed", () => {
    const needsWrites = (options: SimOptions) =>
      resultOf(options, (options.writesPerSecond ?? 10) >= 2 ? ["C1"] : []);
    expect(shrink(OPTIONS, { run: needsWrites })?.options.writesPerSecond).toBe(2);
  });

  it("writes a profile out as faults", () => {
    const options: SimOptions = { seed: 5, nodes: 6, durationMs: 10_000, profile: "lossy" };
    const { profile, faults } = explicit(options);
    expect(profile).toBe("calm");
    expect(faults).toEqual(drawFaults("lossy", { seed: 5, nodes: 6, durationMs: 10_000 }));
  });
});
