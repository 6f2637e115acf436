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

interface Authored {
  readonly node: SimNode;
  readonly life: number;
}

/** What one life of one node was told is accepted. */
export interface AuthorTotals {
  readonly node: SimNode;
  readonly life: number;
  counter: bigint;
}

/** Time to notice a cut (P1), and as much for what was under way. */
const UNNOTICED_MS = 2_000;

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

  /**
   * The life still goes on, or ended by its own wish: what it was told must hold. Who left while
   * some path was cut may not have noticed yet that it was on the wrong side: what it wrote just
   * before, at an instant that is not known maybe, has gone with it.
   */
  survives(write: Authored & { readonly atMs?: number }): boolean {
    const { node, life, atMs = Number.POSITIVE_INFINITY } = write;
    if (node.life !== life || node.isByzantine) return false;
    if (node.core !== undefined) return true;
    const isTold = !node.leftUnheard || atMs < node.leftMs - UNNOTICED_MS;
    return node.left && !node.leftAlone && isTold;
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
