/** What the collections of the public API need from the node that hosts them. */
import type { Command, CommandResult, Write } from "../../core/commands.ts";
import type { Change, Replica } from "../../kernels/kernels.ts";

/**
 * When a write counts as done: `local` = in this node's replica and sent; `durable` = on own disk
 * and on those of min(f + 1, 3, n - 1) others; `region` = on the disks of a quorum of the region.
 */
export type Ack = "local" | "durable" | "region";

/** Levels that wait for disks. */
export type StoredLevel = Exclude<Ack, "local">;

export interface WriteOptions {
  /** Default `local`. A level this node's store does not offer is refused. */
  readonly ack?: Ack;
  /**
   * Ends the wait, not the write: at `durable` and `region` the promise then rejects with
   * MESH_UNCERTAIN.
   */
  readonly signal?: AbortSignal;
}

export interface ChangeListener {
  change(change: Change): void;
  /** The node is closed: no change will come. */
  closed(): void;
}

export interface Host {
  /**
   * Writes; refuses synchronously.
   * @returns resolves at the acknowledgement level; its rejection is never unhandled. At
   *   `durable` and `region` it rejects with MESH_UNCERTAIN when the signal aborts or the node
   *   closes first: the write stays and merges later.
   * @throws MeshError (MESH_CLOSED, MESH_ACK_UNAVAILABLE, MESH_KEY_INVALID, ...)
   */
  write(write: Write, options?: WriteOptions): Promise<void>;
  /** The replica for reading an address or, without a key, a collection. */
  read(type: number, collection: string, key?: string): Replica;
  /** Calls back with every change of a collection until the returned function is called. */
  onChange(type: number, collection: string, listener: ChangeListener): () => void;
  /** @throws MeshError when the command is refused. */
  command(command: Command): Exclude<CommandResult, { kind: "refused" }>;
}

/** Bound of every watch unless its options say otherwise. */
export const WATCH_ITEMS_MAX = 1024;
