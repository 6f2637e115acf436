/**
 * The demo's orchestrator: starts node processes, puts real work on their shared board, kills
 * nodes that hold an unfinished claim, and compares what the survivors agree on with a count made
 * in this process. It is no member of the mesh and does none of the work.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MeshError } from "../../errors.ts";
import { compiledEnvironment } from "../compile-cache.ts";
import { changedSince, findInputFiles, type InputFiles } from "./input-files.ts";
import { Ledger } from "./ledger.ts";
import type { FromNode, NodeReport } from "./messages.ts";
import { NodeProcess } from "./node-process.ts";
import { buildReport, type DemoReport, type Expected } from "./report.ts";
import { countFile, foldTopWords, sumCounts, TOP_WORDS_SHOWN } from "./word-count.ts";

export interface DemoOptions {
  readonly nodes: number;
  /** Agents on each node. */
  readonly agents: number;
  /** Nodes to kill; fewer than `nodes`. */
  readonly kill: number;
  readonly transport: "quic" | "tcp";
  /** Folder to work on; undefined: this package's own files. */
  readonly input: string | undefined;
  readonly signal: AbortSignal;
  /** Told of every step, once. */
  readonly note: (line: string) => void;
  /** Given the swarm as soon as it exists, for showing it. */
  readonly show: (swarm: Swarm) => void;
}

/** The running swarm; read by the live table. */
export interface Swarm {
  readonly options: DemoOptions;
  readonly files: InputFiles;
  readonly nodes: readonly NodeProcess[];
  readonly ledger: Ledger;
  readonly startMs: number;
}

/** @throws MeshError MESH_DEMO_FAILED, MESH_CONTROL_REQUEST; the signal's reason. */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const startMs = performance.now();
  const startWallMs = Date.now();
  const files = await findInputFiles(options.input);
  const ledger = new Ledger();
  const nodes: NodeProcess[] = [];
  const swarm: Swarm = { options, files, nodes, ledger, startMs };
  const endAll = (): void => {
    for (const node of nodes) if (node.isAlive) void node.kill();
  };
  process.once("exit", endAll);
  options.signal.addEventListener("abort", endAll, { once: true });
  try {
    const listener = (node: NodeProcess, message: FromNode) => ledger.enter(node.number, message);
    step(swarm, `counting ${files.paths.length} files in this process, to compare with`);
    const expected = await expectedOf(files);
    step(swarm, `starting ${options.nodes} node processes on loopback over ${options.transport}`);
    const environment = await compiledEnvironment(() => import("../../node/mesh.ts"));
    for (let number = 1; number <= options.nodes; number++) {
      nodes.push(new NodeProcess(number, environment, listener));
    }
    options.show(swarm);
    const joinMs = await joinAll(swarm);
    await feed(swarm);
    await work(swarm);
    const { convergedMs, roots } = await converge(swarm);
    step(swarm, "collecting the survivors' reports");
    const reports = await Promise.all(survivors(swarm).map(report));
    step(swarm, "leaving the mesh");
    await Promise.all(survivors(swarm).map((node) => node.leave()));
    const wallMs = performance.now() - startMs;
    const changed = await changedSince(files, startWallMs);
    return buildReport({ swarm, expected, joinMs, convergedMs, roots, reports, wallMs, changed });
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", endAll);
    process.removeListener("exit", endAll);
    await Promise.all(nodes.filter((node) => node.isAlive).map((node) => node.kill()));
  }
}

/** Starts the first node alone, then the others through it. @returns their joining times. */
async function joinAll(swarm: Swarm): Promise<number[]> {
  const { options, nodes } = swarm;
  const mesh = `demo-${randomBytes(6).toString("hex")}`;
  const victims = victimsOf(swarm);
  const join = async (node: NodeProcess, seeds: readonly string[]) => {
    const { agents, transport } = options;
    const paceMs = victims.includes(node) ? VICTIM_PACE_MS : 0;
    node.send({ kind: "join", node: node.number, mesh, transport, seeds, agents, paceMs });
    return node.expect("joined", JOIN_MS);
  };
  await Promise.all(nodes.map((node) => node.expect("ready", START_MS)));
  step(swarm, "joining the mesh");
  const [first, ...others] = nodes;
  if (first === undefined) return [];
  const seed = await join(first, []);
  const seeds = seed.addresses.slice(0, 1);
  const joined = await Promise.all(others.map((node) => join(node, seeds)));
  await until(swarm, "every node knows every other", JOIN_MS, () =>
    nodes.every(({ tick }) => tick?.members === nodes.length),
  );
  return (others.length === 0 ? [seed] : joined).map(({ joinMs }) => joinMs);
}

async function feed(swarm: Swarm): Promise<void> {
  const { files, nodes } = swarm;
  step(swarm, `putting ${files.paths.length} files on the shared board (${files.label})`);
  const { root, paths } = files;
  nodes[0]?.send({ kind: "feed", root, paths });
  await nodes[0]?.expect("fed", FEED_MS);
  await until(swarm, "the board reaches every node", FEED_MS, () =>
    nodes.every(({ tick }) => tick?.files === paths.length),
  );
}

