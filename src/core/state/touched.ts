/** What deltas have touched, told as changes: for state that is no more since they were expunged. */
import {
  DELTA_BODY_BYTES_OFFSET,
  DELTA_PREFIX_BYTES,
  KIND_RECORD,
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
  TYPE_COUNTER,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import type { Change, Replica, Stamp } from "../../kernels/kernels.ts";
import type { NodeId } from "../node-id.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { isStub } from "../wire/stub.ts";

export interface TouchedAddress {
  readonly type: number;
  readonly collection: string;
  readonly key: string;
  readonly element: string;
  readonly author: NodeId;
}

/** Every address that whole, accepted deltas wrote to, once, in the order of the writes. */
export function touchedBy(deltas: readonly Uint8Array[]): TouchedAddress[] {
  const touched = new Map<string, TouchedAddress>();
  for (const delta of deltas) {
    const { kind, author } = decodeDeltaHeader(delta, 0);
    if (kind === KIND_RECORD) continue;
    for (const address of addressesIn(delta, author)) {
      const { type, collection, key, element } = address;
      touched.set(`${type}\0${collection}\0${key}\0${element}`, address);
    }
  }
  return [...touched.values()];
}

/** An address as it reads now. Its writer, where nobody's write is left, is whose writes went. */
export function changeAt(replica: Replica, address: TouchedAddress): Change {
  const { type, collection, key, element, author } = address;
  const none = { codec: 0, payload: NOTHING, stamp: { ...NO_STAMP, author } };
  const base = { type, collection, key, element, changed: true, delta: 0, ...none };
  switch (type) {
    case TYPE_MAP:
    case TYPE_REGISTER: {
      const read = type === TYPE_MAP ? replica.mapGet : replica.register;
      const entry = read.call(replica, collection, key);
      if (entry === undefined) return { ...base, live: false };
      const { codec, value: payload, stamp } = entry;
      return { ...base, live: true, codec, payload, stamp };
    }
    case TYPE_SET:
      return { ...base, live: replica.setHas(collection, key, element) };
    case TYPE_GAUGE:
      return { ...base, live: replica.gauge(collection, key).length > 0 };
    default:
      return { ...base, live: true };
  }
}

/** What an operation is and where it writes. */
export interface OperationAddress {
  /** OP_* of assembly/layout. */
  readonly kind: number;
  readonly collection: string;
  readonly key: string;
  readonly element: string;
  /** A view. */
  readonly payload: Uint8Array;
}

function* addressesIn(delta: Uint8Array, author: NodeId): Generator<TouchedAddress> {
  for (const { kind, collection, key, element } of operationsIn(delta)) {
    if (kind !== OP_EVENT) yield { type: typeOf(kind), collection, key, element, author };
  }
}

/** The operations of an accepted delta that is no record, in order; of a stub none. */
export function* operationsIn(delta: Uint8Array): Generator<OperationAddress> {
  if (isStub(delta)) return;
  const view = new DataView(delta.buffer, delta.byteOffset, delta.length);
  const end = DELTA_PREFIX_BYTES + view.getUint32(DELTA_BODY_BYTES_OFFSET, true);
  for (let at = DELTA_PREFIX_BYTES; at + OP_HEAD_BYTES <= end; ) {
    const collectionAt = at + OP_HEAD_BYTES;
    const keyAt = collectionAt + view.getUint16(at + OP_COLLECTION_BYTES_OFFSET, true);
    const elementAt = keyAt + view.getUint16(at + OP_KEY_BYTES_OFFSET, true);
    const payloadAt = elementAt + view.getUint16(at + OP_ELEMENT_BYTES_OFFSET, true);
    const kind = view.getUint8(at + OP_KIND_OFFSET);
    const payload = delta.subarray(
      payloadAt,
      payloadAt + view.getUint32(at + OP_PAYLOAD_BYTES_OFFSET, true),
    );
    at = payloadAt + payload.length;
    const collection = UTF8.decode(delta.subarray(collectionAt, keyAt));
    const key = UTF8.decode(delta.subarray(keyAt, elementAt));
    const element = UTF8.decode(delta.subarray(elementAt, payloadAt));
    yield { kind, collection, key, element, payload };
  }
}

/** The type of what an operation of this kind writes; an event writes nothing. */
export function typeOf(kind: number): number {
  switch (kind) {
    case OP_REGISTER_SET:
      return TYPE_REGISTER;
    case OP_MAP_SET:
    case OP_MAP_DELETE:
      return TYPE_MAP;
    case OP_COUNTER:
      return TYPE_COUNTER;
    case OP_GAUGE:
      return TYPE_GAUGE;
    default:
      return TYPE_SET;
  }
}

const UTF8 = new TextDecoder();
const NOTHING = new Uint8Array(0);
const NO_STAMP: Stamp = { hlc: 0n, author: "", epoch: 0n, nonce: 0n, seq: 0, hash: 0n };
