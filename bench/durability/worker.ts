/**
 * One node of the durability bench in a process of its own, through the public API alone. It
 * writes 16 bytes to one of a thousand keys of a map, as fast as its lanes allow.
 */
import { setImmediate as turn } from "node:timers/promises";
import { Mesh } from "../../src/node/mesh.ts";
import { serve } from "../lib/serve.ts";
import type { Ask, Loaded } from "./messages.ts";

let mesh: Mesh | undefined;

serve(answer);

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case "join": {
      const { dataDir, seeds } = ask;
      mesh = await Mesh.join({ mesh: "bench", dataDir, seeds });
      return mesh.addresses;
    }
    case "load":
      return load(ask);
    case "status": {
      const { reachable, root, store } = joined().status();
      return { reachable, root, store: store.kind };
    }
  }
}

/**
 * Keeps `lanes` writes under way. New ones are made once a turn of the event loop, so that frames
 * and commits take their turns too, as in a process that does anything else.
 */
async function load(ask: Extract<Ask, { kind: "load" }>): Promise<Loaded> {
  const map = joined().map<Uint8Array>("bench");
  const fromMs = performance.now() + ask.warmupMs;
  const untilMs = fromMs + ask.measuredMs;
  const latenciesMs: number[] = [];
  const failures: unknown[] = [];
  let [writes, underWay] = [0, 0];
  const write = async (): Promise<void> => {
    const atMs = performance.now();
    await map.set(`key-${writes++ % KEYS}`, VALUE, { ack: ask.ack });
    const doneMs = performance.now();
    underWay -= 1;
    if (doneMs >= fromMs && doneMs < untilMs) latenciesMs.push(doneMs - atMs);
  };
  while (performance.now() < untilMs || underWay > 0) {
    for (; underWay < ask.lanes && performance.now() < untilMs; underWay++) {
      write().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
    await turn();
  }
  const step = Math.ceil(latenciesMs.length / LATENCIES_KEPT);
  return {
    operations: latenciesMs.length,
    elapsedMs: ask.measuredMs,
    latenciesMs: latenciesMs.filter((_, i) => i % step === 0),
  };
}

function joined(): Mesh {
  if (mesh === undefined) throw new Error("this worker has not joined");
  return mesh;
}

const KEYS = 1_000;
const VALUE = new Uint8Array(16).fill(7);
const LATENCIES_KEPT = 100_000;
