/**
 * Threads that check signatures, one pool a process and backend however many nodes it runs.
 *
 * A thread takes some hundred ms to start: until one is there, jobs are done in this one, some in each turn
 * of the event loop, and none is started before that would take too long. They are gone when the last
 * user has left. Each has at most BATCHES_PER_WORKER_MAX batches posted; the rest wait here, bounded by
 * what the cores let wait (CHECKS_PER_PEER_MAX), and leave together: what gets done must not depend on
 * how often this one's event loop comes round. A thread that fails takes no node down: its jobs, and all
 * that follow, are done in this one.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SignatureCheck } from "../../core/outputs.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import { packChecks } from "./packed-checks.ts";

export interface VerifyJob {
  readonly checks: readonly SignatureCheck[];
  readonly done: (verdicts: Uint8Array) => void;
}

export interface VerifyPoolOptions {
  /** Checks in this thread when there are no others. */
  readonly crypto: Crypto;
  /** The program of the threads; tests put one here that fails. */
  readonly file?: URL;
}

interface Thread {
  readonly worker: Worker;
  readonly posted: (readonly VerifyJob[])[];
  /** It has loaded its code, and said so. */
  isReady: boolean;
}

export class VerifyPool {
  readonly #crypto: Crypto;
  readonly #file: URL;
  readonly #threads: Thread[] = [];
  #waiting: VerifyJob[] = [];
  #isRunningHere = false;
  #failed = false;
  #closed = false;

  constructor({ crypto, file = new URL(WORKER_FILE, import.meta.url) }: VerifyPoolOptions) {
    this.#crypto = crypto;
    this.#file = file;
  }

  /** Threads that run. */
  get threads(): number {
    return this.#threads.length;
  }

  /** Takes a job; `done` is called in a later turn, unless the pool closes before. */
  run(job: VerifyJob): void {
    if (this.#closed) return;
    this.#waiting.push(job);
    if (this.#wantsThread()) this.#start();
    this.#post();
    this.#runHere();
  }

  /** Ends the threads; jobs that are not done are dropped. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  #wantsThread(): boolean {
    if (this.#failed || this.#threads.length >= threadsHere) return false;
    if (this.#freest() !== undefined) return false;
    return this.#waiting.reduce((sum, { checks }) => sum + checks.length, 0) >= START_CHECKS;
  }

  #start(): void {
    const worker = new Worker(this.#file, { workerData: { backend: this.#crypto.backend } });
    const thread: Thread = { worker, posted: [], isReady: false };
    // A node that waits for nothing but its checks is waited for by its other handles.
    worker.unref();
    worker.on("message", (verdicts: Uint8Array) => {
      if (!thread.isReady) {
        thread.isReady = true;
        return this.#post();
      }
      const batch = thread.posted.shift() ?? [];
      this.#post();
      let at = 0;
      for (const { checks, done } of batch) {
        done(verdicts.subarray(at, at + checks.length));
        at += checks.length;
      }
    });
    worker.on("error", () => this.#fail());
    worker.on("exit", () => this.#fail());
    this.#threads.push(thread);
  }

  #freest(): Thread | undefined {
    let freest: Thread | undefined;
    for (const thread of this.#threads) {
      if (!thread.isReady || thread.posted.length >= BATCHES_PER_WORKER_MAX) continue;
      if (freest === undefined || thread.posted.length < freest.posted.length) freest = thread;
    }
    return freest;
  }

  #post(): void {
    for (let thread = this.#freest(); thread !== undefined; thread = this.#freest()) {
      const batch = this.#takeBatch(BATCH_CHECKS_MAX);
      if (batch.length === 0) return;
      const packed = packChecks(batch.flatMap(({ checks }) => checks));
      thread.posted.push(batch);
      thread.worker.postMessage(packed, [packed.buffer]);
    }
  }

  /** The next jobs, of so many checks together; one at least. */
  #takeBatch(checksMax: number): readonly VerifyJob[] {
    let [count, checks] = [0, 0];
    for (const job of this.#waiting) {
      checks += job.checks.length;
      if (count > 0 && checks > checksMax) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #fail(): void {
    if (this.#closed || this.#failed) return;
    this.#failed = true;
    const threads = this.#threads.splice(0);
    this.#waiting = [...threads.flatMap(({ posted }) => posted.splice(0).flat()), ...this.#waiting];
    // A thread that cannot be ended is idle from here on: nothing is posted to it.
    for (const { worker } of threads) worker.terminate().catch(() => undefined);
    this.#runHere();
  }

  /** Does what waits in this thread, some in each turn, as long as there is no other. */
  #runHere(): void {
    if (this.#isRunningHere || this.#waiting.length === 0) return;
    if (this.#threads.some(({ isReady }) => isReady)) return;
    this.#isRunningHere = true;
    setImmediate(() => {
      this.#isRunningHere = false;
      for (const { checks, done } of this.#takeBatch(TURN_CHECKS_MAX)) {
        const verdicts = Uint8Array.from(checks, ({ signature, message, publicKey }) =>
          this.#crypto.verify(signature, message, publicKey) ? 1 : 0,
        );
        done(verdicts);
      }
      this.#runHere();
    });
  }
}

interface SharedPool {
  readonly pool: VerifyPool;
  users: number;
}

const shared = new Map<string, SharedPool>();

/** The pool of this process for a backend, until {@link releasePool}. */
export function holdPool(crypto: Crypto): VerifyPool {
  const held = shared.get(crypto.backend) ?? { pool: new VerifyPool({ crypto }), users: 0 };
  held.users += 1;
  shared.set(crypto.backend, held);
  return held.pool;
}

/** Undoes one holdPool; the last one ends the threads. */
export async function releasePool(crypto: Crypto): Promise<void> {
  const held = shared.get(crypto.backend);
  if (held === undefined) return;
  held.users -= 1;
  if (held.users > 0) return;
  shared.delete(crypto.backend);
  await held.pool.close();
}

const WORKER_FILE = import.meta.url.endsWith(".ts") ? "./verify-worker.ts" : "./verify-worker.js";
const THREADS_MAX = 4;
/** One core is left to the event loop. */
const threadsHere = Math.max(1, Math.min(THREADS_MAX, availableParallelism() - 1));
/** One that is checked and one that lies ready. */
const BATCHES_PER_WORKER_MAX = 2;
/** So many that wait are some 50 ms of this thread's time, and worth a start. */
const START_CHECKS = 1_024;
/** In one turn of this thread's event loop, some ms of it; as many as a job has at most. */
const TURN_CHECKS_MAX = 64;
/** Some 20 ms of a worker's time. */
const BATCH_CHECKS_MAX = 256;
