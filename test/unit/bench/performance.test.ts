import { expect, test } from "vitest";
import { withReport } from "../../../bench/lib/performance.ts";
import type { Report } from "../../../bench/lib/report.ts";

const REPORT: Report = {
  suite: "delta",
  commit: "0123456789ab",
  node: "v24.0.0",
  cpu: "A CPU",
  cores: 2,
  memoryGiB: 4,
  os: "linux x64",
  startedAt: "2026-01-02T03:04:05.000Z",
  loadAtStart: [0.5, 0, 0],
  loadAtEnd: [0.5, 0, 0],
  busy: false,
  quick: true,
  results: [
    { name: "apply-1", impl: "wasm", n: 1, unit: "ns", p50: 500, p99: 2_000, samples: 9, hash: "" },
  ],
  ratios: [
    { name: "apply-1-ticks", value: 2, needed: "<= 3" },
    { name: "apply-1-vs-x", value: 2, needed: ">= 9" },
  ],
};
const TEXT = "before\n<!-- bench delta -->\nold\n<!-- end delta -->\nafter\n";

test("a report replaces the tables of its suite and nothing else", () => {
  const text = withReport(TEXT, REPORT);
  expect(text).toMatch(/^before\n<!-- bench delta -->\n/);
  expect(text).toMatch(/\n<!-- end delta -->\nafter\n$/);
  expect(text).not.toContain("old");
  expect(withReport(text, REPORT)).toBe(text);
});

test("the tables say where and when, and which budget was missed", () => {
  const text = withReport(TEXT, REPORT);
  expect(text).toContain("Node v24.0.0; commit 0123456789ab; 2026-01-02; load 0.5 at the start");
  expect(text).toContain("| apply-1 | wasm | 1 | 500 ns | 2 | 2,000 ns | 9 |");
  expect(text).toContain("| `apply-1-ticks` | 2 | <= 3 | kept |");
  expect(text).toContain("| `apply-1-vs-x` | 2 | >= 9 | missed |");
});

test("a suite without a place in the text is an error", () => {
  expect(() => withReport("", REPORT)).toThrow("no place for the suite delta");
});
