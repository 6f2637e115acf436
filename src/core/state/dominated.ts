/**
 * Which deltas of a log can go: those whose every operation is covered by a retained one of the
 * same author, in any replica (docs/decisions/0017-compaction.md).
 *
 * 1. Only the same author covers: expunging takes whole authors, so nothing dropped is missed.
 * 2. What covers is never dropped: the newest write at an address is covered by nothing.
 * 3. Records, the newest delta of an incarnation, and deltas with a set's operation stay.
 */
import {
  KIND_RECORD,
  OP_COUNTER,
  OP_EVENT,
  OP_SET_ADD,
  OP_SET_REMOVE,
  TYPE_GAUGE,
} from "../../../assembly/layout.ts";
import { type DeltaHeader, decodeDeltaHeader } from "../wire/delta.ts";
import { type OperationAddress, operationsIn, typeOf } from "./touched.ts";

export interface CompactionWindow {
  /** Deltas stamped at or above it stay, and the events in them. */
  readonly beforeHlc: bigint;
  /** Operations looked at between two yields; one delta of at most 256 more. */
  readonly sliceOperations: number;
}

/**
 * Finds the deltas that can go, yielding after every slice so that the caller may do it in parts;
 * deltas that come meanwhile change nothing about those found.
 * @param deltas whole, accepted deltas; borrowed, not to be changed until the end.
 * @returns the deltas that can go, the same arrays, in their order.
 */
export function* findDominated(
  deltas: readonly Uint8Array[],
  { beforeHlc, sliceOperations }: CompactionWindow,
): Generator<void, Uint8Array[]> {
  const newest = new Map<string, Written>();
  const heads = new Map<string, number>();
  let looked = 0;
  for (const delta of deltas) {
    noteNewest(delta, newest, heads);
    looked += decodeDeltaHeader(delta, 0).count;
    if (looked < sliceOperations) continue;
    looked = 0;
    yield;
  }
  const gone: Uint8Array[] = [];
  for (const delta of deltas) {
    if (isDominated(delta, { newest, heads, beforeHlc })) gone.push(delta);
    looked += decodeDeltaHeader(delta, 0).count;
    if (looked < sliceOperations) continue;
    looked = 0;
    yield;
  }
  return gone;
}

/** What orders the writes of one author. */
interface Written {
  readonly hlc: bigint;
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
}

function noteNewest(
  delta: Uint8Array,
  newest: Map<string, Written>,
  heads: Map<string, number>,
): void {
  const header = decodeDeltaHeader(delta, 0);
  const life = lifeOf(header);
  heads.set(life, Math.max(heads.get(life) ?? 0, header.firstSeq));
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
  known: {
    readonly newest: ReadonlyMap<string, Written>;
    readonly heads: ReadonlyMap<string, number>;
    readonly beforeHlc: bigint;
  },
): boolean {
  const header = decodeDeltaHeader(delta, 0);
  const { kind, firstSeq, hlc, epoch, nonce } = header;
  if (kind === KIND_RECORD || hlc >= known.beforeHlc) return false;
  if (known.heads.get(lifeOf(header)) === firstSeq) return false;
  let seq = firstSeq;
  for (const operation of operationsIn(delta)) {
    const written = { hlc, epoch, nonce, seq };
    seq += 1;
    if (operation.kind === OP_EVENT) continue;
    const place = placeOf(header, operation);
    const other = place === undefined ? undefined : known.newest.get(place);
    if (other === undefined || !isAbove(operation, other, written)) return false;
  }
  return true;
}

/** Where an operation can be covered by others; undefined where none covers it. */
function placeOf(header: DeltaHeader, operation: OperationAddress): string | undefined {
  const { kind, collection, key } = operation;
  if (kind === OP_EVENT || kind === OP_SET_ADD || kind === OP_SET_REMOVE) return undefined;
  // Totals are an incarnation's own; the rest is its author's.
  const writer = kind === OP_COUNTER ? lifeOf(header) : header.author;
  return `${writer}\0${typeOf(kind)}\0${collection}\0${key}`;
}

/** Order of two writes at one place: a gauge's by (epoch, nonce, seq), others' by stamp. */
function isAbove({ kind }: OperationAddress, a: Written, b: Written): boolean {
  if (typeOf(kind) !== TYPE_GAUGE && a.hlc !== b.hlc) return a.hlc > b.hlc;
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.nonce !== b.nonce) return a.nonce > b.nonce;
  return a.seq > b.seq;
}

function lifeOf({ author, epoch, nonce }: DeltaHeader): string {
  return `${author} ${epoch} ${nonce}`;
}
