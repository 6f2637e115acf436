/**
 * One forked node process of the demo, as its parent sees it. Its output is kept (the last lines)
 * for the report of a failure. It ends with its parent: the closing IPC channel ends it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MeshError } from "../../errors.ts";
import type { FromNode, NodeTick, ToNode } from "./messages.ts";

type Kind = FromNode["kind"];
type Of<K extends Kind> = Extract<FromNode, { kind: K }>;

export type NodeState = "starting" | "joined" | "working" | "killed" | "exited";

export class NodeProcess {
  /** From 1. */
  readonly number: number;
  state: NodeState = "starting";
  tick: NodeTick | undefined;
  readonly #child: ChildProcess;
  readonly #exit = Promise.withResolvers<void>();
  readonly #waiters = new Map<Kind, PromiseWithResolvers<FromNode>>();
  readonly #early = new Map<Kind, FromNode>();
  #output = "";
  #failure: MeshError | undefined;

  /** @param env the child's environment. @param listener told of every message, after it has been entered here. */
  constructor(
    number: number,
    env: NodeJS.ProcessEnv,
    listener: (node: NodeProcess, message: FromNode) => void,
  ) {
    this.number = number;
    this.#child = fork(WORKER_PATH, { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS_MAX);
      });
    }
    this.#child.on("message", (message: FromNode) => {
      this.#enter(message);
      listener(this, message);
    });
    this.#child.on("error", (cause) => this.#fail("cannot be started", cause));
    this.#child.on("exit", (code, signal) => {
      this.#exit.resolve();
      if (this.state === "killed") return;
      this.state = "exited";
      this.#fail(`ended early (${signal ?? `exit code ${code}`})`);
    });
  }

  get isAlive(): boolean {
    return this.state !== "killed" && this.state !== "exited";
  }

  send(message: ToNode): void {
    if (this.isAlive && this.#child.connected) this.#child.send(message);
  }

  /**
   * The next message of a kind, or the last one that nobody waited for.
   * @throws MeshError MESH_DEMO_FAILED when the process fails or ends first, or takes too long.
   */
  async expect<K extends Kind>(kind: K, timeoutMs: number): Promise<Of<K>> {
    const early = this.#early.get(kind);
    if (early !== undefined) {
      this.#early.delete(kind);
      return early as Of<K>;
    }
    if (this.#failure !== undefined) throw this.#failure;
    const waiter = Promise.withResolvers<FromNode>();
    this.#waiters.set(kind, waiter);
    const timer = setTimeout(
      () => this.#fail(`did not say "${kind}" in ${timeoutMs} ms`),
      timeoutMs,
    );
    try {
      return (await waiter.promise) as Of<K>;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The first failure of this process so far. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** SIGKILL to this forked process alone; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.isAlive) this.state = "killed";
    this.#child.kill("SIGKILL");
    await this.#exit.promise;
  }

  /** Asks the process to leave the mesh and end; kills it when it does not. */
  async leave(): Promise<void> {
    if (!this.isAlive) return;
    this.send({ kind: "leave" });
    this.state = "killed"; // Its end is wanted from here on.
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_MS);
    await this.#exit.promise;
    clearTimeout(timer);
  }

  #enter(message: FromNode): void {
    if (message.kind === "tick") this.tick = message;
    if (message.kind === "joined") this.state = "joined";
    if (message.kind === "failed") this.#fail(`${message.code}: ${message.message}`);
    const waiter = this.#waiters.get(message.kind);
    this.#waiters.delete(message.kind);
    if (waiter !== undefined) waiter.resolve(message);
    else if (KEPT.has(message.kind)) this.#early.set(message.kind, message);
  }

  #fail(what: string, cause?: unknown): void {
    this.#failure ??= new MeshError("MESH_DEMO_FAILED", `node process ${this.number} ${what}`, {
      details: { node: this.number, lastOutput: this.#output },
      cause,
    });
    for (const { reject } of this.#waiters.values()) reject(this.#failure);
    this.#waiters.clear();
  }
}

/** Answers that may come before they are waited for. */
const KEPT: ReadonlySet<Kind> = new Set<Kind>(["ready", "joined", "fed", "root", "report"]);
const OUTPUT_CHARACTERS_MAX = 2_000;
/** A node that leaves says goodbye and flushes; longer it does not get. */
const LEAVE_MS = 6_000;
/** Beside this file, as TypeScript from source and as JavaScript when built. */
const WORKER_PATH = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url),
);
