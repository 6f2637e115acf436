/**
 * Replica: registers and maps of registers, last writer wins.
 *
 * The higher stamp wins whatever the order of arrival. A deleted map key keeps its stamp as a
 * tombstone, in memory but not in stateRoot, so that an older set cannot bring it back.
 */
import {
  OP_MAP_DELETE,
  OP_REGISTER_SET,
  TYPE_MAP,
  TYPE_REGISTER,
} from "../../../../assembly/layout.ts";
import type { RegisterValue } from "../../kernels.ts";
import { copyBytes } from "./bytes.ts";
import type { Operation } from "./operations.ts";
import { compareStamps, type Origin, stampOf } from "./stamps.ts";
import {
  type Cell,
  type Cells,
  countEntry,
  type State,
  touchEntry,
  WRITTEN_BYTES,
} from "./state.ts";

/** Applies a register set, map set or map delete; the cell, and whether it changed. */
export function applyCell(
  state: State,
  operation: Operation,
  written: { readonly origin: Origin; readonly seq: number; readonly bytes: Uint8Array },
): { readonly cell: Cell; readonly changed: boolean } {
  const isRegister = operation.kind === OP_REGISTER_SET;
  const cells = cellsOf(isRegister ? state.registers : state.maps, operation.collection);
  const { origin, seq, bytes } = written;
  const { codec, payloadAt, payloadBytes } = operation;
  const isDelete = operation.kind === OP_MAP_DELETE;
  let cell = cells.byKey.get(operation.key);
  if (cell !== undefined && compareStamps(written, cell) <= 0) return { cell, changed: false };
  const wasLive = cell?.value !== undefined;
  const value = isDelete ? undefined : copyBytes(bytes, payloadAt, payloadAt + payloadBytes);
  if (cell === undefined) {
    const { collection, key, addressBytes } = operation;
    const type = isRegister ? TYPE_REGISTER : TYPE_MAP;
    cell = { type, collection, key, addressBytes, dirty: false, origin, seq, codec, value };
    cells.byKey.set(key, cell);
    countEntry(state, operation);
  } else {
    uncount(state, cells, cell);
    cell.origin = origin;
    cell.seq = seq;
    cell.codec = codec;
    cell.value = value;
  }
  count(state, cells, cell);
  const changed = wasLive || !isDelete;
  if (changed) touchEntry(state, cell);
  return { cell, changed };
}

export function findCell(
  collections: ReadonlyMap<string, Cells>,
  collection: string,
  key: string,
): Cell | undefined {
  return collections.get(collection)?.byKey.get(key);
}

/** What a caller sees of a cell; the value is copied. */
export function readCell(cell: Cell | undefined): RegisterValue | undefined {
  if (cell?.value === undefined) return undefined;
  return { codec: cell.codec, value: cell.value.slice(), stamp: stampOf(cell) };
}

/** Keys with a value, in no particular order. */
export function* liveKeys(cells: Cells | undefined): Iterable<string> {
  if (cells === undefined) return;
  for (const [key, cell] of cells.byKey) if (cell.value !== undefined) yield key;
}

function cellsOf(collections: Map<string, Cells>, collection: string): Cells {
  let cells = collections.get(collection);
  if (cells === undefined) {
    cells = { byKey: new Map(), live: 0 };
    collections.set(collection, cells);
  }
  return cells;
}

function count(state: State, cells: Cells, cell: Cell): void {
  state.bytes += WRITTEN_BYTES + (cell.value?.length ?? 0);
  if (cell.value === undefined) state.tombstones += 1;
  else cells.live += 1;
}

function uncount(state: State, cells: Cells, cell: Cell): void {
  state.bytes -= WRITTEN_BYTES + (cell.value?.length ?? 0);
  if (cell.value === undefined) state.tombstones -= 1;
  else cells.live -= 1;
}
