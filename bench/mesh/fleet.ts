/** The worker processes of the mesh bench: forked, asked, ended. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Answer, AnswerOf, Ask } from "./messages.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One worker process. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #asked = 0;

  constructor(profileDir: string | undefined) {
    this.#child = fork(WORKER, { execArgv: profileArguments(profileDir) });
    this.#child.on("message", (answer: Answer) => this.#settle(answer));
    this.#child.on("exit", (code) => {
      const error = new Error(`a worker ended with code ${code}`);
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
  }

  ask<K extends Ask["kind"]>(ask: Extract<Ask, { kind: K }>): Promise<AnswerOf[K]> {
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

/** Node i of a fleet lives in worker i mod (number of workers). */
export interface Fleet {
  readonly workers: readonly Worker[];
  readonly nodeCount: number;
}

export function workerOf({ workers }: Fleet, node: number): Worker {
  const worker = workers[node % workers.length];
  if (worker === undefined) throw new Error("a fleet needs a worker");
  return worker;
}

/** Answers of all workers to one ask, in one list. */
export async function askAll<K extends "status" | "collect">(
  { workers }: Fleet,
  ask: Extract<Ask, { kind: K }>,
): Promise<AnswerOf[K][number][]> {
  const answers: readonly AnswerOf[K][] = await Promise.all(
    workers.map((worker) => worker.ask<K>(ask)),
  );
  return answers.flat() as AnswerOf[K][number][];
}

function profileArguments(dir: string | undefined): string[] {
  return dir === undefined
    ? []
    : ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${dir}`];
}

const WORKER = join(import.meta.dirname, "worker.ts");
