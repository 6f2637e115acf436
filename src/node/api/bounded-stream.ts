/**
 * An AsyncIterable with a bound: what is pushed waits until it is read. At the bound the stream
 * fails its reader with MESH_WATCH_OVERFLOW or drops the oldest, as chosen. With a key, a newer
 * item takes the place of a waiting one, so a slow reader sees the newest value of each key.
 */
import { MeshError } from "../../errors.ts";

export interface StreamOptions<T> {
  /** Items that may wait. */
  readonly bound: number;
  readonly overflow: "fail" | "drop-oldest";
  /** Items with one key replace each other while they wait. */
  readonly keyOf?: (item: T) => string;
  readonly signal?: AbortSignal | undefined;
}

export class BoundedStream<T> implements AsyncIterable<T> {
  readonly #options: StreamOptions<T>;
  readonly #waiting = new Map<string, T>();
  #counter = 0;
  #dropped = 0;
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #stop: (() => void) | undefined;

  constructor(options: StreamOptions<T>) {
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted === true) this.fail(signal.reason);
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Items dropped at the bound. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `stop` runs once when the stream ends, however it ends; at once when it has ended already. */
  onEnd(stop: () => void): void {
    if (this.#ended) stop();
    else this.#stop = stop;
  }

  push(item: T): void {
    if (this.#ended) return;
    const key = this.#options.keyOf?.(item) ?? `${this.#counter++}`;
    this.#waiting.delete(key);
    if (this.#waiting.size >= this.#options.bound) this.#overflow();
    if (this.#ended) return;
    this.#waiting.set(key, item);
    this.#wake?.();
  }

  /** Ends after what waits has been read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#stop?.();
    this.#wake?.();
  }

  /** Ends at once; the reader gets `reason`. */
  fail(reason: unknown): void {
    if (this.#ended) return;
    this.#waiting.clear();
    this.#failure = { reason };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      while (true) {
        const next = this.#waiting.entries().next();
        if (next.done !== true) {
          const [key, item] = next.value;
          this.#waiting.delete(key);
          yield item;
          continue;
        }
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.end();
    }
  }

  #overflow(): void {
    const oldest = this.#waiting.keys().next();
    if (this.#options.overflow === "drop-oldest" && oldest.done !== true) {
      this.#waiting.delete(oldest.value);
      this.#dropped += 1;
      return;
    }
    const { bound } = this.#options;
    this.fail(
      new MeshError("MESH_WATCH_OVERFLOW", `more than ${bound} items waited to be read`, {
        details: { bound },
      }),
    );
  }

  readonly #abort = (): void => this.fail(this.#options.signal?.reason);
}
