/** What was written where, as the authors were told; what must be found again in the end. */
import { DurableWrites } from "./durable-writes.ts";
import type { SimNode } from "./node.ts";

/** A write with a key of its own, so that each node's copy can be told. */
export interface TrackedWrite {
  readonly key: string;
  readonly node: SimNode;
  readonly life: number;
  readonly atMs: number;
}

/** What one life of one node was told is accepted. */
export interface AuthorTotals {
  readonly node: SimNode;
  readonly life: number;
  counter: bigint;
}

export class Writes {
  readonly durable = new DurableWrites();
  readonly tracked = new Map<string, TrackedWrite>();
  /** Keys that client operations of a fault file have put among the tracked. */
  readonly foreign = new Set<string>();
  /** What each counter was told to be raised by, by anybody. */
  readonly told = new Map<string, bigint>();
  readonly #totals = new Map<string, AuthorTotals>();
  acknowledged = 0;
  refused = 0;

  /** The life still goes on, or ended by its own wish: what it was told must hold. */
  survives({ node, life }: { readonly node: SimNode; readonly life: number }): boolean {
    const isThere = node.core !== undefined || (node.left && !node.leftAlone);
    return node.life === life && isThere && !node.isByzantine;
  }

  track(write: TrackedWrite): void {
    this.tracked.set(write.key, write);
  }

  /** @returns what the counter was told in all. */
  counted(node: SimNode, key: string, by: bigint): bigint {
    const told = (this.told.get(key) ?? 0n) + by;
    this.told.set(key, told);
    const name = `${node.index}.${node.life}`;
    const held = this.#totals.get(name) ?? { node, life: node.life, counter: 0n };
    held.counter += by;
    this.#totals.set(name, held);
    return told;
  }

  totals(): Iterable<AuthorTotals> {
    return this.#totals.values();
  }
}
