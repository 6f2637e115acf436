/** A topic: events go to whoever listens, are never part of the state, and are not kept. */
import { TYPE_EVENT } from "../../../assembly/layout.ts";
import { BoundedStream } from "./bounded-stream.ts";
import { type Host, WATCH_ITEMS_MAX, type WriteOptions } from "./host.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

export interface TopicEvent<T> {
  readonly body: T;
  /** Node id (hex) of the publisher. */
  readonly author: string;
}

export interface SubscribeOptions {
  readonly signal?: AbortSignal;
  /** Events that may wait unread; default 1,024. */
  readonly bound?: number;
  /** At the bound: fail the reader (default), or drop the oldest. */
  readonly overflow?: "fail" | "drop-oldest";
}

export class Topic<T> {
  readonly name: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  /** @throws MeshError MESH_VALUE_TOO_LARGE, MESH_VALUE_INVALID. */
  publish(body: T, options?: WriteOptions): Promise<void> {
    const { codec, bytes } = encodeValue(body);
    const write = { op: "event.publish", collection: this.name, codec, value: bytes } as const;
    return this.#host.write(write, options);
  }

  /** Events from now on, own ones included, in the order they reach this node. */
  subscribe(options: SubscribeOptions = {}): AsyncIterable<TopicEvent<T>> {
    const stream = new BoundedStream<TopicEvent<T>>({
      bound: options.bound ?? WATCH_ITEMS_MAX,
      overflow: options.overflow ?? "fail",
      signal: options.signal,
    });
    const stop = this.#host.onChange(TYPE_EVENT, this.name, {
      change: (change) => {
        const body = decodeValue(change.codec, change.payload) as T;
        stream.push({ body, author: change.stamp.author });
      },
      closed: () => stream.end(),
    });
    stream.onEnd(stop);
    return stream;
  }
}
