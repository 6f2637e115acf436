/** A report as text for people. */
import { holds, type Ratio, type Report, type Result } from "./report.ts";

/** 1 tick = 250 ns (the project's unit of hot-path budgets). */
export const TICK_NS = 250;

/** Several lines, no trailing newline. */
export function reportTable(report: Report): string {
  const { suite, commit, node, cpu, cores, memoryGiB, os, loadAtStart, loadAtEnd } = report;
  return [
    `${suite} at ${commit}, Node ${node}, ${cores} x ${cpu}, ${memoryGiB} GiB, ${os}`,
    `load ${loadAtStart.join(" ")} at the start, ${loadAtEnd.join(" ")} at the end`,
    "",
    ...table(RESULT_HEAD, report.results.map(resultCells)),
    "",
    ...table(RATIO_HEAD, report.ratios.map(ratioCells)),
  ].join("\n");
}

function resultCells({ name, impl, n, unit, p50, p99, samples, hash }: Result): string[] {
  const ticks = unit === "ns" ? [figure(p50 / TICK_NS), figure(p99 / TICK_NS)] : ["", ""];
  return [name, impl, `${n}`, unit, figure(p50), figure(p99), ...ticks, `${samples}`, hash];
}

function ratioCells(ratio: Ratio): string[] {
  const verdict = ratio.needed === "" ? "" : holds(ratio) ? "ok" : "MISSED";
  return [ratio.name, figure(ratio.value), ratio.needed, verdict];
}

/** Three significant digits, or all of them before the point. */
function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toString();
  return Number(value.toPrecision(3)).toString();
}

/** Columns padded to their widest cell; the first to the left, the rest to the right. */
function table(head: readonly string[], rows: readonly string[][]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < LEFT_COLUMNS ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

const RESULT_HEAD = [
  "name",
  "impl",
  "n",
  "unit",
  "p50",
  "p99",
  "p50 ticks",
  "p99 ticks",
  "samples",
  "hash",
];
const RATIO_HEAD = ["budget", "value", "needed", "ok"];
const LEFT_COLUMNS = 1;
