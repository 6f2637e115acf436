/**
 * Replica: the entries of the shared state, and what they cost.
 *
 * Every entry knows its own address. `bytes` counts addresses and components as they are encoded
 * for hashing (digest.ts), so it is a function of the state, not of how it came about. Entries
 * whose leaf in the state tree is out of date wait in `dirty`.
 */
import type {
  TYPE_COUNTER,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../../assembly/layout.ts";
import type { Incarnation } from "./frontier.ts";
import type { Operation } from "./operations.ts";
import type { Origin, Written } from "./stamps.ts";

/** Bytes of an address before its three names: type u8, lengths u16 and u16. */
export const ADDRESS_HEAD_BYTES = 5;
/** hlc, author, epoch, nonce, seq, hash, codec; the value follows. */
export const WRITTEN_BYTES = 73;
/** author, epoch, nonce, P, N. */
export const COUNTER_COMPONENT_BYTES = 64;
/** author, epoch, nonce, seq, value, weight. */
export const GAUGE_COMPONENT_BYTES = 72;

interface Address {
  readonly collection: string;
  readonly key: string;
  /** Bytes of the names of the address together. */
  readonly addressBytes: number;
  /** Whether it waits in State.dirty. */
  dirty: boolean;
}

/** A register, or one key of a map. */
export interface Cell extends Address, Written {
  readonly type: typeof TYPE_REGISTER | typeof TYPE_MAP;
  origin: Origin;
  seq: number;
  codec: number;
  /** undefined: a deleted map key. */
  value: Uint8Array | undefined;
}

/** Running totals of one incarnation, as pairs of u32. */
export interface CounterComponent {
  readonly incarnation: Incarnation;
  plusHigh: number;
  plusLow: number;
  minusHigh: number;
  minusLow: number;
}

export interface Counter extends Address {
  readonly type: typeof TYPE_COUNTER;
  /** Ascending by incarnation, at most one each. */
  readonly components: CounterComponent[];
}

export interface DotOf extends Written {
  readonly incarnation: Incarnation;
}

/** One element of a set; it goes when its last dot goes. */
export interface Element extends Address {
  readonly type: typeof TYPE_SET;
  readonly element: string;
  /** Ascending by incarnation, at most one each. */
  readonly dots: DotOf[];
}

/** The last value of one author; value and weight as pairs of u32 (value in two's complement). */
export interface GaugeCell {
  incarnation: Incarnation;
  seq: number;
  valueHigh: number;
  valueLow: number;
  weightHigh: number;
  weightLow: number;
}

export interface Gauge extends Address {
  readonly type: typeof TYPE_GAUGE;
  /** Ascending by author, at most one each. */
  readonly components: GaugeCell[];
}

export type Entry = Cell | Counter | Element | Gauge;

/** The cells of one collection. */
export interface Cells {
  readonly byKey: Map<string, Cell>;
  /** Cells with a value. */
  live: number;
}

export interface State {
  readonly registers: Map<string, Cells>;
  readonly maps: Map<string, Cells>;
  readonly counters: Map<string, Map<string, Counter>>;
  /** collection -> key -> element. */
  readonly sets: Map<string, Map<string, Map<string, Element>>>;
  readonly gauges: Map<string, Map<string, Gauge>>;
  readonly dirty: Entry[];
  /** Entries, tombstones included. */
  entries: number;
  tombstones: number;
  bytes: number;
}

export function createState(): State {
  return {
    registers: new Map(),
    maps: new Map(),
    counters: new Map(),
    sets: new Map(),
    gauges: new Map(),
    dirty: [],
    entries: 0,
    tombstones: 0,
    bytes: 0,
  };
}

/** Counts a new entry that has no content yet. */
export function countEntry(state: State, operation: Operation): void {
  state.entries += 1;
  state.bytes += ADDRESS_HEAD_BYTES + operation.addressBytes;
}

/** Counts an entry out again; its content has been counted out already. */
export function discountEntry(state: State, entry: Entry): void {
  state.entries -= 1;
  state.bytes -= ADDRESS_HEAD_BYTES + entry.addressBytes;
}

/** Marks an entry whose content has changed. */
export function touchEntry(state: State, entry: Entry): void {
  if (entry.dirty) return;
  entry.dirty = true;
  state.dirty.push(entry);
}

/** Whether the address holds a live value: what belongs to stateRoot. */
export function isLive(entry: Entry): boolean {
  if ("value" in entry) return entry.value !== undefined;
  return "dots" in entry ? entry.dots.length > 0 : entry.components.length > 0;
}

/** The inner map of `name`, made when absent. */
export function childMap<T>(parent: Map<string, Map<string, T>>, name: string): Map<string, T> {
  let child = parent.get(name);
  if (child === undefined) {
    child = new Map();
    parent.set(name, child);
  }
  return child;
}

/** Position of the first of `ascending` that is not below, by `compare(item)`; see callers. */
export function lowerBound<T>(ascending: readonly T[], compare: (item: T) => number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = ascending[middle];
    if (item !== undefined && compare(item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
