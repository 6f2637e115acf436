import { describe, expect, it } from "vitest";
import { holds, type Report } from "../../../bench/lib/report.ts";
import { reportTable } from "../../../bench/lib/table.ts";

describe("a budget", () => {
  it.each([
    [19.99, "< 20", true],
    [20, "< 20", false],
    [2, "<= 2", true],
    [2.01, "<= 2", false],
    [1, "> 1", false],
    [1.01, "> 1", true],
    [0.95, ">= 0.95", true],
    [0, "= 0", true],
    [1, "= 0", false],
    [1e9, "", true],
  ])("of %d against %j is kept: %s", (value, needed, kept) => {
    expect(holds({ value, needed })).toBe(kept);
  });

  it.each(["20", "<20", "< twenty", "about 3", "< 1e3"])("that says %j is refused", (needed) => {
    expect(() => holds({ value: 1, needed })).toThrow(TypeError);
  });

  it("is broken by a value that is no number", () => {
    expect(holds({ value: Number.NaN, needed: "< 20" })).toBe(false);
  });
});

describe("the table", () => {
  it("shows ticks of 250 ns beside nanoseconds, none beside milliseconds", () => {
    const lines = reportTable(report).split("\n");
    expect(lines.find((line) => line.startsWith("compare"))?.split(/ {2,}/)).toEqual([
      "compare",
      "wasm",
      "1000",
      "ns",
      "250",
      "500",
      "1",
      "2",
      "64",
      "aa",
    ]);
    expect(lines.find((line) => line.startsWith("join"))?.split(/ {2,}/)).toEqual([
      "join",
      "quic",
      "10",
      "ms",
      "12.3",
      "99",
      "20",
      "bb",
    ]);
  });

  it("names the kept and the missed budgets", () => {
    const lines = reportTable(report).split("\n");
    expect(lines.find((line) => line.startsWith("kept"))).toMatch(/ ok$/);
    expect(lines.find((line) => line.startsWith("broken"))).toMatch(/ MISSED$/);
  });
});

const report: Report = {
  suite: "example",
  commit: "0123456789ab",
  node: "v24.0.0",
  cpu: "example",
  cores: 2,
  memoryGiB: 4,
  os: "linux x64 6",
  startedAt: "2026-01-01T00:00:00.000Z",
  loadAtStart: [0, 0, 0],
  loadAtEnd: [0, 0, 0],
  busy: false,
  quick: true,
  results: [
    {
      name: "compare",
      impl: "wasm",
      n: 1000,
      unit: "ns",
      p50: 250,
      p99: 500,
      samples: 64,
      hash: "aa",
    },
    {
      name: "join",
      impl: "quic",
      n: 10,
      unit: "ms",
      p50: 12.345,
      p99: 99,
      samples: 20,
      hash: "bb",
    },
  ],
  ratios: [
    { name: "kept", value: 1, needed: "< 2" },
    { name: "broken", value: 3, needed: "< 2" },
  ],
};
