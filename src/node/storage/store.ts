/**
 * The store interface: where a node keeps the deltas it holds and the member records it knows.
 *
 * 1. What goes in first is kept first: when a request has resolved, so has every earlier one.
 * 2. A store that failed stays failed: nothing is tried twice, since a disk that could not sync
 *    may have dropped what it was given.
 * 3. Nothing is ever cut off silently: what cannot be read is moved aside whole, and said.
 */
import type { NodeId } from "../../core/node-id.ts";
import type { CompactedPart } from "../../core/state/compaction.ts";

export interface Store {
  readonly kind: string;
  /**
   * Whether what has resolved survives the process and the power; acknowledgement levels follow
   * it.
   */
  readonly durable: boolean;
  /** Where it is on disk; undefined for a store in memory. */
  readonly path: string | undefined;
  /** Where a store that could not be read was moved by this start; undefined when none was. */
  readonly quarantined: string | undefined;
  /** Keeps a delta; resolves when it is kept as well as this store can. `bytes` is borrowed. */
  append(bytes: Uint8Array): Promise<void>;
  /**
   * Drops deltas, and puts stubs in place of others, after everything asked for before is kept.
   * A delta is known by its signature (bytes 160 to 224). Parts gather until the last of a pass;
   * what goes may be given back until it has gone, but never a chain with a hole.
   */
  compact(part: CompactedPart): Promise<void>;
  /** Keeps a node's member record in place of its last one. `bytes` is borrowed. */
  putMember(node: NodeId, bytes: Uint8Array): Promise<void>;
  /** Keeps a value under a name of the node's own. `bytes` is borrowed. */
  putMeta(name: string, bytes: Uint8Array): Promise<void>;
  getMeta(name: string): Promise<Uint8Array | undefined>;
  /** Every delta kept, in the order it was appended, some at a time. */
  load(): AsyncIterable<readonly Uint8Array[]>;
  /** The member records kept, sorted by node. */
  members(): Promise<readonly Uint8Array[]>;
  /** Resolves when everything asked for before is kept. */
  sync(): Promise<void>;
  /** Moves everything aside, for `reason`, and goes on empty; where it went, if on disk. */
  quarantine(reason: string): Promise<string | undefined>;
  /** Keeps what waits, marks the shutdown as clean and releases. Idempotent. */
  close(): Promise<void>;
}
