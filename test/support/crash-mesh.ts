/**
 * Four real processes, each a node with a durable store, all writing; one at a time is killed at a
 * random moment and started again. Afterwards what they hold is compared with their ledgers.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Random } from "../../src/core/random.ts";
import { KEYS, readLedger } from "./crash-ledger.ts";
import type { CrashNodeOptions } from "./crash-node.ts";

export interface CrashOptions {
  readonly moments: number;
  readonly seed: number;
  readonly note: (line: string) => void;
}

/** What the run found. */
export interface CrashReport {
  readonly kills: number;
  readonly tried: number;
  readonly acknowledged: number;
  /** Acknowledged writes that a node does not hold, nor a later one of the same key. */
  readonly lost: readonly string[];
  /** Counters above what was tried, or below what was acknowledged. */
  readonly miscounted: readonly string[];
  readonly forks: readonly string[];
  /** Stores that could not be opened, or were moved aside. */
  readonly failedOpens: readonly string[];
  /** From the start of the process to the first durable acknowledgement, one a kill. */
  readonly writableMs: readonly number[];
  /** From the start of the process until it had joined, one a kill. */
  readonly joinedMs: readonly number[];
  readonly roots: number;
  readonly incarnations: number;
  readonly deltas: number;
}

interface State {
  readonly root: string;
  readonly incarnations: number;
  readonly deltas: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly values: Readonly<Record<string, number>>;
    readonly counter: number;
  }[];
}

type Line = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** One node through all its lives. */
class CrashNode {
  readonly options: CrashNodeOptions;
  readonly forks: string[] = [];
  readonly faults: string[] = [];
  #child: ChildProcess | undefined;
  #waiting = new Map<string, PromiseWithResolvers<Line>>();
  #ended: Promise<unknown> = Promise.resolve();
  #startedMs = 0;

  constructor(options: CrashNodeOptions) {
    this.options = options;
  }

  start(): void {
    this.#startedMs = performance.now();
    this.#waiting = new Map();
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(this.options)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    this.#ended = once(child, "close").then(([code, signal]) => {
      if (signal === "SIGKILL" || code === 0) return;
      this.faults.push(`node ${this.options.name} ended with ${code ?? signal}: ${stderr}`);
      for (const { reject } of this.#waiting.values()) reject(new Error(this.faults.at(-1)));
    });
    createInterface({ input: child.stdout }).on("line", (text) => this.#hear(JSON.parse(text)));
  }

