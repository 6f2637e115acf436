// Parses the operations of one delta, strictly, and lists them for the steps that follow.
//
// The whole body is parsed before anything is applied: one bad byte refuses the delta. Strict means
// one encoding per meaning: known kinds, lengths within limits that add up exactly, UTF-8, codec and
// element zero where the kind has none. What depends on state (a counter that falls) is judged in
// counters.ts.

import { addressHash, aimAgain } from "./entry";
import {
  COLLECTION_BYTES_MAX,
  COUNTER_PAYLOAD_BYTES,
  DOT_BYTES,
  ELEMENT_BYTES_MAX,
  GAUGE_PAYLOAD_BYTES,
  KEY_BYTES_MAX,
  OP_CODEC_OFFSET,
  OP_COLLECTION_BYTES_OFFSET,
  OP_COUNTER,
  OP_ELEMENT_BYTES_OFFSET,
  OP_EVENT,
  OP_GAUGE,
  OP_HEAD_BYTES,
  OP_KEY_BYTES_OFFSET,
  OP_KIND_OFFSET,
  OP_MAP_DELETE,
  OP_MAP_SET,
  OP_PAYLOAD_BYTES_OFFSET,
  OP_REGISTER_SET,
  OP_SET_ADD,
  OP_SET_REMOVE,
  REMOVE_DOTS_MAX,
  VALUE_BYTES_MAX,
} from "./layout";
import { OPERATIONS } from "./memory";
import { isAscii, isUtf8 } from "./utf8";

// TYPE_* by operation kind: register, map, map, counter, set, set, gauge, event.
const TYPES = memory.data<u8>([0, 1, 2, 2, 3, 4, 4, 5, 6]);

/** Operations of the parsed delta that remove from a set, and bytes of all names and payloads. */
export let removes: u32 = 0;
export let contentBytes: u32 = 0;

/** Parses exactly `count` operations of [start, end); false when the body is malformed. */
export function parseOperations(start: usize, end: usize, count: u32): bool {
  removes = 0;
  contentBytes = 0;
  let at = start;
  for (let index: u32 = 0; index < count; index++) {
    if (end - at < <usize>OP_HEAD_BYTES) return false;
    const kind = kindOf(at);
    if (kind < <u32>OP_REGISTER_SET || kind > <u32>OP_EVENT) return false;
    const collection: u32 = load<u16>(at, OP_COLLECTION_BYTES_OFFSET);
    const key: u32 = load<u16>(at, OP_KEY_BYTES_OFFSET);
    const element: u32 = load<u16>(at, OP_ELEMENT_BYTES_OFFSET);
    if (!areLengths(kind, collection, key, element)) return false;
    const names = at + OP_HEAD_BYTES;
    const payload = names + <usize>(collection + key + element);
    const bytes = payloadBytesOf(at);
    if (payload > end || <usize>bytes > end - payload) return false;
    if (!isPayload(at, kind, payload, bytes) || !areNames(names, collection, key, payload)) {
      return false;
    }
    const hash = kind == OP_EVENT ? 0 : addressHash(typeOf(kind), names, collection, key, element);
    const row = OPERATIONS + ((<usize>index) << 3);
    store<u32>(row, <u32>at);
    store<u32>(row, hash, 4);
    if (kind == OP_SET_REMOVE) removes++;
    contentBytes += collection + key + element + bytes;
    at = payload + <usize>bytes;
  }
  return at == end;
}

/** The operation in place `index` of the parsed delta. */
export function operationAt(index: u32): usize {
  return load<u32>(OPERATIONS + ((<usize>index) << 3));
}

/** Turns to the address of the operation in place `index`. */
export function aimOperation(index: u32): void {
  const row = OPERATIONS + ((<usize>index) << 3);
  const at: usize = load<u32>(row);
  const collection: u32 = load<u16>(at, OP_COLLECTION_BYTES_OFFSET);
  const key: u32 = load<u16>(at, OP_KEY_BYTES_OFFSET);
  const element: u32 = load<u16>(at, OP_ELEMENT_BYTES_OFFSET);
  const type = typeOf(kindOf(at));
  aimAgain(type, at + OP_HEAD_BYTES, collection, key, element, load<u32>(row, 4));
}

/** Address hash of the operation in place `index`. */
export function hashOfOperation(index: u32): u32 {
  return load<u32>(OPERATIONS + ((<usize>index) << 3), 4);
}

export function kindOf(operation: usize): u32 {
  return load<u8>(operation, OP_KIND_OFFSET);
}

export function codecOf(operation: usize): u32 {
  return load<u8>(operation, OP_CODEC_OFFSET);
}

export function payloadOf(operation: usize): usize {
  return operation + OP_HEAD_BYTES + <usize>namesBytesOf(operation);
}

export function payloadBytesOf(operation: usize): u32 {
  return load<u32>(operation, OP_PAYLOAD_BYTES_OFFSET);
}

/** Bytes of collection, key and element. */
export function namesBytesOf(operation: usize): u32 {
  return (
    <u32>load<u16>(operation, OP_COLLECTION_BYTES_OFFSET) +
    <u32>load<u16>(operation, OP_KEY_BYTES_OFFSET) +
    <u32>load<u16>(operation, OP_ELEMENT_BYTES_OFFSET)
  );
}

function typeOf(kind: u32): u32 {
  return load<u8>(TYPES + <usize>kind);
}

function areLengths(kind: u32, collection: u32, key: u32, element: u32): bool {
  if (collection == 0 || collection > <u32>COLLECTION_BYTES_MAX || key > <u32>KEY_BYTES_MAX)
    return false;
  if (kind == OP_SET_ADD || kind == OP_SET_REMOVE) {
    return element != 0 && element <= <u32>ELEMENT_BYTES_MAX;
  }
  return element == 0;
}

function areNames(names: usize, collection: u32, key: u32, end: usize): bool {
  if (isAscii(names, end)) return true;
  const keyAt = names + <usize>collection;
  const elementAt = keyAt + <usize>key;
  return isUtf8(names, keyAt) && isUtf8(keyAt, elementAt) && isUtf8(elementAt, end);
}

function isPayload(operation: usize, kind: u32, payload: usize, bytes: u32): bool {
  if (kind == OP_REGISTER_SET || kind == OP_MAP_SET || kind == OP_EVENT) {
    return bytes <= <u32>VALUE_BYTES_MAX;
  }
  if (codecOf(operation) != 0) return false;
  switch (kind) {
    case OP_MAP_DELETE:
    case OP_SET_ADD:
      return bytes == 0;
    case OP_COUNTER:
      return bytes == COUNTER_PAYLOAD_BYTES;
    case OP_SET_REMOVE:
      return bytes % DOT_BYTES == 0 && bytes <= <u32>(REMOVE_DOTS_MAX * DOT_BYTES);
    default:
      // A gauge's weight is at least 1.
      return bytes == GAUGE_PAYLOAD_BYTES && load<u64>(payload, 8) != 0;
  }
}
