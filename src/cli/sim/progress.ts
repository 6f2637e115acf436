/** Progress of work that blocks the thread: a bar on a terminal, elsewhere a line now and then. */

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class Progress {
  readonly #stream: ProgressStream | undefined;
  readonly #now: () => number;
  readonly #startedAt: number;
  #shownAt: number;
  #isDrawn = false;

  /** @param stream undefined: says nothing. @param now ms, monotonic. */
  constructor(stream: ProgressStream | undefined, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#startedAt = now();
    this.#shownAt = this.#startedAt;
  }

  /** @param share in [0, 1]. @param text what has been done so far. */
  show(share: number, text: string): void {
    const now = this.#now();
    if (this.#stream === undefined || now - this.#shownAt < this.#everyMs) return;
    this.#shownAt = now;
    const seconds = `${Math.round((now - this.#startedAt) / 1_000)} s`;
    if (this.#stream.isTTY !== true) {
      this.#stream.write(`${percent(share)} after ${seconds}: ${text}\n`);
      return;
    }
    this.#isDrawn = true;
    const line = `${bar(share)} ${percent(share)} ${text}, ${seconds}`;
    this.#stream.write(`\r${line.slice(0, (this.#stream.columns ?? 80) - 1)}${ERASE_REST_OF_LINE}`);
  }

  /** A line that stays. */
  note(line: string): void {
    this.clear();
    this.#stream?.write(`${line}\n`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isDrawn) this.#stream?.write(`\r${ERASE_REST_OF_LINE}`);
    this.#isDrawn = false;
  }

  get #everyMs(): number {
    return this.#stream?.isTTY === true ? REDRAW_MS : LINE_EVERY_MS;
  }
}

function bar(share: number): string {
  const filled = Math.floor(clamped(share) * BAR_WIDTH);
  return "#".repeat(filled).padEnd(BAR_WIDTH, ".");
}

function percent(share: number): string {
  return `${Math.floor(clamped(share) * 100)} %`.padStart(5);
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}

const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;
const BAR_WIDTH = 30;
// ECMA-48.
const ERASE_REST_OF_LINE = "\u001b[K";
