/**
 * The cost of an update against the number of agents whose state the replica holds: each has one
 * gauge, and a delta of 100 writes sets as many of them, spread over all.
 */
import { OP_GAUGE } from "../../assembly/layout.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import type { OperationFields } from "../../test/support/delta-encoder.ts";
import { DeltaWriter, deliver, nodeId, TEST_MESH } from "../../test/support/delta-writer.ts";
import { type MicroCase, shortHash } from "../lib/micro.ts";

/** One case per size; `root` asks for the root after every delta. */
export function agentCases(kernels: Kernels, sizes: readonly number[]): MicroCase[] {
  return sizes.flatMap((agents) => [
    agentCase(kernels, agents, false),
    agentCase(kernels, agents, true),
  ]);
}

function agentCase(kernels: Kernels, agents: number, root: boolean): MicroCase {
  let made: ReturnType<typeof filled> | undefined;
  let round = 0;
  let deltas: Uint8Array[] = [];
  return {
    name: `${root ? "root" : "apply"}-100-of-agents`,
    impl: kernels.implementation,
    n: agents,
    callsPerSample: DELTAS * BATCH,
    samples: 100,
    prepare: () => {
      made ??= filled(kernels, agents);
      const { writer } = made;
      deltas = Array.from({ length: DELTAS }, () => writer.write(updates(agents, round++)));
    },
    run: () => {
      let sum = 0;
      for (const delta of deltas) {
        const { replica } = made ?? filled(kernels, agents);
        const scan = replica.frameScan(delta);
        sum += replica.frameApply(scan, delta, GOOD).outcomes[0] ?? 0;
        if (root) sum += replica.root()[0] ?? 0;
      }
      return sum;
    },
    // The state itself changes from sample to sample: that of a smaller copy says what is done.
    produce: () => {
      if (round > 0) made?.replica.free();
      if (round > 0) made = undefined;
      const small = filled(kernels, Math.min(agents, 1_000));
      for (let i = 0; i < 3; i++) {
        deliver(small.replica, small.writer.write(updates(Math.min(agents, 1_000), i)));
      }
      const hash = shortHash(small.replica.root());
      small.replica.free();
      return hash;
    },
  };
}

function filled(kernels: Kernels, agents: number) {
  const replica = kernels.openReplica({ meshId: TEST_MESH });
  const writer = new DeltaWriter(nodeId(1), { hash: kernels.blake3 });
  deliver(replica, writer.record());
  for (let first = 0; first < agents; first += FILL) {
    const count = Math.min(FILL, agents - first);
    deliver(replica, writer.write(Array.from({ length: count }, (_, i) => gauge(first + i, 1))));
  }
  replica.root();
  return { replica, writer };
}

function updates(agents: number, round: number): OperationFields[] {
  return Array.from({ length: BATCH }, (_, i) =>
    gauge(((round * BATCH + i) * STRIDE) % agents, round + 2),
  );
}

function gauge(agent: number, value: number): OperationFields {
  const key = `agent-${agent}`;
  return { kind: OP_GAUGE, collection: "load", key, value: BigInt(value), weight: 1n };
}

const GOOD = Uint8Array.of(1);
const BATCH = 100;
const DELTAS = 5;
const FILL = 256;
/** A prime, so that updates are spread over all. */
const STRIDE = 7_919;
