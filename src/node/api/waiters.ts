/**
 * Promises that wait for the core: acknowledgements of writes (numbered, acknowledged in ranges)
 * and answers to direct messages. A promise nobody awaits never becomes an unhandled rejection.
 */
import type { MessageOutcome } from "../../core/outputs.ts";
import { MeshError } from "../../errors.ts";

interface Waiter extends PromiseWithResolvers<void> {
  /** Ends the wait for the caller's signal. */
  stop?: () => void;
}

export class Waiters {
  readonly #writes = new Map<number, Waiter>();
  readonly #messages = new Map<bigint, Waiter>();
  readonly #outcomes = new Map<bigint, MessageOutcome>();
  /** The writes settled last: a listener may read, and so settle a write before it is awaited. */
  #settled: { first: number; last: number; error: MeshError | undefined } | undefined;

  /** Waits for the acknowledgement of a write. */
  write(id: number, signal: AbortSignal | undefined): Promise<void> {
    const settled = this.#settled;
    if (settled === undefined || id < settled.first || id > settled.last) {
      return wait(this.#writes, id, signal);
    }
    return settled.error === undefined ? Promise.resolve() : rejected(settled.error);
  }

  /** Waits for the answer to a message. */
  message(id: bigint, signal: AbortSignal | undefined): Promise<void> {
    const outcome = this.#outcomes.get(id);
    if (outcome === undefined) return wait(this.#messages, id, signal);
    this.#outcomes.delete(id);
    const error = messageError(outcome);
    return error === undefined ? Promise.resolve() : rejected(error);
  }

  /** Writes first..last are acknowledged, or have failed with `error`. */
  settleWrites(first: number, last: number, error?: MeshError): void {
    for (let id = first; id <= last; id++) settle(this.#writes, id, error);
    this.#settled = { first, last, error };
  }

  /** The answer to a message, which may come before anybody waits for it. */
  settleMessage(id: bigint, outcome: MessageOutcome): void {
    if (settle(this.#messages, id, messageError(outcome))) return;
    // Only the message being sent right now can be unawaited: sends to own agents answer at once.
    this.#outcomes.clear();
    this.#outcomes.set(id, outcome);
  }

  /** Rejects everything that still waits. */
  close(error: MeshError): void {
    for (const id of [...this.#writes.keys()]) settle(this.#writes, id, error);
    for (const id of [...this.#messages.keys()]) settle(this.#messages, id, error);
  }
}

function wait<K>(waiters: Map<K, Waiter>, id: K, signal: AbortSignal | undefined): Promise<void> {
  // One a write, and without a signal nothing else is made: writers make many.
  const waiter: Waiter = Promise.withResolvers<void>();
  waiters.set(id, waiter);
  if (signal === undefined) return waiter.promise;
  const abort = (): void => {
    waiters.delete(id);
    reject(waiter, signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  waiter.stop = () => signal.removeEventListener("abort", abort);
  return waiter.promise;
}

function reject({ promise, reject: rejectIt }: Waiter, reason: unknown): void {
  // A rejection that nobody awaits must not end the process.
  promise.catch(() => undefined);
  rejectIt(reason);
}

/** A rejection that is never unhandled. */
function rejected(error: MeshError): Promise<void> {
  const promise = Promise.reject<void>(error);
  // A rejection that nobody awaits must not end the process.
  promise.catch(() => undefined);
  return promise;
}

/** Settles a waiter; false when there is none. */
function settle<K>(waiters: Map<K, Waiter>, id: K, error: MeshError | undefined): boolean {
  const waiter = waiters.get(id);
  if (waiter === undefined) return false;
  waiters.delete(id);
  waiter.stop?.();
  if (error === undefined) waiter.resolve();
  else reject(waiter, error);
  return true;
}

function messageError(outcome: MessageOutcome): MeshError | undefined {
  switch (outcome) {
    case "accepted":
      return undefined;
    case "unknown_agent":
      return new MeshError("MESH_AGENT_UNKNOWN", "the recipient's node does not host that agent");
    case "inbox_full":
      return new MeshError("MESH_AGENT_INBOX_FULL", "the recipient's inbox is full", {
        retryable: true,
      });
    case "refused":
      return new MeshError("MESH_AGENT_UNKNOWN", "the recipient's node refused the message");
    case "timeout":
      return new MeshError("MESH_MESSAGE_TIMEOUT", "the recipient's node did not answer", {
        retryable: true,
      });
  }
}
