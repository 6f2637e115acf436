/**
 * One node process of the demo: joins the mesh, hosts agents that work on the shared board, and
 * measures. The orchestrator starts and stops it over IPC; when that ends, so does the process.
 */
import { isMeshError } from "../../errors.ts";
import type { JoinOptions } from "../../node/api/join-options.ts";
import type { SharedMap } from "../../node/api/map.ts";
import { Mesh } from "../../node/mesh.ts";
import { type BoardEntry, settleMs } from "./board.ts";
import { FILES_MAX } from "./input-files.ts";
import {
  type FileResult,
  type FromNode,
  type Job,
  type NodeReport,
  type NodeSetup,
  type NodeTick,
  type ToNode,
  writeName,
} from "./messages.ts";
import { foldTopWords, sumCounts, TOP_WORDS_SHOWN } from "./word-count.ts";
import { runAgent } from "./worker-agent.ts";

/** A joined node and what it has seen. */
interface DemoNode {
  readonly setup: NodeSetup;
  readonly mesh: Mesh;
  readonly board: SharedMap<BoardEntry>;
  readonly mirror: Map<string, BoardEntry>;
  readonly results: SharedMap<FileResult>;
  readonly arrivals: Map<string, number>;
  /** Of the last entries of others that arrived, at most {@link RECENT_MAX}. */
  readonly recentDelaysMs: number[];
  readonly holding: Set<string>;
  readonly stop: AbortController;
  finished: number;
}

let node: DemoNode | undefined;

process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToNode) => {
  handle(message).catch(fail);
});
tell({ kind: "ready" });

async function handle(message: ToNode): Promise<void> {
  if (message.kind === "join") {
    node = await join(message);
    return;
  }
  if (node === undefined) throw new Error(`asked to ${message.kind} before joining`);
  switch (message.kind) {
    case "feed":
      await feed(node, message.root, message.paths);
      return;
    case "begin":
      await work(node);
      return;
    case "root": {
      const { root, stateRoot } = node.mesh.status();
      tell({ kind: "root", root, stateRoot });
      return;
    }
    case "report":
      tell({ kind: "report", ...reportOf(node) });
      return;
    case "leave":
      node.stop.abort();
      await node.mesh.close();
      process.exit(0);
  }
}

async function join(setup: NodeSetup): Promise<DemoNode> {
  const startMs = performance.now();
  const { mesh: name, transport, seeds } = setup;
  // Nodes are killed here, perhaps more than a quorum can spare: a flat mesh stays available.
  const whenPartitioned = "available";
  const mesh = await joinPatiently({ mesh: name, transport, seeds, whenPartitioned });
  const joinMs = performance.now() - startMs;
  const joined: DemoNode = {
    setup,
    mesh,
    board: mesh.map<BoardEntry>("board"),
    mirror: new Map(),
    results: mesh.map<FileResult>("results"),
    arrivals: new Map(),
    recentDelaysMs: [],
    holding: new Set(),
    stop: new AbortController(),
    finished: 0,
  };
  watchBoard(joined).catch(fail);
  watchResults(joined).catch(fail);
  setInterval(() => tell({ kind: "tick", ...tickOf(joined) }), TICK_MS).unref();
  tell({ kind: "joined", joinMs, addresses: mesh.addresses });
  return joined;
}

/** Ten processes that start at once on a busy machine may let a dial time out: it is retried. */
async function joinPatiently(options: JoinOptions): Promise<Mesh> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await Mesh.join(options);
    } catch (error) {
      if (!isMeshError(error) || !error.retryable || attempt >= JOIN_ATTEMPTS_MAX) throw error;
    }
  }
}

async function feed({ mesh, board }: DemoNode, root: string, paths: readonly string[]) {
  const writes = paths.map((path) => board.set(path, { state: "open" }));
  await Promise.all([...writes, mesh.register<Job>("job").set({ root, files: paths.length })]);
  tell({ kind: "fed" });
}

async function work(own: DemoNode): Promise<void> {
  const { setup, mesh, board, mirror, results, holding, recentDelaysMs, stop } = own;
  const job = mesh.register<Job>("job").get();
  if (job === undefined) throw new Error("asked to begin before the job has arrived");
  const agents = Array.from({ length: setup.agents }, (_, index) =>
    mesh.agent(`counter-${setup.node}.${index + 1}`, { capabilities: ["word-count"] }),
  );
  const loops = agents.map(({ name: by }) =>
    runAgent({
      claimant: { by, node: setup.node },
      root: job.root,
      board,
      mirror,
      results,
      paceMs: setup.paceMs,
      settleMs: () => settleMs(recentDelaysMs),
      isDone: () => doneCount(mirror) >= job.files,
      owned: (path) => {
        holding.add(path);
        tell({ kind: "owned", path, by });
      },
      released: (path, finished) => {
        holding.delete(path);
        if (finished === undefined) return;
        own.finished += 1;
        tell({ kind: "finished", path, write: writeName(path, finished) });
      },
      signal: stop.signal,
    }),
  );
  await Promise.all(loops);
}

async function watchBoard({ setup, board, mirror, recentDelaysMs, stop }: DemoNode): Promise<void> {
  const options = { signal: stop.signal, bound: FILES_MAX, initial: true };
  for await (const { key, value } of board.watch(options)) {
    if (value === undefined) continue;
    mirror.set(key, value);
    if (value.state === "open" || value.node === setup.node) continue;
    recentDelaysMs.push(Date.now() - value.atMs);
    if (recentDelaysMs.length > RECENT_MAX) recentDelaysMs.shift();
  }
}

async function watchResults(own: DemoNode): Promise<void> {
  const { setup, results, arrivals, stop } = own;
  for await (const { key, value } of results.watch({ signal: stop.signal, bound: FILES_MAX })) {
    if (value === undefined || value.node === setup.node) continue;
    const delayMs = Number(process.hrtime.bigint() - BigInt(value.atNs)) / 1e6;
    arrivals.set(writeName(key, value), delayMs);
  }
}

function tickOf({ mesh, mirror, holding, finished }: DemoNode): NodeTick {
  const { members, links, root } = mesh.status();
  const claims: [string, number][] = [];
  for (const [path, entry] of mirror) {
    if (entry.state === "claimed") claims.push([path, entry.node]);
  }
  const job = mesh.register<Job>("job").get();
  const done = doneCount(mirror);
  const files = job?.files === mirror.size ? mirror.size : 0;
  return {
    members,
    links,
    files,
    done,
    holding: [...holding],
    finished,
    claims,
    root,
  };
}

function reportOf({ results, board, arrivals }: DemoNode): NodeReport {
  const counts = [...results.entries()].map(([, result]) => result);
  return {
    totals: sumCounts(counts),
    topWords: foldTopWords(counts, TOP_WORDS_SHOWN),
    board: [...board.entries()],
    arrivals: [...arrivals],
  };
}

function doneCount(mirror: ReadonlyMap<string, BoardEntry>): number {
  let count = 0;
  for (const { state } of mirror.values()) if (state === "done") count += 1;
  return count;
}

function tell(message: FromNode): void {
  // The parent may be gone already; then "disconnect" ends this process.
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  if (node?.stop.signal.aborted === true) return;
  const code = isMeshError(error) ? error.code : "MESH_INVARIANT";
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell({ kind: "failed", code, message });
}

const TICK_MS = 100;
const RECENT_MAX = 32;
const JOIN_ATTEMPTS_MAX = 5;