  /** The first line of a kind in this life; fails when it takes longer than {@link LINE_MS}. */
  async line(kind: string): Promise<Line> {
    const line = await Promise.race([this.#wait(kind).promise, sleep(LINE_MS, undefined, REF)]);
    if (line === undefined) throw new Error(`node ${this.options.name} said no "${kind}"`);
    return line;
  }

  /** Ms from the start of this life to a line. */
  async reached(kind: string): Promise<number> {
    return Number((await this.line(kind)).atMs);
  }

  async ask(command: string, answer: string): Promise<Line> {
    this.#waiting.delete(answer);
    this.#child?.stdin?.write(`${command}\n`);
    return this.line(answer);
  }

  /** Makes it write as fast as it is acknowledged. */
  hurry(): void {
    this.#child?.stdin?.write("hurry\n");
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  #hear(line: Line): void {
    if (line.kind === "fork") this.forks.push(`${this.options.name} saw ${String(line.author)}`);
    if (line.kind === "failed") this.faults.push(String(line.error));
    if (line.quarantined !== undefined)
      this.faults.push(`moved aside: ${String(line.quarantined)}`);
    this.#wait(line.kind).resolve({ ...line, atMs: performance.now() - this.#startedMs });
  }

  #wait(kind: string): PromiseWithResolvers<Line> {
    const held = this.#waiting.get(kind) ?? Promise.withResolvers<Line>();
    // It may be rejected before anybody waits for it.
    held.promise.catch(() => undefined);
    this.#waiting.set(kind, held);
    return held;
  }
}

/** Runs the mesh through `moments` kills. @throws Error when a node does not come back at all. */
export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  const folder = mkdtempSync(join(tmpdir(), "knhk-mesh-crash-"));
  const nodes = await createNodes(folder);
  try {
    for (const node of nodes) node.start();
    for (const node of nodes) await node.reached("writable");
    const times = await killThem(nodes, options);
    for (const node of nodes) await node.ask("stop", "stopped");
    return { ...times, kills: options.moments, ...(await compare(nodes)) };
  } finally {
    for (const node of nodes) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killThem(nodes: readonly CrashNode[], { moments, seed, note }: CrashOptions) {
  const random = Random.fromSeed(BigInt(seed));
  const writableMs: number[] = [];
  const joinedMs: number[] = [];
  for (let moment = 1; moment <= moments; moment++) {
    const node = nodes[random.below(nodes.length)];
    if (node === undefined) continue;
    node.hurry();
    await sleep(random.float() * ALIVE_MS);
    await node.kill();
    await sleep(random.float() * DOWN_MS);
    node.start();
    joinedMs.push(await node.reached("joined"));
    writableMs.push(await node.reached("writable"));
    if (moment % NOTE_EVERY === 0) {
      note(
        `${moment} of ${moments} kills; slowest to write ${Math.round(Math.max(...writableMs))} ms`,
      );
    }
  }
  return { writableMs, joinedMs };
}

/** What the nodes hold against what their ledgers say. */
async function compare(nodes: readonly CrashNode[]) {
  const states = await agreed(nodes);
  const lost: string[] = [];
  const miscounted: string[] = [];
  let [tried, acknowledged] = [0, 0];
  for (const { options } of nodes) {
    const ledger = readLedger(options.ledger);
    tried += ledger.tried;
    acknowledged += ledger.acknowledged.length;
    for (const [holder, state] of states.entries()) {
      const held = state.nodes.find(({ name }) => name === options.name);
      const where = `of node ${options.name} at node ${holder + 1}`;
      const count = held?.counter ?? 0;
      if (count > ledger.tried || count < ledger.acknowledged.length) {
        const bounds = `${ledger.acknowledged.length} to ${ledger.tried}`;
        miscounted.push(`counter ${where}: ${count}, not ${bounds}`);
      }
      for (const number of ledger.acknowledged) {
        const value = held?.values[`${number % KEYS}`] ?? 0;
        if (value < number) lost.push(`write ${number} ${where}: ${value}`);
      }
    }
  }
  const [first] = states;
  return {
    tried,
    acknowledged,
    lost,
    miscounted,
    forks: nodes.flatMap((node) => node.forks),
    failedOpens: nodes.flatMap((node) => node.faults),
    roots: new Set(states.map(({ root }) => root)).size,
    incarnations: first?.incarnations ?? 0,
    deltas: first?.deltas ?? 0,
  };
}

/** The states of all nodes once their roots agree, or after a while anyway. */
async function agreed(nodes: readonly CrashNode[]): Promise<State[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const states: State[] = [];
    for (const node of nodes) {
      states.push((await node.ask("state", "state")) as unknown as State);
    }
    if (new Set(states.map(({ root }) => root)).size === 1 || waitedMs >= AGREE_MS) return states;
    await sleep(POLL_MS);
  }
}

async function createNodes(folder: string): Promise<CrashNode[]> {
  const ports = await freePorts(NODES);
  return ports.map((port, i) => {
    const name = `${i + 1}`;
    return new CrashNode({
      name,
      dataDir: join(folder, name),
      ledger: join(folder, `ledger-${name}`),
      listen: `/ip4/127.0.0.1/udp/${port}/quic-v1`,
      seeds: ports.filter((other) => other !== port).map((other) => `127.0.0.1:${other}`),
    });
  });
}

async function freePorts(count: number): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket("udp4"));
  const ports: number[] = [];
  for (const socket of sockets) {
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    ports.push(socket.address().port);
  }
  for (const socket of sockets) socket.close();
  return ports;
}

const NODES = 4;
const PROGRAM = fileURLToPath(new URL("crash-node.ts", import.meta.url));
/** A node is killed up to so long after it has written again, and stays down up to so long. */
const ALIVE_MS = 300;
const DOWN_MS = 100;
const LINE_MS = 60_000;
const REF = { ref: false } as const;
const AGREE_MS = 30_000;
const POLL_MS = 100;
const NOTE_EVERY = 25;
