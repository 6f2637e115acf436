/**
 * Promises of writes that wait for disks: acknowledgement levels above `local`. One that ends
 * before its level is reached rejects as uncertain: the write is in the state, and merges.
 */
import { MeshError } from "../../errors.ts";
import type { StoredLevel } from "./host.ts";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: MeshError) => void;
}

export class StoredWaiters {
  readonly #waiting: Readonly<Record<StoredLevel, Map<number, Waiter>>> = {
    durable: new Map(),
    region: new Map(),
  };
  /** The writes that failed last: a listener may read, and so fail a write before it is awaited. */
  #failed: { first: number; last: number; error: MeshError } | undefined;

  /**
   * Waits for a write's level.
   * @returns rejects with MESH_UNCERTAIN when `signal` aborts or the node gives up; its rejection
   *   is never unhandled.
   */
  wait(id: number, level: StoredLevel, signal: AbortSignal | undefined): Promise<void> {
    const waiting = this.#waiting[level];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A rejection that nobody awaits must not end the process.
    promise.catch(() => undefined);
    const failed = this.#failed;
    if (failed !== undefined && id >= failed.first && id <= failed.last) {
      reject(failed.error);
      return promise;
    }
    if (signal === undefined) {
      waiting.set(id, { resolve, reject });
      return promise;
    }
    const abort = (): void => {
      waiting.delete(id);
      reject(uncertain(level, "the wait was aborted", signal.reason));
    };
    const done = (): void => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    waiting.set(id, {
      resolve: () => {
        done();
        resolve();
      },
      reject: (error) => {
        done();
        reject(error);
      },
    });
    return promise;
  }

  /** Writes first..last that wait for a level have reached it. */
  reached(level: StoredLevel, first: number, last: number): void {
    const waiting = this.#waiting[level];
    for (let id = first; id <= last; id++) {
      waiting.get(id)?.resolve();
      waiting.delete(id);
    }
  }

  /** Writes first..last were refused after all. */
  failed(first: number, last: number, error: MeshError): void {
    this.#failed = { first, last, error };
    for (const waiting of Object.values(this.#waiting)) {
      for (let id = first; id <= last; id++) {
        waiting.get(id)?.reject(error);
        waiting.delete(id);
      }
    }
  }

  /** No level will be heard of any more. */
  giveUp(reason: string, cause?: unknown): void {
    for (const level of ["durable", "region"] as const) {
      const waiting = this.#waiting[level];
      for (const { reject } of waiting.values()) reject(uncertain(level, reason, cause));
      waiting.clear();
    }
  }
}

function uncertain(level: StoredLevel, reason: string, cause: unknown): MeshError {
  const message = `not known to be ${WORDS[level]}: ${reason}; the write stays and merges later`;
  return new MeshError("MESH_UNCERTAIN", message, { details: { ack: level, reason }, cause });
}

const WORDS = { durable: "durable", region: "stored by a quorum of the region" } as const;
