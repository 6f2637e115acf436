/**
 * Replica: parses the operations of one delta, strictly.
 *
 * The whole body is parsed before anything is applied: one bad byte refuses the delta. Strict
 * means one encoding per meaning: known kinds, lengths within limits that add up exactly, UTF-8,
 * codec and element zero where the kind has none. What depends on state (a counter that falls) is
 * judged in counters.ts.
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
} from "../../../../assembly/layout.ts";
import { equalBytes } from "./bytes.ts";
import { decodeText } from "./text.ts";

/** One parsed operation; its payload still lies in the frame. */
export interface Operation {
  readonly kind: number;
  readonly codec: number;
  readonly collection: string;
  readonly key: string;
  readonly element: string;
  /** Bytes of collection, key and element together. */
  readonly addressBytes: number;
  readonly payloadAt: number;
  readonly payloadBytes: number;
}

/** Why a body is malformed: a stable lower-case word. */
export type OperationFault =
  | "kind"
  | "codec"
  | "collection"
  | "key"
  | "element"
  | "payload"
  | "truncated"
  | "trailing";

/**
 * Parses exactly `count` operations of [start, end).
 * @returns the operations, or why the body is malformed; never throws.
 */
export function parseOperations(
  bytes: Uint8Array,
  view: DataView,
  body: { readonly start: number; readonly end: number; readonly count: number },
): readonly Operation[] | OperationFault {
  const operations: Operation[] = [];
  let at = body.start;
  let collectionAt = 0;
  let collectionBytes = 0;
  let collection = "";
  for (let i = 0; i < body.count; i++) {
    const fault = headFault(view, at, body.end);
    if (fault !== "") return fault;
    const names = at + OP_HEAD_BYTES;
    const keyAt = names + view.getUint16(at + OP_COLLECTION_BYTES_OFFSET, true);
    const elementAt = keyAt + view.getUint16(at + OP_KEY_BYTES_OFFSET, true);
    const payloadAt = elementAt + view.getUint16(at + OP_ELEMENT_BYTES_OFFSET, true);
    const payloadBytes = view.getUint32(at + OP_PAYLOAD_BYTES_OFFSET, true);
    // Neighbours mostly share their collection: one string serves them all.
    const shared = keyAt - names === collectionBytes;
    if (!shared || !equalBytes(bytes, names, bytes, collectionAt, collectionBytes)) {
      const text = decodeText(bytes, names, keyAt);
      if (text === undefined) return "collection";
      collection = text;
      collectionAt = names;
      collectionBytes = keyAt - names;
    }
    const key = decodeText(bytes, keyAt, elementAt);
    if (key === undefined) return "key";
    const element = decodeText(bytes, elementAt, payloadAt);
    if (element === undefined) return "element";
    const kind = view.getUint8(at + OP_KIND_OFFSET);
    const codec = view.getUint8(at + OP_CODEC_OFFSET);
    const addressBytes = payloadAt - names;
    operations.push({
      kind,
      codec,
      collection,
      key,
      element,
      addressBytes,
      payloadAt,
      payloadBytes,
    });
    at = payloadAt + payloadBytes;
  }
  return at === body.end ? operations : "trailing";
}

function headFault(view: DataView, at: number, end: number): OperationFault | "" {
  if (end - at < OP_HEAD_BYTES) return "truncated";
  const kind = view.getUint8(at + OP_KIND_OFFSET);
  if (kind < OP_REGISTER_SET || kind > OP_EVENT) return "kind";
  const collectionBytes = view.getUint16(at + OP_COLLECTION_BYTES_OFFSET, true);
  const keyBytes = view.getUint16(at + OP_KEY_BYTES_OFFSET, true);
  const elementBytes = view.getUint16(at + OP_ELEMENT_BYTES_OFFSET, true);
  const payloadBytes = view.getUint32(at + OP_PAYLOAD_BYTES_OFFSET, true);
  if (collectionBytes === 0 || collectionBytes > COLLECTION_BYTES_MAX) return "collection";
  if (keyBytes > KEY_BYTES_MAX) return "key";
  const hasElement = kind === OP_SET_ADD || kind === OP_SET_REMOVE;
  if (hasElement !== elementBytes > 0 || elementBytes > ELEMENT_BYTES_MAX) return "element";
  const names = at + OP_HEAD_BYTES + collectionBytes + keyBytes + elementBytes;
  if (names + payloadBytes > end) return "truncated";
  if (!hasCodec(kind) && view.getUint8(at + OP_CODEC_OFFSET) !== 0) return "codec";
  return isPayload(kind, view, names, payloadBytes) ? "" : "payload";
}

function hasCodec(kind: number): boolean {
  return kind === OP_REGISTER_SET || kind === OP_MAP_SET || kind === OP_EVENT;
}

function isPayload(kind: number, view: DataView, at: number, bytes: number): boolean {
  switch (kind) {
    case OP_MAP_DELETE:
    case OP_SET_ADD:
      return bytes === 0;
    case OP_COUNTER:
      return bytes === COUNTER_PAYLOAD_BYTES;
    case OP_SET_REMOVE:
      return bytes % DOT_BYTES === 0 && bytes <= REMOVE_DOTS_MAX * DOT_BYTES;
    case OP_GAUGE:
      if (bytes !== GAUGE_PAYLOAD_BYTES) return false;
      return view.getUint32(at + 8, true) !== 0 || view.getUint32(at + 12, true) !== 0;
    default:
      return bytes <= VALUE_BYTES_MAX;
  }
}
