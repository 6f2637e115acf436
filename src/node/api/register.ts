/** A shared register: one value, last writer wins. */
import { TYPE_REGISTER } from "../../../assembly/layout.ts";
import { BoundedStream } from "./bounded-stream.ts";
import type { Host, WriteOptions } from "./host.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

export class SharedRegister<T> {
  readonly name: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  /** @throws MeshError as {@link SharedMap.set}. */
  set(value: T, options?: WriteOptions): Promise<void> {
    const { codec, bytes } = encodeValue(value);
    const write = {
      op: "register.set",
      collection: this.name,
      key: "",
      codec,
      value: bytes,
    } as const;
    return this.#host.write(write, options);
  }

  get(): T | undefined {
    const entry = this.#host.read(TYPE_REGISTER, this.name, "").register(this.name, "");
    return entry === undefined ? undefined : (decodeValue(entry.codec, entry.value) as T);
  }

  /** Values from now on; a slow reader sees the newest. */
  watch(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<T | undefined> {
    const stream = new BoundedStream<T | undefined>({
      bound: 1,
      overflow: "fail",
      keyOf: () => "",
      signal: options.signal,
    });
    const stop = this.#host.onChange(TYPE_REGISTER, this.name, {
      change: (change) => {
        if (change.changed) stream.push(this.get());
      },
      closed: () => stream.end(),
    });
    stream.onEnd(stop);
    return stream;
  }
}
