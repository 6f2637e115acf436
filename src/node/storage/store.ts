/**
 * The store interface: where a node keeps the deltas it holds. `durable` says whether what
 * `append` has resolved survives the process and the power; acknowledgement levels follow it.
 */
export interface Store {
  readonly kind: string;
  readonly durable: boolean;
  /** Keeps a delta; resolves when it is kept as well as this store can. `bytes` is kept. */
  append(bytes: Uint8Array): Promise<void>;
  /** Every delta kept, in the order it was appended. */
  load(): AsyncIterable<Uint8Array>;
  /** Flushes and releases. Idempotent. */
  close(): Promise<void>;
}
