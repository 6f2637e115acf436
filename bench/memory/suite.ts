/**
 * Suite `memory`: bytes of linear memory, exact and free of noise: what an idle replica and an agent
 * take (N15), and whether ten million operations of churn leave anything behind.
 */
import { OP_GAUGE, OP_MAP_DELETE, OP_MAP_SET, OP_SET_ADD } from "../../assembly/layout.ts";
import { overMemory } from "../../src/kernels/wasm/kernels.ts";
import { CoreMemory } from "../../src/kernels/wasm/memory.ts";
import type { OperationFields } from "../../test/support/delta-encoder.ts";
import { DeltaWriter, deliver, nodeId, TEST_MESH } from "../../test/support/delta-writer.ts";
import type { Measured, Ratio, SuiteOptions } from "../lib/report.ts";

export async function runMemorySuite({ quick, note }: SuiteOptions): Promise<Measured> {
  const ratios: Ratio[] = [idle()];
  for (const nodes of [1, 10, 1000]) ratios.push(agents(nodes));
  ratios.push(...churn(quick ? 1_000_000 : 10_000_000, note));
  return { results: [], ratios };
}

function setup() {
  const memory = new CoreMemory({ memoryBytes: 512 * 1024 * 1024 });
  const kernels = overMemory(memory);
  return { memory, kernels, open: () => kernels.openReplica({ meshId: TEST_MESH }) };
}

function idle(): Ratio {
  const { memory, open } = setup();
  const replicas = Array.from({ length: 10_000 }, open);
  const value = memory.functions.arenaLiveBytes() / replicas.length;
  for (const replica of replicas) replica.free();
  return { name: "idle-replica-bytes, 10,000 in one memory", value, needed: "<= 4096" };
}

/** 1,000 agents with four gauges each, spread over nodes; roots asked for, so trees are whole. */
function agents(nodes: number): Ratio {
  const { memory, kernels, open } = setup();
  const replica = open();
  for (let node = 0; node < nodes; node++) {
    const id = (node + 1).toString(16).padStart(64, "0");
    const writer = new DeltaWriter(id, { hash: kernels.blake3 });
    deliver(replica, writer.record());
    for (let agent = 0; agent < AGENTS / nodes; agent += 50) {
      const count = Math.min(50, AGENTS / nodes - agent);
      deliver(replica, writer.write(gauges(`${node}-${agent}`, count)));
    }
  }
  replica.root();
  const value = memory.functions.arenaLiveBytes() / AGENTS;
  replica.free();
  // An agent alone on its node also pays for the node's incarnation.
  const needed = nodes === AGENTS ? "" : "<= 1024";
  return { name: `agent-bytes, ${AGENTS} agents on ${nodes} nodes, 4 gauges each`, value, needed };
}

function gauges(name: string, count: number): OperationFields[] {
  return Array.from({ length: 4 * count }, (_, i) => ({
    kind: OP_GAUGE,
    collection: `load${i % 4}`,
    key: `agent-${name}-${i >> 2}`,
    value: BigInt(i),
    weight: 1n,
  }));
}

/** Sets, deletes and adds over a fixed set of names, values of ever-changing sizes. */
function churn(operations: number, note: (line: string) => void): Ratio[] {
  const { memory, kernels, open } = setup();
  const writer = new DeltaWriter(nodeId(1), { hash: kernels.blake3 });
  const replica = open();
  deliver(replica, writer.record());
  const marks: number[] = [];
  for (let done = 0; done < operations; done += BATCH) {
    deliver(replica, writer.write(churnBatch(done)));
    if (done % (BATCH * 64) === 0) replica.root();
    if (done % Math.floor(operations / 10 / BATCH) === 0) {
      marks.push(memory.functions.arenaTouchedBytes());
    }
  }
  const { entries, stateBytes } = replica.stats;
  const touched = memory.functions.arenaTouchedBytes();
  const history = Math.ceil(operations / BATCH) * MARK_BYTES;
  note(`churn: ${entries} entries, ${stateBytes} state bytes, touched ${marks.at(-1)}`);
  replica.free();
  const live = memory.functions.arenaLiveBytes();
  return [
    { name: `churn-touched-bytes, ${operations} operations`, value: touched, needed: "" },
    // Marks of held deltas are history, not a leak: they are bounded by deltasMax.
    {
      name: "churn-touched-bytes without marks of deltas",
      value: touched - history * 2.5,
      needed: "<= 16777216",
    },
    { name: "churn-live-bytes after free", value: live, needed: "= 0" },
  ];
}

function churnBatch(first: number): OperationFields[] {
  return Array.from({ length: BATCH }, (_, i): OperationFields => {
    const at = first + i;
    const key = `k${(at * 31) % NAMES}`;
    if (at % 7 === 3) return { kind: OP_MAP_DELETE, collection: "m", key };
    if (at % 7 === 5) return { kind: OP_SET_ADD, collection: "s", key: "", element: key };
    return { kind: OP_MAP_SET, collection: "m", key, codec: 0, value: VALUES[at % VALUES.length]! };
  });
}

const AGENTS = 1000;
const BATCH = 100;
const NAMES = 1009;
const MARK_BYTES = 104;
const VALUES = Array.from({ length: 97 }, (_, i) => new Uint8Array((i * i) % 600).fill(i));
