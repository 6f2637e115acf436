/** The demo's result: what is measured, when it counts as passed, and how it reads. */
import { isTakenOverFrom } from "./board.ts";
import type { Swarm } from "./demo.ts";
import { fileOfWrite, type NodeReport } from "./messages.ts";
import type { Totals, WordFrequency } from "./word-count.ts";

/** What one process counted alone. */
export interface Expected {
  readonly totals: Totals;
  readonly topWords: readonly WordFrequency[];
}

/** The document that --json writes. Times in ms. */
export interface DemoReport {
  readonly nodes: number;
  readonly agents: number;
  readonly transport: "quic" | "tcp";
  readonly input: string;
  /** As the survivors fold them from the shared results. */
  readonly totals: Totals;
  /** As one process counts them. */
  readonly expected: Totals;
  /** Every survivor's totals and words equal the expected ones. */
  readonly match: boolean;
  /** Different roots among the surviving processes. */
  readonly distinctRoots: number;
  readonly killed: number;
  /** Files that another node finished after a killed holder's lease ran out. */
  readonly takenOver: number;
  /** Results published beyond the first of each file. */
  readonly redone: number;
  readonly joinMs: { readonly p50: number; readonly max: number };
  /**
   * From the writing of a result to its showing in the watch of the last surviving process;
   * `samples` results reached all of them through the watch.
   */
  readonly convergenceMs: {
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
    readonly samples: number;
  };
  readonly wallMs: number;
  /** From the last file done to equal roots everywhere. */
  readonly rootsEqualMs: number;
  readonly root: string | undefined;
  /** Files that killed nodes held unfinished. */
  readonly heldWhenKilled: number;
  /** Input files that somebody wrote to meanwhile: they may have been counted before and after it. */
  readonly changed: readonly string[];
  readonly topWords: readonly WordFrequency[];
}

export interface DemoFacts {
  readonly swarm: Swarm;
  readonly expected: Expected;
  readonly joinMs: readonly number[];
  readonly convergedMs: number;
  readonly roots: readonly string[];
  readonly reports: readonly NodeReport[];
  readonly wallMs: number;
  readonly changed: readonly string[];
}

export function buildReport(facts: DemoFacts): DemoReport {
  const { swarm, expected, reports, roots, wallMs } = facts;
  const { options, files, ledger } = swarm;
  const killed = new Set(ledger.killed.map(({ node }) => node));
  const [first] = reports;
  const board = first?.board ?? [];
  const arrivals = slowestArrivals(reports);
  const joinMs = sorted(facts.joinMs);
  return {
    nodes: options.nodes,
    agents: options.nodes * options.agents,
    transport: options.transport,
    input: files.label,
    totals: first?.totals ?? { files: 0, lines: 0, words: 0, bytes: 0 },
    expected: expected.totals,
    match: reports.length > 0 && reports.every((report) => isEqual(report, expected)),
    distinctRoots: new Set(roots).size,
    killed: killed.size,
    takenOver: board.filter(([, entry]) => isTakenOverFrom(entry, killed)).length,
    redone: countRedone(ledger.writes, reports),
    joinMs: { p50: quantile(joinMs, 0.5), max: quantile(joinMs, 1) },
    convergenceMs: {
      p50: quantile(arrivals, 0.5),
      p99: quantile(arrivals, 0.99),
      max: quantile(arrivals, 1),
      samples: arrivals.length,
    },
    wallMs: rounded(wallMs),
    rootsEqualMs: rounded(facts.convergedMs),
    root: roots[0],
    heldWhenKilled: ledger.killed.reduce((sum, { held }) => sum + held.length, 0),
    changed: facts.changed,
    topWords: first?.topWords ?? [],
  };
}

/** Whether the demo shows what it is there to show. */
export function isPassed({ match, distinctRoots, killed, takenOver }: DemoReport): boolean {
  return match && distinctRoots === 1 && (killed === 0 || takenOver >= 1);
}

