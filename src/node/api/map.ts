/** A shared map: last writer wins per key, by hybrid logical clock. */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import { BoundedStream } from "./bounded-stream.ts";
import { type Host, WATCH_ITEMS_MAX, type WriteOptions } from "./host.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

/** One key's new value; `value` is undefined when the key was deleted. */
export interface MapChange<T> {
  readonly key: string;
  readonly value: T | undefined;
  /** Node id (hex) of the writer. */
  readonly author: string;
}

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** Keys that may wait unread; default 1,024. At the bound the watch fails its reader. */
  readonly bound?: number;
  /** Starts with the present entries. Default false. */
  readonly initial?: boolean;
}

export class SharedMap<T> {
  readonly name: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  /**
   * Sets a key. Visible to own reads at once.
   * @returns resolves at the acknowledgement level (default `local`).
   * @throws MeshError MESH_VALUE_TOO_LARGE, MESH_VALUE_INVALID, MESH_KEY_INVALID, MESH_READ_ONLY,
   *   MESH_QUEUE_FULL (writes faster than the mesh takes them), MESH_CLOSED.
   */
  set(key: string, value: T, options?: WriteOptions): Promise<void> {
    const { codec, bytes } = encodeValue(value);
    const write = { op: "map.set", collection: this.name, key, codec, value: bytes } as const;
    return this.#host.write(write, options);
  }

  delete(key: string, options?: WriteOptions): Promise<void> {
    return this.#host.write({ op: "map.delete", collection: this.name, key }, options);
  }

  get(key: string): T | undefined {
    const entry = this.#host.read(TYPE_MAP, this.name, key).mapGet(this.name, key);
    return entry === undefined ? undefined : (decodeValue(entry.codec, entry.value) as T);
  }

  has(key: string): boolean {
    return this.#host.read(TYPE_MAP, this.name, key).mapGet(this.name, key) !== undefined;
  }

  get size(): number {
    return this.#host.read(TYPE_MAP, this.name).mapSize(this.name);
  }

  /** The keys now, as a copy. */
  keys(): string[] {
    return [...this.#host.read(TYPE_MAP, this.name).mapKeys(this.name)];
  }

  *entries(): Generator<[string, T]> {
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /** Changes from now on; a slow reader sees the newest value of each key. */
  watch(options: WatchOptions = {}): AsyncIterable<MapChange<T>> {
    const stream = new BoundedStream<MapChange<T>>({
      bound: options.bound ?? WATCH_ITEMS_MAX,
      overflow: "fail",
      keyOf: (change) => change.key,
      signal: options.signal,
    });
    const stop = this.#host.onChange(TYPE_MAP, this.name, {
      change: (change) => {
        if (change.changed) stream.push(this.#changeOf(change.key, change.stamp.author));
      },
      closed: () => stream.end(),
    });
    stream.onEnd(stop);
    if (options.initial === true) {
      const replica = this.#host.read(TYPE_MAP, this.name);
      for (const key of replica.mapKeys(this.name)) {
        const author = replica.mapGet(this.name, key)?.stamp.author;
        if (author !== undefined) stream.push(this.#changeOf(key, author));
      }
    }
    return stream;
  }

  #changeOf(key: string, author: string): MapChange<T> {
    return { key, value: this.get(key), author };
  }
}
