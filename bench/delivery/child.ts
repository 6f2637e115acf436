/**
 * One swarm of 20 nodes in a process of its own, which publishes and counts what it costs: CPU of
 * the whole process, threads of the QUIC library included, by `process.cpuUsage`.
 * Arguments: `mesh` or `gossipsub`, publishes one by one, bursts. Prints a {@link Cost} list as JSON.
 */
import { createHash } from "node:crypto";
import { gossipsubSwarm } from "../thirdparty/gossipsub.ts";
import type { Cost } from "./cost.ts";
import { meshSwarm } from "./ours.ts";

const NODES = 20;
const BODY_BYTES = 256;
/** Messages that one node publishes at once. */
const BURST = 200;
const STUCK_MS = 30_000;

/** What is still to be delivered, and who waits for it. */
let missing = 0;
let arrived: () => void = () => undefined;
let digest = 0;

const [kind = "", single = "0", bursts = "0"] = process.argv.slice(2);
const open = kind === "mesh" ? meshSwarm : gossipsubSwarm;
const nodes = await open(NODES, (_, body) => {
  digest = (digest + (body[0] ?? 0) + (body[1] ?? 0) * 256) % 2 ** 32;
  missing -= 1;
  if (missing === 0) arrived();
});

await cost("warm", kind === "mesh" ? 200 : 20, 1);
const costs = [await cost("one by one", Number(single), 1)];
if (Number(bursts) > 0) {
  await cost("warm", 20, BURST);
  costs.push(await cost("batched", Number(bursts), BURST));
}
process.stdout.write(`${JSON.stringify(costs)}\n`);
await Promise.all(nodes.map((node) => node.close()));
process.exit();

/** `rounds` times, another node publishes `count` messages; the next one when all have arrived. */
async function cost(name: string, rounds: number, count: number): Promise<Cost> {
  digest = 0;
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await publish(round, count);
    const { user, system } = process.cpuUsage(before);
    samples.push(((user + system) * 1_000) / (count * (NODES - 1)));
  }
  const hash = createHash("sha256").update(`${digest}`).digest("hex").slice(0, 16);
  return { name, samples, hash };
}

async function publish(round: number, count: number): Promise<void> {
  missing = count * (NODES - 1);
  const all = new Promise<void>((resolve, reject) => {
    const stuck = setTimeout(
      () => reject(new Error(`${missing} deliveries are missing`)),
      STUCK_MS,
    );
    arrived = () => {
      clearTimeout(stuck);
      resolve();
    };
  });
  const bodies = Array.from({ length: count }, (_, i) => {
    const body = new Uint8Array(BODY_BYTES).fill(7);
    new DataView(body.buffer).setUint32(0, round * count + i, true);
    return body;
  });
  await Promise.all([nodes[round % NODES]?.publish(bodies), all]);
}
