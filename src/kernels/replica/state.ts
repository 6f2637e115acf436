/**
 * The entries of a replica, by type, collection and key, with the tree over the live ones. Every
 * touched entry is marked and hashed once, when the root is asked for.
 */
import {
  TYPE_COUNTER,
  TYPE_GAUGE,
  TYPE_MAP,
  TYPE_REGISTER,
  TYPE_SET,
} from "../../../assembly/layout.ts";
import type { MerkleTree, Primitives } from "../kernels.ts";
import {
  addressBytes,
  type CounterEntry,
  type Entry,
  entryContent,
  type GaugeEntry,
  isLive,
  type LwwEntry,
  type SetEntry,
} from "./entry.ts";

type Collections<E> = Map<string, Map<string, E>>;

export class State {
  readonly #primitives: Primitives;
  readonly #tree: MerkleTree;
  readonly #dirty = new Set<Entry>();
  readonly #registers: Collections<LwwEntry> = new Map();
  readonly #maps: Collections<LwwEntry> = new Map();
  readonly #counters: Collections<CounterEntry> = new Map();
  readonly #gauges: Collections<GaugeEntry> = new Map();
  readonly #sets: Collections<Map<string, SetEntry>> = new Map();
  /** Live keys of maps and elements of sets, so that sizes need no walk. */
  readonly #liveCounts = new Map<string, number>();
  #entries = 0;
  #tombstones = 0;

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
    this.#tree = primitives.createMerkleTree();
  }

  /** Entries held, tombstones of map keys included. */
  get entries(): number {
    return this.#entries;
  }

  get tombstones(): number {
    return this.#tombstones;
  }

  lww(type: number, collection: string, key: string): LwwEntry | undefined {
    return this.#lwwOf(type).get(collection)?.get(key);
  }

  /** Sets a register or map key; without a value it leaves a tombstone. */
  setLww(
    type: typeof TYPE_REGISTER | typeof TYPE_MAP,
    collection: string,
    key: string,
    content: Pick<LwwEntry, "stamp" | "codec" | "value">,
  ): void {
    const keys = collectionOf(this.#lwwOf(type), collection);
    let entry = keys.get(key);
    const wasLive = entry?.value !== undefined;
    if (entry === undefined) {
      entry = { type, treeKey: this.#treeKey(type, collection, key, ""), ...content };
      keys.set(key, entry);
      this.#entries += 1;
    } else {
      if (!wasLive) this.#tombstones -= 1;
      Object.assign(entry, content);
    }
    if (content.value === undefined) this.#tombstones += 1;
    // Registers have no size.
    if (type === TYPE_MAP) {
      this.#countLive(`m${collection}`, wasLive, content.value !== undefined);
    }
    this.#dirty.add(entry);
  }

  *mapKeys(collection: string): Generator<string> {
    for (const [key, entry] of this.#maps.get(collection) ?? []) {
      if (entry.value !== undefined) yield key;
    }
  }

  mapSize(collection: string): number {
    return this.#liveCounts.get(`m${collection}`) ?? 0;
  }

  counter(collection: string, key: string): CounterEntry | undefined {
    return this.#counters.get(collection)?.get(key);
  }

  /** The counter, made if need be, marked as changed. */
  touchCounter(collection: string, key: string): CounterEntry {
    const keys = collectionOf(this.#counters, collection);
    let entry = keys.get(key);
    if (entry === undefined) {
      const treeKey = this.#treeKey(TYPE_COUNTER, collection, key, "");
      entry = { type: TYPE_COUNTER, treeKey, totals: new Map() };
      keys.set(key, entry);
      this.#entries += 1;
    }
    this.#dirty.add(entry);
    return entry;
  }

  gauge(collection: string, key: string): GaugeEntry | undefined {
    return this.#gauges.get(collection)?.get(key);
  }

  touchGauge(collection: string, key: string): GaugeEntry {
    const keys = collectionOf(this.#gauges, collection);
    let entry = keys.get(key);
    if (entry === undefined) {
      const treeKey = this.#treeKey(TYPE_GAUGE, collection, key, "");
      entry = { type: TYPE_GAUGE, treeKey, values: new Map() };
      keys.set(key, entry);
      this.#entries += 1;
    }
    this.#dirty.add(entry);
    return entry;
  }

  element(collection: string, key: string, element: string): SetEntry | undefined {
    return this.#sets.get(collection)?.get(key)?.get(element);
  }

  *elements(collection: string, key: string): Generator<string> {
    for (const [element, entry] of this.#sets.get(collection)?.get(key) ?? []) {
      if (entry.dots.size > 0) yield element;
    }
  }

  setSize(collection: string, key: string): number {
    return this.#liveCounts.get(`s${collection}\u0000${key}`) ?? 0;
  }

  /** Changes an element's dots; an element without dots is forgotten. */
  changeDots(
    collection: string,
    key: string,
    element: string,
    change: (dots: SetEntry["dots"]) => void,
  ): void {
    const keys = collectionOf(this.#sets, collection);
    const elements = keys.get(key) ?? new Map<string, SetEntry>();
    const held = elements.get(element);
    const entry: SetEntry = held ?? {
      type: TYPE_SET,
      treeKey: this.#treeKey(TYPE_SET, collection, key, element),
      dots: new Map(),
    };
    const wasLive = entry.dots.size > 0;
    change(entry.dots);
    const live = entry.dots.size > 0;
    if (held === undefined && !live) return;
    this.#dirty.add(entry);
    this.#countLive(`s${collection}\u0000${key}`, wasLive, live);
    if (held === undefined) this.#entries += 1;
    if (live) {
      elements.set(element, entry);
      keys.set(key, elements);
      return;
    }
    elements.delete(element);
    this.#entries -= 1;
    if (elements.size === 0) keys.delete(key);
  }

  /** The root over the live entries. */
  root(): Uint8Array {
    for (const entry of this.#dirty) {
      if (isLive(entry)) {
        this.#tree.set(entry.treeKey, this.#primitives.blake3(entryContent(entry)), 0);
      } else {
        this.#tree.delete(entry.treeKey);
      }
    }
    this.#dirty.clear();
    return this.#tree.root();
  }

  free(): void {
    this.#tree.free();
  }

  #lwwOf(type: number): Collections<LwwEntry> {
    return type === TYPE_REGISTER ? this.#registers : this.#maps;
  }

  #treeKey(type: number, collection: string, key: string, element: string): Uint8Array {
    return this.#primitives.blake3(addressBytes(type, collection, key, element));
  }

  #countLive(name: string, wasLive: boolean, live: boolean): void {
    if (wasLive === live) return;
    const count = (this.#liveCounts.get(name) ?? 0) + (live ? 1 : -1);
    if (count === 0) this.#liveCounts.delete(name);
    else this.#liveCounts.set(name, count);
  }
}

function collectionOf<E>(collections: Collections<E>, name: string): Map<string, E> {
  let keys = collections.get(name);
  if (keys === undefined) {
    keys = new Map();
    collections.set(name, keys);
  }
  return keys;
}
