/** This project's replica as a MapPeer: frameScan and frameApply with the signature taken as good. */
import { DELTA_HEADER_BYTES, OP_MAP_SET } from "../../assembly/layout.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { DeltaWriter, nodeId, TEST_MESH } from "../../test/support/delta-writer.ts";
import { BestMapReplica } from "../js-best/map-replica.ts";
import type { MapPeer } from "../thirdparty/documents.ts";

/** @param kernels whose replica applies. Body hash, header hash and chain are checked. */
export function ours(kernels: Kernels): MapPeer {
  return {
    name: kernels.implementation,
    write: (batches) => writeWith(kernels, batches),
    open() {
      const replica = kernels.openReplica({ meshId: TEST_MESH });
      let isOpen = false;
      const take = (delta: Uint8Array): void => {
        const { outcomes } = replica.frameApply(replica.frameScan(delta), delta, GOOD);
        if (outcomes[0] !== 1) throw new Error(`a delta ended as ${outcomes[0]}`);
      };
      return {
        apply(delta) {
          // The author's record goes first, once.
          if (!isOpen) take(RECORDS.get(delta) ?? delta.subarray(0, DELTA_HEADER_BYTES));
          isOpen = true;
          take(delta);
        },
        entries: () =>
          [...replica.mapKeys("m")].map((key) => [
            key,
            replica.mapGet("m", key)?.value ?? new Uint8Array(0),
          ]),
        free: () => replica.free(),
      };
    },
  };
}

/** The same deltas applied by the fastest JavaScript, which checks and merges as much. */
export function best(kernels: Kernels): MapPeer {
  return {
    name: "js-best",
    write: (batches) => writeWith(kernels, batches),
    open() {
      const replica = new BestMapReplica();
      let isOpen = false;
      return {
        apply(delta) {
          if (!isOpen) replica.begin(RECORDS.get(delta) ?? delta);
          isOpen = true;
          if (!replica.apply(delta)) throw new Error("js-best refused a delta");
        },
        entries: () => replica.entries("m"),
        free: () => undefined,
      };
    },
  };
}

function writeWith(
  kernels: Kernels,
  batches: readonly (readonly (readonly [string, Uint8Array])[])[],
): Uint8Array[] {
  const writer = new DeltaWriter(nodeId(1), { hash: kernels.blake3 });
  const record = writer.record();
  const deltas = batches.map((batch) =>
    writer.write(
      batch.map(([key, value]) => ({
        kind: OP_MAP_SET,
        collection: "m",
        key,
        codec: 0,
        value,
      })),
    ),
  );
  RECORDS.set(deltas[0] ?? record, record);
  return deltas;
}

const GOOD = Uint8Array.of(1);
/** The record of the author whose first delta this is. */
const RECORDS = new WeakMap<Uint8Array, Uint8Array>();
