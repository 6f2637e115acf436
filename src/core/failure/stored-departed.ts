/**
 * Members that have departed, as they are stored: id, epoch and counter of the record that was ended.
 * Without them a node that comes back would count the dead of its earlier life in n.
 */
import type { CoreState } from "../core-state.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { Reader } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

/** Asks for all of them to be stored, in place of the last list. */
export function storeDeparted(core: CoreState): void {
  if (core.config.durable !== true) return;
  const writer = new Writer(256);
  for (const id of core.membership.departed()) {
    const record = core.membership.get(id);
    if (record !== undefined) {
      writer.bytes(nodeIdToBytes(id)).u64(record.epoch).u32(record.counter);
    }
  }
  core.out.departedStores.push(writer.finish());
}

/** Takes a list back, after the member records; false when it is damaged. */
export function restoreDeparted(core: CoreState, stored: Uint8Array): boolean {
  const reader = new Reader(stored);
  const members: { readonly id: NodeId; readonly epoch: bigint; readonly counter: number }[] = [];
  while (reader.ok && reader.remaining > 0) {
    members.push({ id: reader.nodeId(), epoch: reader.u64(), counter: reader.u32() });
  }
  if (!reader.finished) return false;
  for (const { id, epoch, counter } of members) {
    const record = core.membership.get(id);
    // A record that is newer than the one that was ended: it had come back.
    if (record?.epoch !== epoch || record.counter !== counter) continue;
    core.membership.depart(id);
    core.registry.deregister(id);
  }
  return true;
}
