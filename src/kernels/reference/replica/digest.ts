/**
 * Replica: stateRoot. What is hashed of an entry, byte by byte.
 *
 * Leaf of the state tree, for live entries only: key = BLAKE3(address), value = BLAKE3(content).
 * Little-endian; names in UTF-8; components ascending by (author, epoch, nonce); integers only.
 *   address  type u8 | collection bytes u16 | key bytes u16 | collection | key | element
 *   content  type u8, then
 *     register, map  hlc u64 | author 32 | epoch u64 | nonce u64 | seq u64 | hash 8 | codec u8 | value
 *     counter        per incarnation: author 32 | epoch u64 | nonce u64 | P u64 | N u64
 *     set element    per dot: author 32 | epoch u64 | nonce u64 | seq u64 | hash 8
 *     gauge          per author: author 32 | epoch u64 | nonce u64 | seq u64 | value i64 | weight u64
 */
import {
  COLLECTION_BYTES_MAX,
  DOT_BYTES,
  ELEMENT_BYTES_MAX,
  KEY_BYTES_MAX,
  TYPE_GAUGE,
} from "../../../../assembly/layout.ts";
import type { MerkleTree, Primitives } from "../../kernels.ts";
import { INCARNATION_ID_BYTES } from "./identity.ts";
import {
  ADDRESS_HEAD_BYTES,
  type Cell,
  COUNTER_COMPONENT_BYTES,
  type Counter,
  type DotOf,
  type Element,
  type Entry,
  GAUGE_COMPONENT_BYTES,
  type Gauge,
  isLive,
  type State,
  WRITTEN_BYTES,
} from "./state.ts";

/**
 * Brings the tree's leaves up to date.
 * @throws MESH_STATE_FULL when the tree finds no room; what is not done yet stays to be done.
 */
export function flushState(state: State, tree: MerkleTree, primitives: Primitives): void {
  const { dirty } = state;
  let done = 0;
  try {
    for (const entry of dirty) {
      const key = hashAddress(primitives, entry);
      // In order of becoming dirty: an element may have gone and come again as another entry.
      if (isLive(entry)) tree.set(key, hashContent(primitives, entry), 0);
      else tree.delete(key);
      entry.dirty = false;
      done += 1;
    }
  } finally {
    dirty.splice(0, done);
  }
}

/** The tree key of an address. */
export function hashAddress(
  primitives: Primitives,
  address: {
    readonly type: number;
    readonly collection: string;
    readonly key: string;
    readonly element?: string;
  },
): Uint8Array {
  let at = ADDRESS_HEAD_BYTES;
  const collectionBytes = ENCODER.encodeInto(address.collection, ADDRESS.subarray(at)).written;
  at += collectionBytes;
  const keyBytes = ENCODER.encodeInto(address.key, ADDRESS.subarray(at)).written;
  at += keyBytes;
  at += ENCODER.encodeInto(address.element ?? "", ADDRESS.subarray(at)).written;
  ADDRESS[0] = address.type;
  ADDRESS_VIEW.setUint16(1, collectionBytes, true);
  ADDRESS_VIEW.setUint16(3, keyBytes, true);
  return primitives.blake3(ADDRESS.subarray(0, at));
}

/** The tree value of a live entry. */
function hashContent(primitives: Primitives, entry: Entry): Uint8Array {
  return primitives.blake3(encodeContent(entry));
}

/** The canonical bytes of a live entry; fresh. */
function encodeContent(entry: Entry): Uint8Array {
  if ("value" in entry) return encodeCell(entry);
  if ("dots" in entry) return encodeElement(entry);
  return isGauge(entry) ? encodeGauge(entry) : encodeCounter(entry);
}

/** Writes one dot: author 32 | epoch | nonce | seq | hash. */
export function writeDot(out: Uint8Array, view: DataView, at: number, dot: DotOf): void {
  out.set(dot.incarnation.identity.id, at);
  view.setBigUint64(at + INCARNATION_ID_BYTES, BigInt(dot.seq), true);
  view.setUint32(at + INCARNATION_ID_BYTES + 8, dot.origin.hashLow, true);
  view.setUint32(at + INCARNATION_ID_BYTES + 12, dot.origin.hashHigh, true);
}

function encodeCell(cell: Cell): Uint8Array {
  const { origin, seq, codec, value, type } = cell;
  const out = new Uint8Array(1 + WRITTEN_BYTES + (value?.length ?? 0));
  const view = new DataView(out.buffer);
  out[0] = type;
  view.setUint32(1, origin.hlcLow, true);
  view.setUint32(5, origin.hlcHigh, true);
  writeDot(out, view, 9, { incarnation: origin.incarnation, origin, seq });
  out[WRITTEN_BYTES] = codec;
  if (value !== undefined) out.set(value, 1 + WRITTEN_BYTES);
  return out;
}

function encodeElement(element: Element): Uint8Array {
  const out = new Uint8Array(1 + element.dots.length * DOT_BYTES);
  const view = new DataView(out.buffer);
  out[0] = element.type;
  let at = 1;
  for (const dot of element.dots) {
    writeDot(out, view, at, dot);
    at += DOT_BYTES;
  }
  return out;
}

function encodeCounter(counter: Counter): Uint8Array {
  const out = new Uint8Array(1 + counter.components.length * COUNTER_COMPONENT_BYTES);
  const view = new DataView(out.buffer);
  out[0] = counter.type;
  let at = 1;
  for (const component of counter.components) {
    out.set(component.incarnation.identity.id, at);
    view.setUint32(at + INCARNATION_ID_BYTES, component.plusLow, true);
    view.setUint32(at + INCARNATION_ID_BYTES + 4, component.plusHigh, true);
    view.setUint32(at + INCARNATION_ID_BYTES + 8, component.minusLow, true);
    view.setUint32(at + INCARNATION_ID_BYTES + 12, component.minusHigh, true);
    at += COUNTER_COMPONENT_BYTES;
  }
  return out;
}

function encodeGauge(gauge: Gauge): Uint8Array {
  const out = new Uint8Array(1 + gauge.components.length * GAUGE_COMPONENT_BYTES);
  const view = new DataView(out.buffer);
  out[0] = gauge.type;
  let at = 1;
  for (const cell of gauge.components) {
    out.set(cell.incarnation.identity.id, at);
    view.setBigUint64(at + INCARNATION_ID_BYTES, BigInt(cell.seq), true);
    view.setUint32(at + INCARNATION_ID_BYTES + 8, cell.valueLow, true);
    view.setUint32(at + INCARNATION_ID_BYTES + 12, cell.valueHigh, true);
    view.setUint32(at + INCARNATION_ID_BYTES + 16, cell.weightLow, true);
    view.setUint32(at + INCARNATION_ID_BYTES + 20, cell.weightHigh, true);
    at += GAUGE_COMPONENT_BYTES;
  }
  return out;
}

function isGauge(entry: Counter | Gauge): entry is Gauge {
  return entry.type === TYPE_GAUGE;
}

const ADDRESS = new Uint8Array(
  ADDRESS_HEAD_BYTES + COLLECTION_BYTES_MAX + KEY_BYTES_MAX + ELEMENT_BYTES_MAX,
);
const ADDRESS_VIEW = new DataView(ADDRESS.buffer);
const ENCODER = new TextEncoder();
