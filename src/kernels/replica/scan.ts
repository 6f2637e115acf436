/**
 * frameScan: cuts bytes into deltas and says of each what it is, from its header, its body's hash
 * and the chain; nothing changes. A delta may chain to an earlier one of the same bytes.
 */
import {
  DELTA_AUTHOR_OFFSET,
  DELTA_BODY_BYTES_MAX,
  DELTA_BODY_BYTES_OFFSET,
  DELTA_BODY_HASH_OFFSET,
  DELTA_COUNT_OFFSET,
  DELTA_EPOCH_OFFSET,
  DELTA_FIRST_SEQ_OFFSET,
  DELTA_HEADER_BYTES,
  DELTA_HLC_OFFSET,
  DELTA_KIND_OFFSET,
  DELTA_NONCE_OFFSET,
  DELTA_OPS_MAX,
  DELTA_PREFIX_BYTES,
  DELTA_PREV_HASH_OFFSET,
  DELTA_RESERVED_OFFSET,
  DELTA_RESERVED2_OFFSET,
  DELTA_VERSION_OFFSET,
  HASH_BYTES,
  KIND_OPERATIONS,
  KIND_RECORD,
  MESH_ID_BYTES,
  MESH_ID_OFFSET,
  NODE_ID_BYTES,
  RECORD_BODY_BYTES,
  RECORD_KEY_OFFSET,
  WIRE_VERSION,
} from "../../../assembly/layout.ts";
import {
  type Primitives,
  SCAN_CONFLICT,
  SCAN_ENDED,
  SCAN_HELD,
  SCAN_MALFORMED,
  SCAN_ORPHAN,
  SCAN_VERIFY,
  type Scan,
  type ScanStatus,
} from "../kernels.ts";
import { hex } from "./hex.ts";
import { type Incarnations, incarnationName } from "./incarnations.ts";

/** Deltas in one scan; a frame of 1 MiB holds at most 4,681 empty ones. */
const SCAN_ROWS_MAX = 4_096;

/** A header, read once. */
export interface ScannedHeader {
  readonly offset: number;
  readonly kind: number;
  readonly count: number;
  readonly bodyBytes: number;
  readonly author: string;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly name: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly hlc: bigint;
}

/** The end of a chain as far as the scan has seen it. */
interface ChainEnd {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly hlc: bigint;
  readonly key: Uint8Array;
}

interface Row {
  readonly status: ScanStatus;
  readonly key?: Uint8Array;
  readonly reason?: string;
}

export class Scanner {
  readonly #blake3: Primitives["blake3"];
  readonly #meshId: Uint8Array;
  readonly #incarnations: Incarnations;

  constructor(blake3: Primitives["blake3"], meshId: Uint8Array, incarnations: Incarnations) {
    this.#blake3 = blake3;
    this.#meshId = meshId;
    this.#incarnations = incarnations;
  }

