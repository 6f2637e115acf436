/** Where a suite runs: machine, Node, commit, and how busy the machine is. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import type { Environment } from "./report.ts";

export type Start = Omit<Environment, "loadAtEnd">;

/** Reads the environment at the start of a suite. */
export function captureStart(quick: boolean): Start {
  const cores = availableParallelism();
  const loadAtStart = load();
  return {
    commit: commit(),
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${process.arch} ${release()}`,
    startedAt: new Date().toISOString(),
    loadAtStart,
    busy: (loadAtStart[0] ?? 0) > BUSY_SHARE * cores,
    quick,
  };
}

/** Load averages over 1, 5 and 15 minutes, two decimals; zeros where the system has none. */
export function load(): number[] {
  return loadavg().map((value) => Math.round(value * 100) / 100);
}

function commit(): string {
  try {
    const head = git("rev-parse", "--short=12", "HEAD");
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/", NOT_TABLES);
    return changed === "" ? head : `${head}-dirty`;
  } catch {
    return "unknown"; // a package without its repository
  }
}

function git(...args: string[]): string {
  const cwd = import.meta.dirname;
  return execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

/** What `--write` itself changes makes no other checkout. */
const NOT_TABLES = ":(top,exclude)docs/PERFORMANCE.md";
/** Share of the cores that other work may take before the start is called busy. */
const BUSY_SHARE = 0.25;
