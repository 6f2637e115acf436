/**
 * Which deltas of a log can go: those whose every operation is covered by a retained one of the
 * same author, in any replica (docs/decisions/0017-compaction.md).
 *
 * 1. Only the same author covers: expunging takes whole authors, so nothing dropped is missed.
 * 2. What covers is never dropped: the newest write at an address is covered by nothing.
 * 3. Records stay; of the newest delta of an incarnation its stub, which is the head.
 * 4. An incarnation's add of an element replaces its own older one, removed or not, so it covers
 *    that; and a remove all of whose adds are covered removes nothing that is left.
 */
import {
  DOT_BYTES,
  KIND_RECORD,
  NODE_ID_BYTES,
  OP_COUNTER,
  OP_EVENT,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_GAUGE,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import { nodeIdFromBytes } from "../node-id.ts";
import { type DeltaHeader, decodeDeltaHeader } from "../wire/delta.ts";
import { isStub } from "../wire/stub.ts";
import { type OperationAddress, operationsIn, typeOf } from "./touched.ts";

export interface Dominated {
  /** The deltas that can go, the same arrays. */
  readonly gone: Set<Uint8Array>;
  /** Bytes of those too young to be judged: another search may find some of them. */
  readonly youngBytes: number;
}

export interface CompactionWindow {
  /** Deltas stamped at or above it stay, and the events in them. */
  readonly beforeHlc: bigint;
  /** Operations looked at between two yields; one delta of at most 256 more. */
  readonly sliceOperations: number;
}

/**
 * Finds the deltas that can go, yielding after every slice so that the caller may do it in parts;
 * deltas that come meanwhile change nothing about those found.
 * @param deltas accepted deltas, and stubs; gone through twice. Borrowed, not to be changed.
 */
export function* findDominated(
  deltas: Iterable<Uint8Array>,
  { beforeHlc, sliceOperations }: CompactionWindow,
): Generator<void, Dominated> {
  const newest = new Map<string, Written>();
  let looked = 0;
  for (const delta of deltas) {
    if (isStub(delta)) continue;
    noteNewest(delta, newest);
    looked += decodeDeltaHeader(delta, 0).count;
    if (looked < sliceOperations) continue;
    looked = 0;
    yield;
  }
  const gone = new Set<Uint8Array>();
  let youngBytes = 0;
  for (const delta of deltas) {
    if (isStub(delta)) continue;
    const header = decodeDeltaHeader(delta, 0);
    if (header.hlc >= beforeHlc) youngBytes += delta.length;
    else if (isDominated(delta, header, newest)) gone.add(delta);
    looked += header.count;
    if (looked < sliceOperations) continue;
    looked = 0;
    yield;
  }
  return { gone, youngBytes };
}

/** What orders the writes of one author. */
interface Written {
  readonly hlc: bigint;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
}

function noteNewest(delta: Uint8Array, newest: Map<string, Written>): void {
  const header = decodeDeltaHeader(delta, 0);
  if (header.kind === KIND_RECORD) return;
  let seq = header.firstSeq;
  for (const operation of operationsIn(delta)) {
    const written = { hlc: header.hlc, epoch: header.epoch, nonce: header.nonce, seq };
    seq += 1;
    const place = placeOf(header, operation);
    const other = place === undefined ? undefined : newest.get(place);
    if (place === undefined) continue;
    if (other === undefined || isAbove(operation, written, other)) newest.set(place, written);
  }
}

function isDominated(
  delta: Uint8Array,
  header: DeltaHeader,
  newest: ReadonlyMap<string, Written>,
): boolean {
  const { kind, firstSeq, hlc, epoch, nonce } = header;
  if (kind === KIND_RECORD) return false;
  let seq = firstSeq;
  for (const operation of operationsIn(delta)) {
    const written = { hlc, epoch, nonce, seq };
    seq += 1;
    if (operation.kind === OP_EVENT) continue;
    if (operation.kind === OP_SET_REMOVE) {
      if (!areCovered(operation, newest)) return false;
      continue;
    }
    const place = placeOf(header, operation);
    const other = place === undefined ? undefined : newest.get(place);
    if (other === undefined || !isAbove(operation, other, written)) return false;
  }
  return true;
}

/** Where an operation can be covered by others; undefined where none covers it. */
function placeOf(header: DeltaHeader, operation: OperationAddress): string | undefined {
  const { kind, collection, key } = operation;
  if (kind === OP_EVENT || kind === OP_SET_REMOVE) return undefined;
  if (kind === OP_SET_ADD) return addPlace(lifeOf(header), operation);
  // Totals are an incarnation's own; the rest is its author's.
  const writer = kind === OP_COUNTER ? lifeOf(header) : header.author;
  return `${writer}\0${typeOf(kind)}\0${collection}\0${key}`;
}

function addPlace(life: string, { collection, key, element }: OperationAddress): string {
  return `${life}\0${TYPE_SET}\0${collection}\0${key}\0${element}`;
}

/** Whether each add that a remove names has a later one of its incarnation. */
function areCovered(remove: OperationAddress, newest: ReadonlyMap<string, Written>): boolean {
  const { payload } = remove;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  for (let at = 0; at < payload.length; at += DOT_BYTES) {
    const author = nodeIdFromBytes(payload, at);
    const epoch = view.getBigUint64(at + DOT_EPOCH, true);
    const nonce = view.getBigUint64(at + DOT_NONCE, true);
    const add = newest.get(addPlace(lifeOf({ author, epoch, nonce }), remove));
    if (add === undefined || BigInt(add.seq) <= view.getBigUint64(at + DOT_SEQ, true)) return false;
  }
  return true;
}

/** Order of two writes at one place: a gauge's by (epoch, nonce, seq), others' by stamp. */
function isAbove({ kind }: OperationAddress, a: Written, b: Written): boolean {
  if (typeOf(kind) !== TYPE_GAUGE && a.hlc !== b.hlc) return a.hlc > b.hlc;
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.nonce !== b.nonce) return a.nonce > b.nonce;
  return a.seq > b.seq;
}

function lifeOf({ author, epoch, nonce }: Pick<DeltaHeader, "author" | "epoch" | "nonce">): string {
  return `${author} ${epoch} ${nonce}`;
}

/** In a dot: author 32, epoch, nonce and seq u64 each, 8 bytes of the delta's hash. */
const DOT_EPOCH = NODE_ID_BYTES;
const DOT_NONCE = DOT_EPOCH + 8;
const DOT_SEQ = DOT_NONCE + 8;
