/**
 * When local writes are told that they are acknowledged: back-pressure for whoever awaits them.
 *
 * 1. In one turn of the event loop at most WRITES_A_TURN writes are told. Whoever writes again at once
 *    takes the loop for that many only; between them frames are read and the timer runs. Without it
 *    a writer with thousands under way hears one chunk of each link a turn, and its peers late.
 * 2. While the links have more to send than they take, nothing is told, HELD_MS_MAX at most: a peer
 *    that stands still holds no writer up for ever, and what its queue refuses is repaired.
 * 3. What waits is bounded: beyond DELTAS_WAITING_MAX the next write is refused.
 */
import { setTimeout as startTimer } from "node:timers";

export interface PacedAcksOptions {
  /** Tells writes first..last. Must not throw. */
  readonly settle: (first: number, last: number) => void;
  /** Whether the links are behind. */
  readonly isBehind: () => boolean;
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly closedMonoMs: number;
}

export class PacedAcks {
  readonly #options: PacedAcksOptions;
  #waiting: Range[] = [];
  #toldThisTurn = 0;
  #timer: NodeJS.Timeout | undefined;
  #isTurnAwaited = false;

  constructor(options: PacedAcksOptions) {
    this.#options = options;
  }

  /** True when the next write is to be refused. */
  get isFull(): boolean {
    return this.#waiting.length >= DELTAS_WAITING_MAX;
  }

  /** Writes first..last are in the replica and handed to the links. */
  add(first: number, last: number): void {
    this.#waiting.push({ first, last, closedMonoMs: performance.now() });
    if (this.#timer === undefined) this.#tell();
  }

  /** Tells what waits: those writes are in the replica, and the links have had their time to flush. */
  close(): void {
    clearTimeout(this.#timer);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { first, last } of waiting) this.#options.settle(first, last);
  }

  #tell(): void {
    let count = 0;
    for (const { first, last, closedMonoMs } of this.#waiting) {
      if (this.#toldThisTurn >= WRITES_A_TURN) break;
      const isHeld = this.#options.isBehind() && performance.now() - closedMonoMs < HELD_MS_MAX;
      if (isHeld) {
        this.#timer = startTimer(() => this.#again(), RETRY_MS);
        break;
      }
      this.#toldThisTurn += last - first + 1;
      count += 1;
      this.#options.settle(first, last);
    }
    this.#waiting.splice(0, count);
    if (this.#toldThisTurn > 0) this.#awaitTurn();
  }

  #again(): void {
    this.#timer = undefined;
    this.#tell();
  }

  #awaitTurn(): void {
    if (this.#isTurnAwaited) return;
    this.#isTurnAwaited = true;
    setImmediate(() => {
      this.#isTurnAwaited = false;
      this.#toldThisTurn = 0;
      if (this.#timer === undefined && this.#waiting.length > 0) this.#tell();
    });
  }
}

/** A delta holds 256 operations: with many under way each turn fills one. */
const WRITES_A_TURN = 256;
/** Longer than any link that lives stays behind. */
const HELD_MS_MAX = 1_000;
const RETRY_MS = 1;
/** Closed deltas whose writes are not told yet: 64 MiB of bodies, which the log holds anyway. */
export const DELTAS_WAITING_MAX = 1_024;
