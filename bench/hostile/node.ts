/** An honest node of the hostile bench, in a process of its own, through the public API alone. */
import { setTimeout as sleep } from "node:timers/promises";
import { Mesh } from "../../src/node/mesh.ts";
import { serve } from "../lib/serve.ts";
import { type Ask, type Loaded, MESH_NAME, RATE_LIMIT } from "./messages.ts";

interface Stamped {
  readonly origin: string;
  readonly atNs: string;
}

let mesh: Mesh | undefined;
let latenciesMs: number[] = [];
let floodNs: string | undefined;

serve(answer);

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case "join":
      return join(ask.seeds);
    case "load":
      return load(ask);
    case "status": {
      const { root, members } = joined().status();
      return { root, members, entries: joined().map("flood").size };
    }
    default:
      throw new Error(`${ask.kind} is the attacker's`);
  }
}

async function join(seeds: readonly string[]): Promise<readonly string[]> {
  mesh = await Mesh.join({
    mesh: MESH_NAME,
    seeds,
    rateLimitPerPeer: RATE_LIMIT,
    whenPartitioned: "available",
  });
  mesh.addEventListener("peer:refused", ({ detail }) => {
    if (detail.reason === "flood") floodNs ??= `${process.hrtime.bigint()}`;
  });
  watch(mesh).catch((error: unknown) => fail(error));
  return mesh.addresses;
}

async function watch(of: Mesh): Promise<void> {
  const own = of.status().nodeId;
  for await (const { value } of of.map<Stamped>(MAP).watch()) {
    if (value === undefined || value.origin === own) continue;
    latenciesMs.push(Number(process.hrtime.bigint() - BigInt(value.atNs)) / 1e6);
  }
}

async function load({ forMs, everyMs }: Extract<Ask, { kind: "load" }>): Promise<Loaded> {
  const map = joined().map<Stamped>(MAP);
  const origin = joined().status().nodeId;
  latenciesMs = [];
  floodNs = undefined;
  const rssBeforeBytes = process.memoryUsage.rss();
  let rssMaxBytes = rssBeforeBytes;
  const untilMs = performance.now() + forMs;
  for (let writes = 0; performance.now() < untilMs; writes++) {
    await map.set(`${origin}-${writes % KEYS}`, { origin, atNs: `${process.hrtime.bigint()}` });
    if (writes % RSS_EVERY === 0) rssMaxBytes = Math.max(rssMaxBytes, process.memoryUsage.rss());
    await sleep(everyMs);
  }
  return { latenciesMs, rssBeforeBytes, rssMaxBytes, floodNs };
}

function joined(): Mesh {
  if (mesh === undefined) throw new Error("this worker has not joined");
  return mesh;
}

function fail(error: unknown): never {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

const MAP = "bench";
const KEYS = 100;
const RSS_EVERY = 10;
