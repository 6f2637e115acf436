/** A shared set of strings: observed-remove, an add that a remove has not seen wins. */
import { TYPE_SET } from "../../../assembly/layout.ts";
import { BoundedStream } from "./bounded-stream.ts";
import { type Host, WATCH_ITEMS_MAX, type WriteOptions } from "./host.ts";

export interface SetChange {
  readonly element: string;
  /** Whether the element is in the set now. */
  readonly present: boolean;
}

export class SharedSet {
  readonly name: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  /** @param element 1 to 1,024 bytes. @throws MeshError MESH_KEY_INVALID, MESH_READ_ONLY. */
  add(element: string, options?: WriteOptions): Promise<void> {
    return this.#host.write({ op: "set.add", collection: this.name, key: "", element }, options);
  }

  delete(element: string, options?: WriteOptions): Promise<void> {
    return this.#host.write({ op: "set.remove", collection: this.name, key: "", element }, options);
  }

  has(element: string): boolean {
    return this.#host.read(TYPE_SET, this.name, "").setHas(this.name, "", element);
  }

  get size(): number {
    return this.#host.read(TYPE_SET, this.name, "").setSize(this.name, "");
  }

  /** The elements now, as a copy. */
  values(): string[] {
    return [...this.#host.read(TYPE_SET, this.name, "").setElements(this.name, "")];
  }

  /** Changes from now on; a slow reader sees the newest state of each element. */
  watch(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<SetChange> {
    const stream = new BoundedStream<SetChange>({
      bound: WATCH_ITEMS_MAX,
      overflow: "fail",
      keyOf: (change) => change.element,
      signal: options.signal,
    });
    const stop = this.#host.onChange(TYPE_SET, this.name, {
      change: ({ changed, element, live }) => {
        if (changed) stream.push({ element, present: live });
      },
      closed: () => stream.end(),
    });
    stream.onEnd(stop);
    return stream;
  }
}
