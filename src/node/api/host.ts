/** What the collections of the public API need from the node that hosts them. */
import type { Command, CommandResult, Write } from "../../core/commands.ts";
import type { Change, Replica } from "../../kernels/kernels.ts";

/**
 * When a write counts as done: `local` = in this node's replica and sent; `durable` = on own disk
 * and on others'; `region` = a quorum of the region has it.
 */
export type Ack = "local" | "durable" | "region";

export interface WriteOptions {
  /** Default `local`. A level this node's store does not offer is refused. */
  readonly ack?: Ack;
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
   * @returns resolves at the acknowledgement level; its rejection is never unhandled.
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
