/**
 * The laws of merging, held against what a run has made: everything that a node holds, merged into an
 * empty replica in another order and twice over, comes to the node's own state.
 */
import { DELTA_AUTHOR_OFFSET, DELTA_FIRST_SEQ_OFFSET } from "../../../assembly/layout.ts";
import { hexFromBytes } from "../../core/node-id.ts";
import { carried } from "../../core/wire/stub.ts";
import type { Kernels } from "../../kernels/kernels.ts";

/** Deltas merged at a time. */
const PART_DELTAS = 256;

/** What two replicas of the same deltas have in common. */
export interface Merged {
  readonly frontier: string;
  readonly state: string;
}

/** @param deltas all that a node holds, verified, in the order it came. */
export function mergedAnew(
  kernels: Kernels,
  meshId: Uint8Array,
  deltas: readonly Uint8Array[],
): Merged {
  const replica = kernels.openReplica({ meshId });
  const otherOrder = [...byIncarnation(deltas).values()].reverse().flat();
  for (const order of [otherOrder, deltas]) {
    for (let i = 0; i < order.length; i += PART_DELTAS) {
      const { deltas: bytes, stubs } = carried(order.slice(i, i + PART_DELTAS));
      const scan = replica.frameScan(bytes, stubs);
      replica.frameApply(scan, bytes, new Uint8Array(scan.count).fill(1));
    }
  }
  const merged = {
    frontier: hexFromBytes(replica.frontierRoot()),
    state: hexFromBytes(replica.stateRoot()),
  };
  replica.free();
  return merged;
}

/** Each chain in its own order, which no merge may change. */
function byIncarnation(deltas: readonly Uint8Array[]): Map<string, Uint8Array[]> {
  const chains = new Map<string, Uint8Array[]>();
  for (const delta of deltas) {
    // Author, epoch and nonce lie side by side.
    const name = hexFromBytes(delta.subarray(DELTA_AUTHOR_OFFSET, DELTA_FIRST_SEQ_OFFSET));
    const chain = chains.get(name);
    if (chain === undefined) chains.set(name, [delta]);
    else chain.push(delta);
  }
  return chains;
}
