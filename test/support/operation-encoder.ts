/**
 * A second encoder, apart from the one the core uses: tests write with it what they judge.
 *
 * Wire: encodes the eight kinds of operation and the dots that removes name.
 *
 * Layout: 12-byte head | collection | key | element | payload, little-endian (assembly/layout.ts).
 * Encoding is canonical: equal operations give equal bytes, unused fields are zero. An operation
 * that every replica would refuse cannot be encoded: what is out of bounds throws a RangeError
 * here, because once signed it would end its author's incarnation.
 */
import {
  COLLECTION_BYTES_MAX,
  COUNTER_PAYLOAD_BYTES,
  DOT_BYTES,
  ELEMENT_BYTES_MAX,
  GAUGE_PAYLOAD_BYTES,
  KEY_BYTES_MAX,
  NODE_ID_BYTES,
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
} from "../../assembly/layout.ts";

/** Text (encoded as UTF-8) or bytes that are UTF-8 already; borrowed for the call. */
type Text = string | Uint8Array;

interface Address {
  /** 1 to COLLECTION_BYTES_MAX bytes. */
  readonly collection: Text;
  /** 0 to KEY_BYTES_MAX bytes. */
  readonly key: Text;
}

/** One operation; `kind` is an OP_* of assembly/layout. */
export type OperationFields =
  | (Address & {
      readonly kind: typeof OP_REGISTER_SET | typeof OP_MAP_SET | typeof OP_EVENT;
      /** How readers decode the value, 0 to 255. */
      readonly codec: number;
      /** 0 to VALUE_BYTES_MAX bytes. */
      readonly value: Uint8Array;
    })
  | (Address & { readonly kind: typeof OP_MAP_DELETE })
  | (Address & {
      readonly kind: typeof OP_COUNTER;
      /** The incarnation's running totals after this operation, u64. */
      readonly plus: bigint;
      readonly minus: bigint;
    })
  | (Address & { readonly kind: typeof OP_SET_ADD; readonly element: Text })
  | (Address & {
      readonly kind: typeof OP_SET_REMOVE;
      readonly element: Text;
      /** What {@link encodeDots} or Replica.setDots returned; at most REMOVE_DOTS_MAX dots. */
      readonly dots: Uint8Array;
    })
  | (Address & {
      readonly kind: typeof OP_GAUGE;
      /** Micro-units, i64. */
      readonly value: bigint;
      /** 1 to 2^64 - 1. */
      readonly weight: bigint;
    });

/** One add of a set: who, when, and under which delta. */
export interface Dot {
  /** 64 lower-case hex digits. */
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
  /** First 8 bytes of the delta's hash, read as a little-endian u64. */
  readonly hash: bigint;
}

/**
 * Encodes one operation.
 * @returns OP_HEAD_BYTES plus the lengths of its fields; a fresh array.
 * @throws RangeError when a field is out of the bounds of assembly/layout.
 */
export function encodeOperation(operation: OperationFields): Uint8Array {
  const collection = bounded("collection", operation.collection, COLLECTION_BYTES_MAX);
  if (collection.length === 0) throw new RangeError("an operation needs a collection");
  const key = bounded("key", operation.key, KEY_BYTES_MAX);
  const element = elementOf(operation);
  const payload = payloadOf(operation);
  const names = OP_HEAD_BYTES + collection.length + key.length + element.length;
  const out = new Uint8Array(names + payload.length);
  const view = new DataView(out.buffer);
  out[OP_KIND_OFFSET] = operation.kind;
  out[OP_CODEC_OFFSET] = "codec" in operation ? unsigned("codec", operation.codec, 255) : 0;
  view.setUint16(OP_COLLECTION_BYTES_OFFSET, collection.length, true);
  view.setUint16(OP_KEY_BYTES_OFFSET, key.length, true);
  view.setUint16(OP_ELEMENT_BYTES_OFFSET, element.length, true);
  view.setUint32(OP_PAYLOAD_BYTES_OFFSET, payload.length, true);
  out.set(collection, OP_HEAD_BYTES);
  out.set(key, OP_HEAD_BYTES + collection.length);
  out.set(element, OP_HEAD_BYTES + collection.length + key.length);
  out.set(payload, names);
  return out;
}

