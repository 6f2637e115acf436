/**
 * What a node that will be killed has tried and what it was acknowledged, in a file. A line is
 * written before the write is made and after it was acknowledged, with one system call each: what
 * a process has given to the kernel outlives its SIGKILL, unlike a message in a pipe's queue.
 */
import { appendFileSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

export const KEYS = 200;

/** Writes are numbered through all lives of a node; number i goes to key i modulo {@link KEYS}. */
export class LedgerWriter {
  readonly #file: number;
  next: number;

  constructor(path: string) {
    this.next = readLedger(path).tried + 1;
    // A line that was cut by the kill must not swallow the next one.
    appendFileSync(path, "\n");
    this.#file = openSync(path, "a");
  }

  tried(number: number): void {
    writeSync(this.#file, `t ${number}\n`);
  }

  acknowledged(number: number): void {
    writeSync(this.#file, `a ${number}\n`);
  }
}

export interface Ledger {
  /** The highest number tried; all below were tried too. */
  readonly tried: number;
  readonly acknowledged: readonly number[];
}

export function readLedger(path: string): Ledger {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  let tried = 0;
  const acknowledged: number[] = [];
  for (const line of lines) {
    const [, kind, number] = /^([ta]) (\d+)$/.exec(line) ?? [];
    if (kind === "t") tried = Math.max(tried, Number(number));
    if (kind === "a") acknowledged.push(Number(number));
  }
  return { tried, acknowledged };
}
