/**
 * Who checks the signatures a core asks for: this thread as long as it is quick, workers when the
 * backlog asks for it, so that the event loop goes on.
 *
 * 1. In one turn of the event loop this thread spends INLINE_MS of processor time on signatures; the rest
 *    goes to the pool, in slices of SLICE_CHECKS_MAX. Time in which the thread did not run is not
 *    counted: a busy host would have workers do everything.
 * 2. Order holds per peer: its requests are answered in the order in which they were made.
 * 3. What has been verified is not verified again, whichever thread did it.
 * 4. What waits is bounded by the core, per peer (core/trust/tickets.ts).
 */
import type { NodeId } from "../../core/node-id.ts";
import type { SignatureCheck, VerifyRequest } from "../../core/outputs.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import { BACKEND_NAMES } from "../signature/backend.ts";
import { isPackable } from "./packed-checks.ts";
import { VerifiedMemory } from "./verified-memory.ts";
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
  /** Verdicts that the workers still owe. */
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
  readonly #verified = new VerifiedMemory();
  /** Of this thread's processor time, in this turn. */
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
    const { ticket, checks, peer } = request;
    const verdicts = new Uint8Array(checks.length);
    const left = this.#checkHere(request, verdicts);
    const ofPeer = this.#waiting.get(peer);
    // What a peer sends behind its Hello is refused until that is taken.
    if (left.length === 0 && (ofPeer === undefined || request.isAwaited)) return verdicts;
    const pending = { ticket, verdicts, missing: left.length };
    if (ofPeer === undefined) this.#waiting.set(peer, [pending]);
    else ofPeer.push(pending);
    if (left.length > 0) this.#send(peer, checks, pending, left);
    return undefined;
  }

  /** Drops what waits. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.clear();
    if (this.#holdsShared) await releasePool(this.#crypto);
  }

  #hasWorkers(): boolean {
    return this.#ownPool || (BACKEND_NAMES as readonly string[]).includes(this.#crypto.backend);
  }

  /**
   * Judges what is known, and verifies as long as this turn's time lasts. A frame whose signatures
   * fail again and again is given up: the rest counts as bad, unread. Its sender has handed on what it
   * cannot have verified; what was good in it comes back by repair.
   * @returns places of the checks that are left for the workers.
   */
  #checkHere({ checks, peer, isAwaited }: VerifyRequest, verdicts: Uint8Array): readonly number[] {
    const left: number[] = [];
    const budgetMs = isAwaited || !this.#hasWorkers() ? Number.POSITIVE_INFINITY : INLINE_MS;
    let bad = 0;
    for (const [at, check] of checks.entries()) {
      if (this.#verified.knows(check)) verdicts[at] = 1;
      else if (this.#spentMs >= budgetMs && isPackable(check)) left.push(at);
      else if (this.#verify(check)) verdicts[at] = 1;
      else bad += 1;
      if (bad >= BAD_PER_FRAME_MAX && peer !== this.#self) break;
    }
    return left;
  }

  #verify(check: SignatureCheck): boolean {
    this.#markTurn();
    const { signature, message, publicKey } = check;
    const start = process.threadCpuUsage();
    const holds = this.#crypto.verify(signature, message, publicKey);
    const { user, system } = process.threadCpuUsage(start);
    this.#spentMs += (user + system) / 1_000;
    if (holds) this.#verified.add(check);
    return holds;
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

  #send(
    peer: NodeId,
    checks: readonly SignatureCheck[],
    pending: Pending,
    left: readonly number[],
  ): void {
    const pool = this.#workers();
    for (let from = 0; from < left.length; from += SLICE_CHECKS_MAX) {
      const places = left.slice(from, from + SLICE_CHECKS_MAX);
      const slice = places.flatMap((at) => checks[at] ?? []);
      pool.run({
        checks: slice,
        done: (verdicts) => {
          if (this.#closed) return;
          for (const [i, check] of slice.entries()) {
            if (verdicts[i] !== 1) continue;
            pending.verdicts[places[i] ?? 0] = 1;
            this.#verified.add(check);
          }
          pending.missing -= slice.length;
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

/** Half of what the event loop may be held up; the rest is for what the verdicts set in motion. */
const INLINE_MS = 5;
/** Bad signatures after which the rest of a frame is not verified in this thread. */
const BAD_PER_FRAME_MAX = 8;
/** Checks of one job: some ms of a worker, and of this thread when there are no workers. */
const SLICE_CHECKS_MAX = 64;