/** For people, in 80 columns. */
export function formatReport(report: DemoReport): string {
  const { totals, expected, joinMs, convergenceMs } = report;
  const { killed, takenOver, redone, distinctRoots } = report;
  const survivors = report.nodes - killed;
  const words = report.topWords.map(([word, count]) => `${word} ${count}`).join(", ");
  const roots =
    distinctRoots === 1
      ? `equal on all ${survivors} survivors (${report.root?.slice(0, 16)})`
      : `${distinctRoots} different ones on ${survivors} survivors`;
  const lines = [
    "",
    `${report.nodes} nodes, ${report.agents} agents, ${report.transport}, ${report.input}`,
    "",
    `            ${"files".padStart(9)}${"lines".padStart(11)}${"words".padStart(12)}${"bytes".padStart(14)}`,
    `swarm       ${formatTotals(totals)}`,
    `one process ${formatTotals(expected)}   ${report.match ? "equal" : "DIFFERENT"}`,
    "",
    `most frequent  ${wrap(words, 15)}`,
    `killed         ${killed === 0 ? "none" : `${killed} (SIGKILL); ${takenOver} of ${killed === 1 ? "its" : "their"} claims finished by others`}`,
    `redone         ${redone === 0 ? "no file was counted twice" : `${redone} results came twice, and were the same`}`,
    `joining        ${joinMs.p50} ms median, ${joinMs.max} ms slowest`,
    `convergence    ${convergenceMs.p50} ms median, ${convergenceMs.p99} ms p99, ${convergenceMs.max} ms slowest`,
    `               of ${convergenceMs.samples} results, each to its last process`,
    `roots          ${roots}`,
    `took           ${(report.wallMs / 1000).toFixed(1)} s`,
    "",
    isPassed(report) ? "passed" : `FAILED: ${failuresOf(report).join("; ")}`,
  ];
  return lines.join("\n");
}

/** Files that change under the count are nobody's mistake; the user can leave them alone. */
function reasonOf({ changed: [first, ...others] }: DemoReport): string {
  if (first === undefined) return "";
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `, as ${first}${more} changed meanwhile: run it again`;
}

function failuresOf(report: DemoReport): readonly string[] {
  const { match, distinctRoots, killed, takenOver } = report;
  return [
    ...(match ? [] : [`the swarm's totals differ from one process's${reasonOf(report)}`]),
    ...(distinctRoots === 1 ? [] : ["the survivors' roots differ"]),
    ...(killed === 0 || takenOver >= 1 ? [] : ["no claim of a killed node was taken over"]),
  ];
}

function formatTotals({ files, lines, words, bytes }: Totals): string {
  return (
    formatNumber(files).padStart(9) +
    formatNumber(lines).padStart(11) +
    formatNumber(words).padStart(12) +
    formatNumber(bytes).padStart(14)
  );
}

function formatNumber(value: number): string {
  return value.toLocaleString("en-US");
}

/** Breaks at ", " so that no line exceeds 80 columns. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  for (const part of text.split(", ")) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + part.length + 3 <= 80) {
      lines[lines.length - 1] = `${last}, ${part}`;
    } else lines.push(part);
  }
  return lines.join(`,\n${" ".repeat(indent)}`);
}

/** Per write the delay of its last arrival, for writes that all other survivors saw; sorted. */
function slowestArrivals(reports: readonly NodeReport[]): readonly number[] {
  const writes = new Map<string, { count: number; maxMs: number }>();
  for (const { arrivals } of reports) {
    for (const [write, delayMs] of arrivals) {
      const seen = writes.get(write) ?? { count: 0, maxMs: 0 };
      writes.set(write, { count: seen.count + 1, maxMs: Math.max(seen.maxMs, delayMs) });
    }
  }
  // The writer itself does not report; a killed writer is no survivor, so all others do.
  const complete = [...writes.values()].filter(({ count }) => count >= reports.length - 1);
  return sorted(complete.map(({ maxMs }) => maxMs));
}

/**
 * Distinct results beyond the first of each file: those the writers told of, and those the
 * survivors saw arrive from a writer that died before it could tell.
 */
function countRedone(writes: ReadonlyMap<string, string>, reports: readonly NodeReport[]): number {
  const all = new Map(writes);
  for (const { arrivals } of reports) {
    for (const [write] of arrivals) all.set(write, fileOfWrite(write));
  }
  return all.size - new Set(all.values()).size;
}

function isEqual(report: NodeReport, expected: Expected): boolean {
  const { totals, topWords } = report;
  return JSON.stringify({ totals, topWords }) === JSON.stringify(expected);
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

/** Nearest rank of sorted values; 0 without any. */
function quantile(values: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * values.length));
  return rounded(values[rank - 1] ?? 0);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
