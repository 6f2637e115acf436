/**
 * What the demo's orchestrator and its node processes tell each other over IPC: starting,
 * measuring and reporting. The work itself (files, claims, results) travels over the mesh only.
 */
import type { BoardEntry } from "./board.ts";
import type { FileCount, Totals, WordFrequency } from "./word-count.ts";

/** How one node process is set up; the first message it gets. */
export interface NodeSetup {
  /** From 1. */
  readonly node: number;
  readonly mesh: string;
  readonly transport: "quic" | "tcp";
  readonly seeds: readonly string[];
  readonly agents: number;
  /** Pause of its agents between counting a file and publishing the result. */
  readonly paceMs: number;
}

export type ToNode =
  | ({ readonly kind: "join" } & NodeSetup)
  /** Puts the work on the board; for one node only. */
  | { readonly kind: "feed"; readonly root: string; readonly paths: readonly string[] }
  /** The agents begin. */
  | { readonly kind: "begin" }
  | { readonly kind: "root" }
  | { readonly kind: "report" }
  | { readonly kind: "leave" };

export type FromNode =
  | { readonly kind: "ready" }
  | { readonly kind: "joined"; readonly joinMs: number; readonly addresses: readonly string[] }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly kind: "fed" }
  /** An agent of this node owns the file: its claim stood after settling. */
  | { readonly kind: "owned"; readonly path: string; readonly by: string }
  /** The result is published. */
  | { readonly kind: "finished"; readonly path: string; readonly write: string }
  | ({ readonly kind: "tick" } & NodeTick)
  | { readonly kind: "root"; readonly root: string; readonly stateRoot: string }
  | ({ readonly kind: "report" } & NodeReport);

/** How a node sees the mesh at one moment. */
export interface NodeTick {
  readonly members: number;
  readonly links: number;
  readonly files: number;
  readonly done: number;
  /** Files that own agents hold. */
  readonly holding: readonly string[];
  /** Files that own agents finished. */
  readonly finished: number;
  /** Unfinished claims on this node's board: path to node number. */
  readonly claims: readonly (readonly [path: string, node: number])[];
  readonly root: string;
}

/** What a node knows in the end. */
export interface NodeReport {
  readonly totals: Totals;
  readonly topWords: readonly WordFrequency[];
  readonly board: readonly (readonly [path: string, entry: BoardEntry])[];
  /** Every result this node's watch showed: write and age on arrival in ms; own ones excluded. */
  readonly arrivals: readonly (readonly [write: string, delayMs: number])[];
}

/** A file's result in the shared map; the counts are the same whoever writes them. */
export interface FileResult extends FileCount {
  readonly by: string;
  readonly node: number;
  readonly attempt: number;
  /**
   * process.hrtime.bigint() of the writer, as text. It reads CLOCK_MONOTONIC, which all processes
   * of one machine share, so the age of a write can be measured where it arrives.
   */
  readonly atNs: string;
}

/** Names one write of a result across processes. */
export function writeName(
  path: string,
  { by, attempt }: Pick<FileResult, "by" | "attempt">,
): string {
  return `${path}\n${by}\n${attempt}`;
}

/** The file of a named write. */
export function fileOfWrite(write: string): string {
  return write.split("\n").slice(0, -2).join("\n");
}

/** The task, in the shared register "job". */
export interface Job {
  readonly root: string;
  readonly files: number;
}