/**
 * Encodes dots as the payload of a remove, in the given order.
 * @returns DOT_BYTES per dot: author 32 | epoch u64 | nonce u64 | seq u64 | hash u64.
 * @throws RangeError when an author is not 64 hex digits or a number does not fit.
 */
export function encodeDots(dots: readonly Dot[]): Uint8Array {
  const out = new Uint8Array(dots.length * DOT_BYTES);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const dot of dots) {
    out.set(nodeIdBytes(dot.author), at);
    view.setBigUint64(at + NODE_ID_BYTES, u64("epoch", dot.epoch), true);
    view.setBigUint64(at + NODE_ID_BYTES + 8, u64("nonce", dot.nonce), true);
    view.setBigUint64(at + NODE_ID_BYTES + 16, BigInt(safeSeq(dot.seq)), true);
    view.setBigUint64(at + NODE_ID_BYTES + 24, u64("hash", dot.hash), true);
    at += DOT_BYTES;
  }
  return out;
}

/**
 * Turns a node id's text into its 32 bytes.
 * @throws RangeError when it is not 64 lower-case hex digits.
 */
export function nodeIdBytes(id: string): Uint8Array {
  if (!NODE_ID.test(id)) throw new RangeError("a node id is 64 lower-case hex digits");
  const out = new Uint8Array(NODE_ID_BYTES);
  for (let i = 0; i < NODE_ID_BYTES; i++) out[i] = Number.parseInt(id.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** Returns `value`; throws a RangeError when it is not a u64. */
export function u64(name: string, value: bigint): bigint {
  if (value < 0n || value > U64_MAX) throw new RangeError(`${name} must be a u64, got ${value}`);
  return value;
}

/** Returns `seq`; throws a RangeError when it is not a safe integer from 0. */
export function safeSeq(seq: number): number {
  return unsigned("seq", seq, Number.MAX_SAFE_INTEGER);
}

/** Returns `value`; throws a RangeError when it is not an integer of [0, max]. */
export function unsigned(name: string, value: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw new RangeError(`${name} must be an integer of 0 to ${max}, got ${value}`);
}

function elementOf(operation: OperationFields): Uint8Array {
  if (!("element" in operation)) return EMPTY;
  const element = bounded("element", operation.element, ELEMENT_BYTES_MAX);
  if (element.length === 0) throw new RangeError("a set operation needs an element");
  return element;
}

function payloadOf(operation: OperationFields): Uint8Array {
  switch (operation.kind) {
    case OP_REGISTER_SET:
    case OP_MAP_SET:
    case OP_EVENT:
      return bounded("value", operation.value, VALUE_BYTES_MAX);
    case OP_MAP_DELETE:
    case OP_SET_ADD:
      return EMPTY;
    case OP_COUNTER:
      return pair(
        COUNTER_PAYLOAD_BYTES,
        u64("plus", operation.plus),
        u64("minus", operation.minus),
      );
    case OP_GAUGE:
      return gaugePayload(operation.value, operation.weight);
    case OP_SET_REMOVE:
      if (operation.dots.length % DOT_BYTES !== 0) throw new RangeError("dots are cut short");
      return bounded("dots", operation.dots, REMOVE_DOTS_MAX * DOT_BYTES);
  }
}

function gaugePayload(value: bigint, weight: bigint): Uint8Array {
  if (BigInt.asIntN(64, value) !== value)
    throw new RangeError(`value must be an i64, got ${value}`);
  if (weight === 0n) throw new RangeError("a gauge's weight is at least 1");
  return pair(GAUGE_PAYLOAD_BYTES, value, u64("weight", weight));
}

/** Two 64-bit words; a negative first one in two's complement. */
function pair(bytes: number, first: bigint, second: bigint): Uint8Array {
  const out = new Uint8Array(bytes);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, first), true);
  view.setBigUint64(8, second, true);
  return out;
}

function bounded(name: string, text: Text, bytesMax: number): Uint8Array {
  const bytes = typeof text === "string" ? ENCODER.encode(text) : text;
  if (bytes.length <= bytesMax) return bytes;
  throw new RangeError(`${name} must be at most ${bytesMax} bytes, got ${bytes.length}`);
}

const ENCODER = new TextEncoder();
const EMPTY = new Uint8Array(0);
const NODE_ID = /^[0-9a-f]{64}$/;
const U64_MAX = 0xffff_ffff_ffff_ffffn;