  scan(bytes: Uint8Array): Scan {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const offsets: number[] = [];
    const lengths: number[] = [];
    const rows: Row[] = [];
    const ends = new Map<string, ChainEnd>();
    let at = 0;
    let complete = true;
    while (at < bytes.length) {
      const length = deltaLength(view, at);
      if (length === undefined || rows.length >= SCAN_ROWS_MAX) {
        complete = false;
        break;
      }
      offsets.push(at);
      lengths.push(length);
      rows.push(this.#row(bytes, view, at, ends));
      at += length;
    }
    const keys = new Uint8Array(rows.length * NODE_ID_BYTES);
    for (const [i, row] of rows.entries()) if (row.key) keys.set(row.key, i * NODE_ID_BYTES);
    return {
      count: rows.length,
      offsets: Uint32Array.from(offsets),
      lengths: Uint32Array.from(lengths),
      statuses: Uint8Array.from(rows, (row) => row.status),
      keys,
      reasons: rows.map((row) => row.reason ?? ""),
      complete,
    };
  }

  #row(bytes: Uint8Array, view: DataView, at: number, ends: Map<string, ChainEnd>): Row {
    const fault = headerFault(view, bytes, at, this.#meshId);
    if (fault !== undefined) return { status: SCAN_MALFORMED, reason: fault };
    const header = readHeader(bytes, at);
    const known = this.#incarnations.get(header.name);
    if (known !== undefined && header.firstSeq <= known.seq) {
      const signature = bytes.subarray(at + DELTA_HEADER_BYTES, at + DELTA_PREFIX_BYTES);
      if (known.places.holds(header.firstSeq, signature)) return { status: SCAN_HELD };
    }
    if (known?.ended === true) return { status: SCAN_ENDED };
    const bodyAt = at + DELTA_PREFIX_BYTES;
    const body = bytes.subarray(bodyAt, bodyAt + header.bodyBytes);
    if (!same(this.#blake3(body), bytes, at + DELTA_BODY_HASH_OFFSET)) {
      return { status: SCAN_MALFORMED, reason: "body_hash" };
    }
    if (known !== undefined && header.firstSeq <= known.seq) {
      const key = header.kind === KIND_RECORD ? known.authorBytes : known.key;
      return { status: SCAN_CONFLICT, key };
    }
    return this.#chained(bytes, at, header, ends.get(header.name) ?? known, ends);
  }

  #chained(
    bytes: Uint8Array,
    at: number,
    header: ScannedHeader,
    end: ChainEnd | undefined,
    ends: Map<string, ChainEnd>,
  ): Row {
    if (header.kind === KIND_RECORD) {
      if (end !== undefined) return { status: SCAN_ORPHAN };
      const keyAt = at + DELTA_PREFIX_BYTES + RECORD_KEY_OFFSET;
      const key = bytes.slice(keyAt, keyAt + NODE_ID_BYTES);
      ends.set(header.name, { seq: 0, hash: this.#headerHash(bytes, at), hlc: header.hlc, key });
      const authorAt = at + DELTA_AUTHOR_OFFSET;
      return { status: SCAN_VERIFY, key: bytes.slice(authorAt, authorAt + NODE_ID_BYTES) };
    }
    if (end === undefined || header.firstSeq !== end.seq + 1) return { status: SCAN_ORPHAN };
    // The right seq after another head: its ancestor is a branch that is not held here.
    if (!same(end.hash, bytes, at + DELTA_PREV_HASH_OFFSET)) return { status: SCAN_ORPHAN };
    if (header.hlc <= end.hlc) return { status: SCAN_MALFORMED, reason: "hlc" };
    const { key } = end;
    const hash = this.#headerHash(bytes, at);
    ends.set(header.name, { seq: header.lastSeq, hash, hlc: header.hlc, key });
    return { status: SCAN_VERIFY, key };
  }

  #headerHash(bytes: Uint8Array, at: number): Uint8Array {
    return this.#blake3(bytes.subarray(at, at + DELTA_HEADER_BYTES));
  }
}

/** Reads a header that {@link headerFault} has passed. */
export function readHeader(bytes: Uint8Array, at: number): ScannedHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, DELTA_HEADER_BYTES);
  const author = hex(bytes, at + DELTA_AUTHOR_OFFSET, NODE_ID_BYTES);
  const epoch = view.getBigUint64(DELTA_EPOCH_OFFSET, true);
  const nonce = view.getBigUint64(DELTA_NONCE_OFFSET, true);
  const count = view.getUint32(DELTA_COUNT_OFFSET, true);
  const firstSeq = Number(view.getBigUint64(DELTA_FIRST_SEQ_OFFSET, true));
  return {
    offset: at,
    kind: view.getUint8(DELTA_KIND_OFFSET),
    count,
    bodyBytes: view.getUint32(DELTA_BODY_BYTES_OFFSET, true),
    author,
    epoch,
    nonce,
    name: incarnationName({ author, epoch, nonce }),
    firstSeq,
    lastSeq: firstSeq + count - 1,
    hlc: view.getBigUint64(DELTA_HLC_OFFSET, true),
  };
}

/** Bytes of the delta at an offset; undefined when it does not fit or its body is over the limit. */
function deltaLength(view: DataView, at: number): number | undefined {
  if (view.byteLength - at < DELTA_PREFIX_BYTES) return undefined;
  const body = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
  if (body > DELTA_BODY_BYTES_MAX || view.byteLength - at - DELTA_PREFIX_BYTES < body) {
    return undefined;
  }
  return DELTA_PREFIX_BYTES + body;
}

function headerFault(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  meshId: Uint8Array,
): string | undefined {
  if (view.getUint8(at + DELTA_VERSION_OFFSET) !== WIRE_VERSION) return "version";
  const kind = view.getUint8(at + DELTA_KIND_OFFSET);
  if (kind !== KIND_RECORD && kind !== KIND_OPERATIONS) return "kind";
  if (view.getUint16(at + DELTA_RESERVED_OFFSET, true) !== 0) return "reserved";
  if (view.getUint32(at + DELTA_RESERVED2_OFFSET, true) !== 0) return "reserved";
  for (let i = 0; i < MESH_ID_BYTES; i++) {
    if (bytes[at + MESH_ID_OFFSET + i] !== meshId[i]) return "mesh";
  }
  const count = view.getUint32(at + DELTA_COUNT_OFFSET, true);
  const firstSeqHigh = view.getUint32(at + DELTA_FIRST_SEQ_OFFSET + 4, true);
  const firstSeqLow = view.getUint32(at + DELTA_FIRST_SEQ_OFFSET, true);
  if (kind === KIND_RECORD) {
    if (count !== 1) return "count";
    if (firstSeqHigh !== 0 || firstSeqLow !== 0) return "seq";
    const body = view.getUint32(at + DELTA_BODY_BYTES_OFFSET, true);
    return body === RECORD_BODY_BYTES ? undefined : "body_bytes";
  }
  if (count < 1 || count > DELTA_OPS_MAX) return "count";
  // Below 2^52, so that firstSeq + count stays a safe integer.
  if (firstSeqHigh > 0xf_ffff || (firstSeqHigh === 0 && firstSeqLow === 0)) return "seq";
  return undefined;
}

function same(hash: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (hash[i] !== bytes[at + i]) return false;
  return true;
}
