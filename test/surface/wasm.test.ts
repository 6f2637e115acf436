import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAYOUT_VERSION } from "../../assembly/layout.ts";

// Global in Node; TypeScript declares it in the DOM library only.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: {
      new (bytes: Uint8Array): object;
      imports(module: object): { module: string; name: string; kind: string }[];
      exports(module: object): { name: string; kind: string }[];
    };
    Memory: new (limits: { initial: number; maximum: number }) => object;
    Instance: new (
      module: object,
      imports: object,
    ) => { exports: Record<string, { value: number }> };
  };
};

const module = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, "../../build/core.wasm")),
);

test("the kernel module imports its memory and nothing else", () => {
  expect(WebAssembly.Module.imports(module)).toEqual([
    { module: "env", name: "memory", kind: "memory" },
  ]);
});

test("the kernel module exports exactly this list", () => {
  const names = WebAssembly.Module.exports(module).map(({ kind, name }) => `${kind} ${name}`);
  expect(names.sort()).toEqual([
    "function allocate",
    "function arenaLiveBytes",
    "function arenaTouchedBytes",
    "function blake3Absorb",
    "function blake3Finish",
    "function cellRead",
    "function counterOwn",
    "function counterSum",
    "function entryItems",
    "function frameApply",
    "function frameChanges",
    "function frameReserve",
    "function frameScan",
    "function groupFirst",
    "function groupLive",
    "function groupNames",
    "function hashSeed",
    "function identitiesHeld",
    "function itemsRead",
    "function lifeRead",
    "function release",
    "function replicaEntry",
    "function replicaForget",
    "function replicaFree",
    "function replicaFrontier",
    "function replicaFrontierRoot",
    "function replicaFrontierTree",
    "function replicaGroup",
    "function replicaLife",
    "function replicaLifeAt",
    "function replicaLives",
    "function replicaNewest",
    "function replicaOpen",
    "function replicaReclaim",
    "function replicaRoot",
    "function replicaStateRoot",
    "function replicaStats",
    "function selectPeers",
    "function treeCreate",
    "function treeDelete",
    "function treeFree",
    "function treeRangeDiff",
    "function treeRangeHashes",
    "function treeRangeRows",
    "function treeRoot",
    "function treeSet",
    "function treeSize",
    "function vectorCompare",
    "function vectorCreate",
    "function vectorFree",
    "function vectorMerge",
    "function vectorReserve",
    "global ARENA",
    "global HEAP_BASE",
    "global LAYOUT_VERSION",
    "global RANDOM",
    "global RESULT",
    "global ROW_HASHES",
    "global ROW_KEYS",
    "global ROW_LENGTHS",
    "global ROW_OFFSETS",
    "global ROW_OUTCOMES",
    "global ROW_REASONS",
    "global ROW_STATUSES",
    "global ROW_VERDICTS",
    "global SELECT_SCAN_MAX",
    "global STAGE",
    "global STAGE_BYTES",
  ]);
});

test("the kernel module states its layout, static data below the first region", () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  expect(exports.LAYOUT_VERSION!.value).toBe(LAYOUT_VERSION);
  expect(exports.HEAP_BASE!.value).toBeLessThanOrEqual(exports.RESULT!.value);
});
