/** A worker process of a bench: forked, asked over its IPC channel, ended. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One worker process. */
export class Worker<A extends { readonly kind: string }, Answers extends object> {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #asked = 0;

  /** @param file the worker's program. @param profileDir folder for its CPU profile. */
  constructor(file: string, profileDir: string | undefined) {
    this.#child = fork(file, { execArgv: profileArguments(profileDir) });
    this.#child.on("message", (answer: Answer) => this.#settle(answer));
    this.#child.on("exit", (code) => {
      const error = new Error(`a worker ended with code ${code}`);
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
  }

  ask<K extends A["kind"] & keyof Answers>(ask: Extract<A, { kind: K }>): Promise<Answers[K]> {
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ ...ask, id });
    });
  }

  /** Lets the worker go: it exits when the channel closes, and writes its profile if it has one. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("error" in answer) pending?.reject(new Error(answer.error));
    else pending?.resolve(answer.value);
  }
}

function profileArguments(dir: string | undefined): string[] {
  return dir === undefined
    ? []
    : ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${dir}`];
}
