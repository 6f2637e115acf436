/**
 * A node with a durable store that is killed while it writes, in a process of its own:
 *
 *     node test/support/crash-node.ts '{"name", "dataDir", "ledger", "listen", "seeds"}'
 *
 * Prints JSON lines: when it is joined, when its first durable write is acknowledged, forks, and
 * answers to its standard input: `hurry` makes it write without rest, `stop` ends the writing,
 * `state` tells what it holds.
 */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { isMeshError } from "../../src/errors.ts";
import { Mesh } from "../../src/node/mesh.ts";
import { KEYS, LedgerWriter } from "./crash-ledger.ts";

/** What the process is started with. */
export interface CrashNodeOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly ledger: string;
  readonly listen: string;
  readonly seeds: readonly string[];
}

const LANES = 16;
/** Mean rest of a lane between its writes until it is told to hurry, so that history stays short. */
const REST_MS = 1_000;
/** A refused lane tries again after so long. */
const REFUSED_MS = 20;
/** After so long a write counts as uncertain and the lane goes on. */
const ACK_MS = 10_000;

const options = JSON.parse(process.argv[2] ?? "") as CrashNodeOptions;
const { name, dataDir, listen, seeds } = options;
const ledger = new LedgerWriter(options.ledger);
const mesh = await Mesh.join({
  mesh: "crash",
  dataDir,
  listen: [listen],
  seeds,
  allowAlone: true,
});
mesh.addEventListener("fork", ({ detail }) => say({ kind: "fork", author: detail.author }));
mesh.addEventListener("failed", ({ detail }) =>
  say({ kind: "failed", error: String(detail.error) }),
);
say({ kind: "joined", quarantined: mesh.status().store.quarantined });

let stopped = false;
let writable = false;
const hurry = Promise.withResolvers<void>();
const map = mesh.map<number>(`map-${name}`);
const counter = mesh.counter(`counter-${name}`);
const lanes = Promise.all(Array.from({ length: LANES }, () => lane()));

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "stop") {
    stopped = true;
    hurry.resolve();
    await lanes;
    say({ kind: "stopped" });
  } else if (line === "hurry") {
    hurry.resolve();
  } else if (line === "state") {
    say({ kind: "state", ...state() });
  }
}

async function lane(): Promise<void> {
  while (!stopped) {
    const number = ledger.next++;
    ledger.tried(number);
    try {
      const wait = { ack: "durable", signal: AbortSignal.timeout(ACK_MS) } as const;
      await Promise.all([map.set(`${number % KEYS}`, number, wait), counter.add(1, wait)]);
      ledger.acknowledged(number);
      if (!writable) say({ kind: "writable" });
      writable = true;
    } catch (error) {
      // Back without a quorum, or cut off: refused until that is over, as any write may be.
      const isRefused = isMeshError(error, "MESH_READ_ONLY");
      if (!isRefused && !isMeshError(error, "MESH_UNCERTAIN")) throw error;
      if (isRefused) await sleep(REFUSED_MS);
    }
    await Promise.race([sleep(REST_MS * Math.random() * 2), hurry.promise]);
  }
}

/** Everything that any node has written, as this one sees it. */
function state() {
  const { root, members, incarnations, deltas } = mesh.status();
  const nodes = [1, 2, 3, 4].map((number) => {
    const values = Object.fromEntries(mesh.map<number>(`map-${number}`).entries());
    return { name: `${number}`, values, counter: mesh.counter(`counter-${number}`).value };
  });
  return { root, members, incarnations, deltas, nodes };
}

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
