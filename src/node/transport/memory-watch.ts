/**
 * Watches the process's resident memory, for the transport to refuse and shed links before the
 * system ends the process. It is the last line: every queue and table has a bound of its own, but
 * their sum is larger than most machines (docs/LIMITS.md, "Memory").
 */
import { totalmem } from "node:os";
import { memoryUsage } from "node:process";

export interface MemoryWatchOptions {
  /** Pressed above this many resident bytes, relieved below RELIEVED_SHARE of them. */
  readonly rssBytesMax: number;
  /** Every check above the limit, the first one included. */
  pressed(rssBytes: number): void;
  relieved(rssBytes: number): void;
  readonly readRss?: () => number;
}

export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #isPressed = false;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
  }

  get isPressed(): boolean {
    return this.#isPressed;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.check(), CHECK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Reads the memory once and acts on it. */
  check(): void {
    const { rssBytesMax, readRss = sharedRss } = this.#options;
    const rssBytes = readRss();
    if (rssBytes > rssBytesMax) {
      this.#isPressed = true;
      this.#options.pressed(rssBytes);
    } else if (this.#isPressed && rssBytes < rssBytesMax * RELIEVED_SHARE) {
      this.#isPressed = false;
      this.#options.relieved(rssBytes);
    }
  }
}

let read = { rssBytes: 0, atMs: Number.NEGATIVE_INFINITY };

/** One reading serves all nodes of the process: the system needs up to half a ms for it. */
function sharedRss(): number {
  const nowMs = performance.now();
  if (nowMs - read.atMs >= CHECK_MS / 2) read = { rssBytes: memoryUsage.rss(), atMs: nowMs };
  return read.rssBytes;
}

/** Three quarters of what the machine, or the container that the process is held in, has. */
export function defaultRssBytesMax(): number {
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.floor(total * DEFAULT_SHARE);
}

const CHECK_MS = 1_000;
const DEFAULT_SHARE = 0.75;
const RELIEVED_SHARE = 0.9;
