/**
 * docs/PERFORMANCE.md: the prose is written by hand, the tables by `--write`, each between two
 * comments that name its suite, with the machine, Node and commit it was measured on.
 */
import { holds, type Ratio, type Report, type Result } from "./report.ts";
import { TICK_NS } from "./table.ts";

/**
 * The text with the suite's tables replaced.
 * @throws Error when the text has no place for the suite.
 */
export function withReport(text: string, report: Report): string {
  const [start, end] = [`<!-- bench ${report.suite} -->`, `<!-- end ${report.suite} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`no place for the suite ${report.suite}`);
  return `${text.slice(0, from + start.length)}\n${tables(report)}\n${text.slice(to)}`;
}

function tables(report: Report): string {
  const { commit, node, cpu, cores, memoryGiB, os, startedAt, loadAtStart, quick } = report;
  const date = startedAt.slice(0, 10);
  const state = `load ${loadAtStart[0] ?? 0} at the start${quick ? ", --quick" : ""}`;
  return [
    `${cores} x ${cpu}, ${memoryGiB} GiB, ${os}; Node ${node}; commit ${commit}; ${date}; ${state}.`,
    "",
    ...(report.results.length === 0
      ? []
      : [...markdown(RESULT_HEAD, report.results.map(resultCells)), ""]),
    ...markdown(RATIO_HEAD, report.ratios.map(ratioCells)),
  ].join("\n");
}

function resultCells({ name, impl, n, unit, p50, p99, samples }: Result): string[] {
  const ticks = unit === "ns" ? figure(p50 / TICK_NS) : "";
  return [
    name,
    impl,
    `${n}`,
    `${figure(p50)} ${unit}`,
    ticks,
    `${figure(p99)} ${unit}`,
    `${samples}`,
  ];
}

function ratioCells(ratio: Ratio): string[] {
  const verdict = ratio.needed === "" ? "" : holds(ratio) ? "kept" : "missed";
  return [`\`${ratio.name}\``, figure(ratio.value), ratio.needed, verdict];
}

function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}

function markdown(head: readonly string[], rows: readonly string[][]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const RESULT_HEAD = ["case", "by", "n", "median", "ticks", "p99", "samples"];
const RATIO_HEAD = ["figure", "value", "needed", "budget"];
