/** The worker processes of the mesh bench: forked, asked, ended. */
import { join } from "node:path";
import { Worker } from "../lib/worker.ts";
import type { AnswerOf, Ask } from "./messages.ts";

export type MeshWorker = Worker<Ask, AnswerOf>;

export function startWorker(profileDir: string | undefined): MeshWorker {
  return new Worker(WORKER, profileDir);
}

/** Node i of a fleet lives in worker i mod (number of workers). */
export interface Fleet {
  readonly workers: readonly MeshWorker[];
  readonly nodeCount: number;
}

export function workerOf({ workers }: Fleet, node: number): MeshWorker {
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

const WORKER = join(import.meta.dirname, "worker.ts");
