/**
 * One process of the mesh bench: hosts nodes, writes when asked, and notes when its watches show
 * the writes of others. It uses the public API alone, as an agent's process would.
 */

import { Mesh } from "../../src/node/mesh.ts";
import { shortHash } from "../lib/micro.ts";
import { serve } from "../lib/serve.ts";
import { type Ask, contentText, type Sightings, type Stamped } from "./messages.ts";

interface Hosted {
  readonly mesh: Mesh;
  readonly seen: [number, number][];
}

const nodes = new Map<number, Hosted>();

serve(answer);

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case "join":
      return join(ask);
    case "write":
      return write(ask.node, ask.write);
    case "status":
      return [...nodes].map(([node, { mesh }]) => {
        const { members, reachable, root } = mesh.status();
        return { node, members, reachable, root };
      });
    case "collect":
      return [...nodes].map(([node, hosted]) => collect(node, hosted));
    case "leave":
      await hostedOf(ask.node).mesh.close();
      nodes.delete(ask.node);
      return null;
  }
}

async function join({ node, transport, seeds }: Extract<Ask, { kind: "join" }>): Promise<unknown> {
  const start = performance.now();
  const mesh = await Mesh.join({ mesh: "bench", transport, seeds });
  const ms = performance.now() - start;
  const hosted: Hosted = { mesh, seen: [] };
  nodes.set(node, hosted);
  watch(node, hosted).catch((error: unknown) => fail(error));
  return { ms, addresses: mesh.addresses };
}

async function watch(node: number, { mesh, seen }: Hosted): Promise<void> {
  for await (const { value } of mesh.map<Stamped>(MAP).watch()) {
    const now = process.hrtime.bigint();
    if (value === undefined || value.origin === node) continue;
    seen.push([value.write, Number(now - BigInt(value.atNs)) / 1e6]);
  }
}

async function write(node: number, number: number): Promise<null> {
  const map = hostedOf(node).mesh.map<Stamped>(MAP);
  const atNs = `${process.hrtime.bigint()}`;
  await map.set(`write-${number}`, { write: number, origin: node, atNs });
  return null;
}

function collect(node: number, { mesh, seen }: Hosted): Sightings {
  const origins = new Map<number, number>();
  for (const [, value] of mesh.map<Stamped>(MAP).entries()) origins.set(value.write, value.origin);
  return { node, seen, contentHash: shortHash(contentText(origins)) };
}

function hostedOf(node: number): Hosted {
  const hosted = nodes.get(node);
  if (hosted === undefined) throw new Error(`node ${node} is not here`);
  return hosted;
}

function fail(error: unknown): never {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

const MAP = "bench";
