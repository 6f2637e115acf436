/**
 * Who checks the signatures a core asks for: this thread as long as it is quick, workers when the
 * backlog asks for it, so that the event loop goes on.
 *
 * 1. In one turn of the event loop this thread spends about INLINE_MS on signatures, more as long as
 *    there are no workers; what would pass that goes to the pool, in slices of SLICE_CHECKS_MAX.
 * 2. Order holds per peer: while something of a peer is with the workers, what it sends next is too,
 *    and its requests are answered in the order in which they were made.
 * 3. What waits is bounded by the core, per peer (core/trust/tickets.ts).
 */
import type { NodeId } from "../../core/node-id.ts";
import type { VerifyRequest } from "../../core/outputs.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import { BACKEND_NAMES } from "../signature/backend.ts";
import { isPackable } from "./packed-checks.ts";
import { holdPool, releasePool, type VerifyPool } from "./verify-pool.ts";

export interface VerifierOptions {
  /** Default: none. What a node tries again in its own name came from anybody: it is read to its end. */
  readonly self?: NodeId;
  readonly crypto: Crypto;
  /** Called in later turns with the verdicts of what {@link Verifier.take} did not answer. */
  readonly answer: (ticket: number, verdicts: Uint8Array) => void;
  /** Default: the pool of the process. */
  readonly pool?: Pick<VerifyPool, "run">;
}

interface Pending {
  readonly ticket: number;
  readonly verdicts: Uint8Array;
  missing: number;
}

export class Verifier {
  readonly #self: NodeId | undefined;
  readonly #crypto: Crypto;
  readonly #answer: VerifierOptions["answer"];
  /** Absent for a crypto that no worker could make: then everything is checked here. */
  #pool: Pick<VerifyPool, "run"> | undefined;
  #holdsShared = false;
  readonly #ownPool: boolean;
  readonly #waiting = new Map<NodeId, Pending[]>();
  /** ms that a check takes, as seen last; until then what the fastest backend takes. */
  #checkMs = 0.05;
  #spentMs = 0;
  #isTurnMarked = false;
  #closed = false;

  constructor({ self, crypto, answer, pool }: VerifierOptions) {
    this.#self = self;
    this.#crypto = crypto;
    this.#answer = answer;
    this.#pool = pool;
    this.#ownPool = pool !== undefined;
  }

  /** Requests with the workers. */
  get waiting(): number {
    let count = 0;
    for (const pending of this.#waiting.values()) count += pending.length;
    return count;
  }

  /** The verdicts, one byte a check, or undefined: then they come by `answer`. */
  take(request: VerifyRequest): Uint8Array | undefined {
    if (!this.#mustWait(request)) return this.#checkHere(request);
    this.#send(request);
    return undefined;
  }

  /** Drops what waits. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.clear();
    if (this.#holdsShared) await releasePool(this.#crypto);
  }

  #mustWait({ checks, peer, isAwaited }: VerifyRequest): boolean {
    // What a peer sends behind its Hello is refused until that is taken.
    if (isAwaited || !this.#hasWorkers()) return false;
    if (this.#waiting.has(peer)) return true;
    const budgetMs = this.#pool === undefined ? INLINE_MS_BEFORE_WORKERS : INLINE_MS;
    return this.#spentMs + checks.length * this.#checkMs > budgetMs && checks.every(isPackable);
  }

  #hasWorkers(): boolean {
    return this.#ownPool || (BACKEND_NAMES as readonly string[]).includes(this.#crypto.backend);
  }

  /**
   * A frame whose signatures fail again and again is given up: the rest counts as bad, unread. Its
   * sender has handed on what it cannot have verified; what was good in it comes back by repair.
   */
  #checkHere({ checks, peer }: VerifyRequest): Uint8Array {
    this.#markTurn();
    const startMs = performance.now();
    const verdicts = new Uint8Array(checks.length);
    const badMax = peer === this.#self ? checks.length : BAD_PER_FRAME_MAX;
    let [checked, bad] = [0, 0];
    for (const { signature, message, publicKey } of checks) {
      if (this.#crypto.verify(signature, message, publicKey)) verdicts[checked] = 1;
      else bad += 1;
      checked += 1;
      if (bad >= badMax) break;
    }
    const elapsedMs = performance.now() - startMs;
    this.#spentMs += elapsedMs;
    if (checked > 0) this.#checkMs += (elapsedMs / checked - this.#checkMs) / 8;
    return verdicts;
  }

  /** What was spent counts until the event loop has come round. */
  #markTurn(): void {
    if (this.#isTurnMarked) return;
    this.#isTurnMarked = true;
    setImmediate(() => {
      this.#isTurnMarked = false;
      this.#spentMs = 0;
    });
  }

  #send({ ticket, checks, peer }: VerifyRequest): void {
    const slices = Math.ceil(checks.length / SLICE_CHECKS_MAX);
    const pending: Pending = {
      ticket,
      verdicts: new Uint8Array(checks.length),
      missing: slices,
    };
    const ofPeer = this.#waiting.get(peer);
    if (ofPeer === undefined) this.#waiting.set(peer, [pending]);
    else ofPeer.push(pending);
    const pool = this.#workers();
    for (let at = 0; at < checks.length; at += SLICE_CHECKS_MAX) {
      pool.run({
        checks: checks.slice(at, at + SLICE_CHECKS_MAX),
        done: (verdicts) => {
          if (this.#closed) return;
          pending.verdicts.set(verdicts, at);
          pending.missing -= 1;
          if (pending.missing === 0) this.#answerOf(peer);
        },
      });
    }
  }

  /** Answers what is ready of a peer, in order. */
  #answerOf(peer: NodeId): void {
    const pending = this.#waiting.get(peer);
    for (let first = pending?.[0]; first?.missing === 0; first = pending?.[0]) {
      pending?.shift();
      if (pending?.length === 0) this.#waiting.delete(peer);
      this.#answer(first.ticket, first.verdicts);
      if (this.#closed) return;
    }
  }

  #workers(): Pick<VerifyPool, "run"> {
    if (this.#pool === undefined) {
      this.#pool = holdPool(this.#crypto);
      this.#holdsShared = true;
    }
    return this.#pool;
  }
}

/**
 * Starting workers costs hundreds of ms of processor time, on a busy host just when there is none: a
 * burst of some hundred signatures, as at a join, is checked here.
 */
const INLINE_MS_BEFORE_WORKERS = 25;
/** Half of what the event loop may be held up; the rest is for what the verdicts set in motion. */
const INLINE_MS = 5;
/** Bad signatures after which the rest of a frame is not verified in this thread. */
const BAD_PER_FRAME_MAX = 8;
/** Checks of one job: some ms of a worker, and of this thread when there are no workers. */
const SLICE_CHECKS_MAX = 64;
