/** Decodes what the module's reads leave at RESULT and STAGE; everything is copied. */
import {
  CELL_BYTES_OFFSET,
  CELL_CODEC_OFFSET,
  CELL_HASH_OFFSET,
  CELL_HLC_OFFSET,
  CELL_ID_OFFSET,
  CELL_SEQ_OFFSET,
  CELL_VALUE_OFFSET,
  DOT_BYTES,
  GAUGE_ROW_BYTES,
  HASH_BYTES,
  HEAD_ENDED_OFFSET,
  HEAD_HASH_OFFSET,
  HEAD_HLC_OFFSET,
  HEAD_ID_OFFSET,
  HEAD_KEY_OFFSET,
  HEAD_ROW_OFFSET,
  HEAD_SEQ_OFFSET,
  NODE_ID_BYTES,
  STATS_BYTES_OFFSET,
  STATS_ENTRIES_OFFSET,
  STATS_PENDING_OFFSET,
  STATS_TOMBSTONES_OFFSET,
} from "../../../assembly/layout.ts";
import type { GaugeComponent, Head, RegisterValue, ReplicaStats } from "../kernels.ts";
import type { CoreMemory } from "./memory.ts";

/** Running totals of a counter. */
export interface Totals {
  readonly plus: bigint;
  readonly minus: bigint;
}

/** A register or map key; undefined when the entry is 0 or has no value. */
export function readCell(memory: CoreMemory, cell: number): RegisterValue | undefined {
  if (cell === 0 || memory.functions.cellRead(cell) === 0) return undefined;
  const at = memory.layout.result;
  const id = at + CELL_ID_OFFSET;
  const value = memory.word(at + CELL_VALUE_OFFSET);
  return {
    codec: memory.word(at + CELL_CODEC_OFFSET),
    value: memory.u8.slice(value, value + memory.word(at + CELL_BYTES_OFFSET)),
    stamp: {
      hlc: memory.wide(at + CELL_HLC_OFFSET),
      author: hexAt(memory, id),
      epoch: memory.wide(id + NODE_ID_BYTES),
      nonce: memory.wide(id + NODE_ID_BYTES + 8),
      seq: Number(memory.wide(at + CELL_SEQ_OFFSET)),
      hash: memory.wide(at + CELL_HASH_OFFSET),
    },
  };
}

/** The sum over every incarnation. */
export function readSum(memory: CoreMemory, counter: number): Totals {
  if (counter === 0) return { plus: 0n, minus: 0n };
  memory.functions.counterSum(counter);
  const at = memory.layout.result;
  const sum = (low: number): bigint => memory.wide(low) | (memory.wide(low + 8) << 64n);
  return { plus: sum(at), minus: sum(at + 16) };
}

/** The totals of the incarnation at `id`. */
export function readOwn(memory: CoreMemory, replica: number, counter: number, id: number): Totals {
  memory.functions.counterOwn(replica, counter, id);
  const at = memory.layout.result;
  return { plus: memory.wide(at), minus: memory.wide(at + 8) };
}

/** The values of a gauge, ascending by author. */
export function readGauge(memory: CoreMemory, gauge: number): GaugeComponent[] {
  const components: GaugeComponent[] = [];
  const count = gauge === 0 ? 0 : memory.functions.entryItems(gauge);
  while (components.length < count) {
    const page = memory.functions.itemsRead(gauge, components.length);
    for (let row = 0; row < page; row++) {
      const at = memory.layout.stage + row * GAUGE_ROW_BYTES;
      components.push({
        author: hexAt(memory, at),
        value: BigInt.asIntN(64, memory.wide(at + NODE_ID_BYTES)),
        weight: memory.wide(at + NODE_ID_BYTES + 8),
      });
    }
  }
  return components;
}

/** An element's dots, encoded as a remove names them. */
export function readDots(memory: CoreMemory, element: number): Uint8Array {
  const count = element === 0 ? 0 : memory.functions.entryItems(element);
  const out = new Uint8Array(count * DOT_BYTES);
  const { stage } = memory.layout;
  for (let read = 0; read < count; ) {
    const page = memory.functions.itemsRead(element, read);
    out.set(memory.u8.subarray(stage, stage + page * DOT_BYTES), read * DOT_BYTES);
    read += page;
  }
  return out;
}

/** Names of a group's live members, in the order in which they came; a snapshot. */
export function readNames(memory: CoreMemory, group: number): string[] {
  const names: string[] = [];
  let member = group === 0 ? 0 : memory.functions.groupFirst(group);
  while (member !== 0) {
    const page = memory.functions.groupNames(member);
    let at = memory.layout.stage;
    for (let name = 0; name < page; name++) {
      const end = at + 2 + memory.buffer.readUInt16LE(at);
      names.push(memory.buffer.toString("utf8", at + 2, end));
      at = end;
    }
    member = memory.word(memory.layout.result);
  }
  return names;
}

/** The head of a life; undefined when it is 0. */
export function readHead(memory: CoreMemory, life: number): Head | undefined {
  if (life === 0) return undefined;
  memory.functions.lifeRead(life);
  const at = memory.layout.result;
  const id = at + HEAD_ID_OFFSET;
  const bytes = (from: number): Uint8Array => memory.u8.slice(from, from + HASH_BYTES);
  return {
    row: memory.word(at + HEAD_ROW_OFFSET),
    author: hexAt(memory, id),
    epoch: memory.wide(id + NODE_ID_BYTES),
    nonce: memory.wide(id + NODE_ID_BYTES + 8),
    seq: Number(memory.wide(at + HEAD_SEQ_OFFSET)),
    hash: bytes(at + HEAD_HASH_OFFSET),
    hlc: memory.wide(at + HEAD_HLC_OFFSET),
    key: bytes(at + HEAD_KEY_OFFSET),
    ended: memory.word(at + HEAD_ENDED_OFFSET) === 1,
  };
}

/** The row of a life, without decoding its head. */
export function readRow(memory: CoreMemory, life: number): number | undefined {
  if (life === 0) return undefined;
  memory.functions.lifeRead(life);
  return memory.word(memory.layout.result + HEAD_ROW_OFFSET);
}

export function readStats(memory: CoreMemory, replica: number): ReplicaStats {
  memory.functions.replicaStats(replica);
  const at = memory.layout.result;
  return {
    entries: memory.word(at + STATS_ENTRIES_OFFSET),
    tombstones: memory.word(at + STATS_TOMBSTONES_OFFSET),
    pendingDots: memory.word(at + STATS_PENDING_OFFSET),
    stateBytes: memory.word(at + STATS_BYTES_OFFSET),
  };
}

function hexAt(memory: CoreMemory, address: number): string {
  return memory.buffer.toString("hex", address, address + NODE_ID_BYTES);
}
