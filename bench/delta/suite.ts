/**
 * Suite `delta`: applying remote updates of one map, here and in the libraries that people would
 * use instead. Every implementation gets the same writes and must end with the same map.
 */
import { createReferenceKernels } from "../../src/kernels/reference/kernels.ts";
import { createWasmKernels } from "../../src/kernels/wasm/kernels.ts";
import { type MicroCase, runMicro } from "../lib/micro.ts";
import type { Measured, Ratio, Result, SuiteOptions } from "../lib/report.ts";
import { TICK_NS } from "../lib/table.ts";
import { automerge, loro, type MapPeer, type MapReader, yjs } from "../thirdparty/documents.ts";
import { agentCases } from "./agents.ts";
import { best, ours } from "./ours.ts";

/** @throws Error when two implementations end with different maps. */
export async function runDeltaSuite(options: SuiteOptions): Promise<Measured> {
  const peers = [
    ours(createWasmKernels()),
    best(createReferenceKernels()),
    ours(createReferenceKernels()),
    await yjs(),
    await loro(),
    await automerge(),
  ];
  const cases = [
    ...peers.map((peer) => applyCase(peer, { name: "apply-1", size: 1, updates: 200 })),
    ...peers
      .filter(({ name }) => name !== "automerge")
      .map((peer) => applyCase(peer, { name: "apply-100", size: 100, updates: 20 })),
  ];
  const results = await runMicro(cases, options);
  const roomy = createWasmKernels();
  results.push(...(await runMicro(agentCases(roomy, AGENTS), options)));
  for (const row of results) {
    const first = results.find(({ name, n }) => name === row.name && n === row.n);
    if (first?.hash !== row.hash) throw new Error(`${row.name}: ${row.impl} has another map`);
  }
  return { results, ratios: ratiosOf(results) };
}

/** One sample applies all updates to a fresh reader of the filled map; the figure is per operation. */
function applyCase(
  peer: MapPeer,
  { name, size, updates }: { name: string; size: number; updates: number },
): MicroCase {
  const filling = Array.from({ length: KEYS / FILL }, (_, at) => batchOf(at * FILL, FILL));
  const batches = Array.from({ length: updates }, (_, at) => batchOf(KEYS + at * size, size));
  const written = peer.write([...filling, ...batches]);
  const first = filling.length;
  if (written.length !== first + updates) throw new Error(`${peer.name}: updates are missing`);
  let reader: MapReader | undefined;
  const open = (): MapReader => {
    reader?.free();
    reader = peer.open();
    for (const update of written.slice(0, first)) reader.apply(update);
    return reader;
  };
  const applyAll = (to: MapReader): void => {
    for (let at = first; at < written.length; at++) to.apply(written[at] as Uint8Array);
  };
  return {
    name,
    impl: peer.name,
    n: size,
    callsPerSample: updates * size,
    prepare: () => void open(),
    run: () => {
      if (reader !== undefined) applyAll(reader);
      return written.length;
    },
    produce: () => {
      const fresh = open();
      applyAll(fresh);
      return fresh
        .entries()
        .map(([key, value]) => `${key}=${Buffer.from(value).toString("hex")}`)
        .sort()
        .join();
    },
  };
}

/** Writes `first` to `first + count` of the workload: 1,000 keys in turn, 16-byte values. */
function batchOf(first: number, count: number): [string, Uint8Array][] {
  return Array.from({ length: count }, (_, i) => {
    const write = first + i;
    const value = new Uint8Array(16).fill(write % 251);
    return [`key${(write * 7) % KEYS}`, value];
  });
}

function ratiosOf(results: readonly Result[]): Ratio[] {
  const p50 = (name: string, impl: string): number =>
    results.find((row) => row.name === name && row.impl === impl)?.p50 ?? Number.NaN;
  const over = (name: string, impl: string): number => p50(name, impl) / p50(name, "wasm");
  return [
    { name: "apply-1-ticks", value: p50("apply-1", "wasm") / TICK_NS, needed: "<= 3" },
    { name: "apply-100-ticks-per-op", value: p50("apply-100", "wasm") / TICK_NS, needed: "<= 0.5" },
    { name: "apply-1-vs-yjs", value: over("apply-1", "yjs"), needed: ">= 9" },
    { name: "apply-100-vs-yjs", value: over("apply-100", "yjs"), needed: ">= 9" },
    { name: "apply-100-vs-loro", value: over("apply-100", "loro"), needed: ">= 1" },
    { name: "apply-1-vs-automerge", value: over("apply-1", "automerge"), needed: ">= 100" },
    { name: "js-best-vs-wasm-apply-100", value: over("apply-100", "js-best"), needed: ">= 3" },
    { name: "reference-vs-wasm-apply-100", value: over("apply-100", "reference"), needed: "" },
  ].filter(({ value }) => !Number.isNaN(value));
}

/** Agents of the curve. */
const AGENTS = [10, 1_000, 100_000, 1_000_000];
const KEYS = 1_000;
/** Writes of one update while the map is filled. */
const FILL = 100;
