/** A shared counter: every node adds and subtracts, nothing is ever counted twice. */
import { TYPE_COUNTER } from "../../../assembly/layout.ts";
import { MeshError } from "../../errors.ts";
import { BoundedStream } from "./bounded-stream.ts";
import type { Host, WriteOptions } from "./host.ts";

export class SharedCounter {
  readonly name: string;
  readonly #host: Host;

  /** @internal */
  constructor(host: Host, name: string) {
    this.#host = host;
    this.name = name;
  }

  /**
   * @param by a safe integer or bigint; may be negative.
   * @throws MeshError MESH_VALUE_INVALID, MESH_READ_ONLY.
   */
  add(by: number | bigint = 1, options?: WriteOptions): Promise<void> {
    if (typeof by === "number" && !Number.isSafeInteger(by)) {
      throw new MeshError("MESH_VALUE_INVALID", `a counter adds safe integers, got ${by}`, {
        details: { expected: "safe integer or bigint", got: by },
      });
    }
    const write = { op: "counter.add", collection: this.name, key: "", by: BigInt(by) } as const;
    return this.#host.write(write, options);
  }

  /** The value; exact as long as it is a safe integer, see {@link SharedCounter.total}. */
  get value(): number {
    return Number(this.total);
  }

  /** The exact value. */
  get total(): bigint {
    const { plus, minus } = this.#host.read(TYPE_COUNTER, this.name, "").counter(this.name, "");
    return plus - minus;
  }

  /** Values from now on; a slow reader sees the newest. */
  watch(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<number> {
    const stream = new BoundedStream<number>({
      bound: 1,
      overflow: "fail",
      keyOf: () => "",
      signal: options.signal,
    });
    const stop = this.#host.onChange(TYPE_COUNTER, this.name, {
      change: (change) => {
        if (change.changed) stream.push(this.value);
      },
      closed: () => stream.end(),
    });
    stream.onEnd(stop);
    return stream;
  }
}
