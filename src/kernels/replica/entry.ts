/**
 * Entries: what stands at one address, and its canonical bytes.
 *
 * The leaf key of an entry is BLAKE3(address); its leaf value is BLAKE3 of the live content,
 * laid out as the functions here write it, components sorted by author, epoch, nonce. Integers
 * only. An entry that is not live is in no tree: stateRoot is a function of live entries alone.
 */
import {
  TYPE_COUNTER,
  TYPE_GAUGE,
  type TYPE_MAP,
  type TYPE_REGISTER,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import type { Stamp } from "../kernels.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { Incarnation } from "./incarnations.ts";

interface EntryBase {
  /** BLAKE3 of the address, 32 bytes. */
  readonly treeKey: Uint8Array;
}

/** A register or a map key; without a value it is the tombstone of a deleted key. */
export interface LwwEntry extends EntryBase {
  readonly type: typeof TYPE_REGISTER | typeof TYPE_MAP;
  stamp: Stamp;
  codec: number;
  value: Uint8Array | undefined;
}

/** Running totals by incarnation. */
export interface CounterEntry extends EntryBase {
  readonly type: typeof TYPE_COUNTER;
  readonly totals: Map<Incarnation, { readonly plus: bigint; readonly minus: bigint }>;
}

/**
 * One element of a set: its live dots, at most one an incarnation. An incarnation's later add
 * covers its earlier one, which every replica has applied before it.
 */
export interface SetEntry extends EntryBase {
  readonly type: typeof TYPE_SET;
  readonly dots: Map<Incarnation, { readonly seq: number; readonly hash: bigint }>;
}

/** The last value of each author. */
export interface GaugeEntry extends EntryBase {
  readonly type: typeof TYPE_GAUGE;
  readonly values: Map<string, GaugeValue>;
}

export interface GaugeValue {
  readonly incarnation: Incarnation;
  readonly seq: number;
  readonly value: bigint;
  readonly weight: bigint;
}

export type Entry = LwwEntry | CounterEntry | SetEntry | GaugeEntry;

/** Whether the entry has a value to read, and so a leaf. */
export function isLive(entry: Entry): boolean {
  switch (entry.type) {
    case TYPE_COUNTER:
      return entry.totals.size > 0;
    case TYPE_SET:
      return entry.dots.size > 0;
    case TYPE_GAUGE:
      return entry.values.size > 0;
    default:
      return entry.value !== undefined;
  }
}

/** The canonical bytes of a live entry's content. */
export function entryContent(entry: Entry): Uint8Array {
  const writer = new ByteWriter().u8(entry.type);
  switch (entry.type) {
    case TYPE_COUNTER:
      for (const incarnation of sorted(entry.totals.keys())) {
        const totals = entry.totals.get(incarnation);
        writeName(writer, incarnation)
          .u64(totals?.plus ?? 0n)
          .u64(totals?.minus ?? 0n);
      }
      return writer.finish();
    case TYPE_SET:
      for (const incarnation of sorted(entry.dots.keys())) {
        const dot = entry.dots.get(incarnation);
        writeName(writer, incarnation)
          .u64(BigInt(dot?.seq ?? 0))
          .u64(dot?.hash ?? 0n);
      }
      return writer.finish();
    case TYPE_GAUGE:
      for (const author of [...entry.values.keys()].sort()) {
        const value = entry.values.get(author);
        if (value === undefined) continue;
        writeName(writer, value.incarnation)
          .u64(BigInt(value.seq))
          .u64(BigInt.asUintN(64, value.value))
          .u64(value.weight);
      }
      return writer.finish();
    default:
      return lwwContent(writer, entry);
  }
}

/** An address: type, lengths, collection, key, element; what a leaf's key is the hash of. */
export function addressBytes(
  type: number,
  collection: string,
  key: string,
  element: string,
): Uint8Array {
  const collectionBytes = UTF8.encode(collection);
  const keyBytes = UTF8.encode(key);
  return new ByteWriter()
    .u8(type)
    .u16(collectionBytes.length)
    .u16(keyBytes.length)
    .bytes(collectionBytes)
    .bytes(keyBytes)
    .bytes(UTF8.encode(element))
    .finish();
}

function lwwContent(writer: ByteWriter, entry: LwwEntry): Uint8Array {
  const { author, epoch, nonce, seq, hash, hlc } = entry.stamp;
  return writer
    .u8(entry.codec)
    .u64(hlc)
    .ascii(author)
    .u64(epoch)
    .u64(nonce)
    .u64(BigInt(seq))
    .u64(hash)
    .bytes(entry.value ?? NOTHING)
    .finish();
}

function writeName(writer: ByteWriter, incarnation: Incarnation): ByteWriter {
  return writer.bytes(incarnation.authorBytes).u64(incarnation.epoch).u64(incarnation.nonce);
}

function sorted(incarnations: Iterable<Incarnation>): Incarnation[] {
  return [...incarnations].sort(compareNames);
}

function compareNames(a: Incarnation, b: Incarnation): number {
  if (a.author !== b.author) return a.author < b.author ? -1 : 1;
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  return a.nonce < b.nonce ? -1 : 1;
}

const NOTHING = new Uint8Array(0);
const UTF8 = new TextEncoder();