/** Lets the agents work, kills the victims while they hold a claim, waits for the last file. */
async function work(swarm: Swarm): Promise<void> {
  const { nodes, files } = swarm;
  const victims = victimsOf(swarm);
  const total = files.paths.length;
  for (const victim of victims) begin(victim);
  if (victims.length > 0) {
    const names = victims.map(({ number }) => number).join(", ");
    step(swarm, `node ${names} begins first and works slowly, to be killed while it holds a claim`);
    await until(swarm, "the slow nodes hold claims", CLAIM_MS, () =>
      victims.every(({ number }) => swarm.ledger.heldBy(number).length > 0),
    );
  }
  for (const node of nodes) if (!victims.includes(node)) begin(node);
  step(swarm, `${swarm.options.nodes * swarm.options.agents} agents claim and count files`);
  for (const victim of victims) await killHolding(swarm, victim);
  const patienceMs = WORK_MS + total * WORK_MS_PER_FILE;
  await until(swarm, "every file is done", patienceMs, () =>
    survivors(swarm).every(({ tick }) => tick?.done === total),
  );
}

/** Kills a node at a moment when it holds a claim that another live node sees on its board. */
async function killHolding(swarm: Swarm, victim: NodeProcess): Promise<void> {
  const { ledger, nodes } = swarm;
  const { number } = victim;
  const isSeen = (path: string): boolean =>
    nodes.some(
      ({ number: other, isAlive, tick }) =>
        other !== number &&
        isAlive &&
        tick?.claims.some(([at, by]) => at === path && by === number),
    );
  await until(swarm, `node ${number} holds a claim that others see`, CLAIM_MS, () =>
    ledger.heldBy(number).some(isSeen),
  );
  await victim.kill();
  // What it said before it died has arrived by now: only what is still unfinished counts.
  const held = ledger.heldBy(number);
  ledger.killed.push({ node: number, held });
  step(swarm, `killed node ${number} (SIGKILL) while it held ${held.join(", ") || "nothing"}`);
}

/** Asks the survivors for their roots until all are equal. */
async function converge(swarm: Swarm): Promise<{ convergedMs: number; roots: readonly string[] }> {
  step(swarm, "all files are done; comparing the roots");
  const doneMs = performance.now();
  while (true) {
    const roots = await Promise.all(survivors(swarm).map(root));
    const convergedMs = performance.now() - doneMs;
    if (new Set(roots).size === 1 || convergedMs > CONVERGE_MS) return { convergedMs, roots };
    await delay(POLL_MS, undefined, { signal: swarm.options.signal });
  }
}

async function root(node: NodeProcess): Promise<string> {
  node.send({ kind: "root" });
  return (await node.expect("root", ANSWER_MS)).root;
}

function report(node: NodeProcess): Promise<NodeReport> {
  node.send({ kind: "report" });
  return node.expect("report", ANSWER_MS);
}

/** The same files, one after the other, in this process. */
async function expectedOf({ root, paths }: InputFiles): Promise<Expected> {
  const counts = [];
  for (const path of paths) counts.push(await countFile(join(root, path)));
  return { totals: sumCounts(counts), topWords: foldTopWords(counts, TOP_WORDS_SHOWN) };
}

function begin(node: NodeProcess): void {
  node.state = "working";
  node.send({ kind: "begin" });
}

/** The last nodes: everybody joins through the first. */
function victimsOf({ options, nodes }: Swarm): readonly NodeProcess[] {
  return options.kill === 0 ? [] : nodes.slice(-options.kill);
}

function survivors({ nodes }: Swarm): readonly NodeProcess[] {
  return nodes.filter(({ isAlive }) => isAlive);
}

function step(swarm: Swarm, line: string): void {
  const seconds = (performance.now() - swarm.startMs) / 1000;
  swarm.options.note(`${seconds.toFixed(1).padStart(5)} s  ${line}`);
}

/** Waits for a condition on what the nodes have told. */
async function until(
  swarm: Swarm,
  what: string,
  timeoutMs: number,
  holds: () => boolean,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!holds()) {
    for (const node of swarm.nodes) node.throwIfFailed();
    if (performance.now() > deadlineMs) {
      const ticks = swarm.nodes.map(({ number, state, tick }) => ({ node: number, state, tick }));
      throw new MeshError("MESH_DEMO_FAILED", `after ${timeoutMs} ms it is not so that ${what}`, {
        details: { waitedFor: what, nodes: ticks },
      });
    }
    await delay(POLL_MS, undefined, { signal: swarm.options.signal });
  }
}

/** How long a victim's agent takes for a file: long enough to be killed holding it. */
const VICTIM_PACE_MS = 5_000;
// Patience for a busy machine; an idle one needs a few seconds in all.
const START_MS = 120_000;
const JOIN_MS = 120_000;
const FEED_MS = 60_000;
const CLAIM_MS = 60_000;
const WORK_MS = 60_000;
const WORK_MS_PER_FILE = 100;
const CONVERGE_MS = 30_000;
const ANSWER_MS = 30_000;
const POLL_MS = 20;
