/**
 * Operations of a delta's body, parsed whole before any is applied: a single fault refuses the
 * delta. Rules: docs/wire.md, "Operations".
 */
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
} from "../../../assembly/layout.ts";

/** One parsed operation; `payload` is a view into the body. */
export interface ParsedOperation {
  readonly kind: number;
  readonly codec: number;
  readonly collection: string;
  readonly key: string;
  readonly element: string;
  readonly payload: Uint8Array;
}

/** The operations of a body; undefined when anything is wrong with any of them. */
export function parseOperations(body: Uint8Array, count: number): ParsedOperation[] | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const operations: ParsedOperation[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (body.length - at < OP_HEAD_BYTES) return undefined;
    const collectionBytes = view.getUint16(at + OP_COLLECTION_BYTES_OFFSET, true);
    const keyBytes = view.getUint16(at + OP_KEY_BYTES_OFFSET, true);
    const elementBytes = view.getUint16(at + OP_ELEMENT_BYTES_OFFSET, true);
    const payloadBytes = view.getUint32(at + OP_PAYLOAD_BYTES_OFFSET, true);
    const collectionAt = at + OP_HEAD_BYTES;
    const keyAt = collectionAt + collectionBytes;
    const elementAt = keyAt + keyBytes;
    const payloadAt = elementAt + elementBytes;
    const end = payloadAt + payloadBytes;
    if (end > body.length) return undefined;
    if (collectionBytes < 1 || collectionBytes > COLLECTION_BYTES_MAX) return undefined;
    if (keyBytes > KEY_BYTES_MAX || elementBytes > ELEMENT_BYTES_MAX) return undefined;
    const collection = text(body.subarray(collectionAt, keyAt));
    const key = text(body.subarray(keyAt, elementAt));
    const element = text(body.subarray(elementAt, payloadAt));
    if (collection === undefined || key === undefined || element === undefined) return undefined;
    const operation: ParsedOperation = {
      kind: view.getUint8(at + OP_KIND_OFFSET),
      codec: view.getUint8(at + OP_CODEC_OFFSET),
      collection,
      key,
      element,
      payload: body.subarray(payloadAt, end),
    };
    if (!isWellFormed(operation)) return undefined;
    operations.push(operation);
    at = end;
  }
  return at === body.length ? operations : undefined;
}

function isWellFormed({ kind, codec, key, element, payload }: ParsedOperation): boolean {
  const hasElement = element !== "";
  switch (kind) {
    case OP_REGISTER_SET:
      return !hasElement && payload.length <= VALUE_BYTES_MAX;
    case OP_MAP_SET:
      return !hasElement && key !== "" && payload.length <= VALUE_BYTES_MAX;
    case OP_MAP_DELETE:
      return !hasElement && key !== "" && codec === 0 && payload.length === 0;
    case OP_COUNTER:
      return !hasElement && codec === 0 && payload.length === COUNTER_PAYLOAD_BYTES;
    case OP_SET_ADD:
      return hasElement && codec === 0 && payload.length === 0;
    case OP_SET_REMOVE:
      return hasElement && codec === 0 && areDots(payload);
    case OP_GAUGE:
      return !hasElement && codec === 0 && isGauge(payload);
    case OP_EVENT:
      return !hasElement && key === "" && payload.length <= VALUE_BYTES_MAX;
    default:
      return false;
  }
}

function areDots(payload: Uint8Array): boolean {
  return payload.length % DOT_BYTES === 0 && payload.length / DOT_BYTES <= REMOVE_DOTS_MAX;
}

function isGauge(payload: Uint8Array): boolean {
  if (payload.length !== GAUGE_PAYLOAD_BYTES) return false;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return view.getBigInt64(8, true) > 0n;
}

/** Strict UTF-8; undefined when it is not. */
function text(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "";
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
