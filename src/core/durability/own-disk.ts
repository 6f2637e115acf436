/**
 * What of each incarnation is on this node's own disk, and which peers want to know it of
 * theirs. The store confirms in order, so one number per incarnation says it all.
 */
import type { NodeId } from "../node-id.ts";

/** What an author wants to hear of: all of an incarnation up to `seq`. */
export interface Asked {
  readonly epoch: bigint;
  readonly nonce: bigint;
  readonly seq: number;
}

interface Written {
  readonly ticket: number;
  readonly row: number;
  readonly seq: number;
}

export class OwnDisk {
  #seqs = new Map<number, number>();
  #written: Written[] = [];
  /** One question a peer, its last one; forgotten with its link. */
  readonly #asked = new Map<NodeId, Asked>();
  /** Peers whose question has an answer that they have not had. */
  readonly #answerable = new Set<NodeId>();
  #answerableMonoMs = 0;

  /** A delta of an incarnation, by its row, has gone to the store. */
  wrote(ticket: number, row: number, seq: number): void {
    this.#written.push({ ticket, row, seq });
  }

  /** Everything up to a ticket is on disk; the rows that this concerns. */
  confirm(ticket: number): ReadonlySet<number> {
    if (this.#written.length === 0) return NO_ROWS;
    const later = this.#written.findIndex((written) => written.ticket > ticket);
    const count = later < 0 ? this.#written.length : later;
    const rows = new Set<number>();
    for (const { row, seq } of this.#written.splice(0, count)) {
      this.#seqs.set(row, seq);
      rows.add(row);
    }
    return rows;
  }

  /** A delta came from the disk. */
  restored(row: number, seq: number): void {
    this.#seqs.set(row, seq);
  }

  /** The replica was made anew: its rows are others. @param newRow undefined: not there any more. */
  moveRows(newRow: (row: number) => number | undefined): void {
    const seqs = new Map<number, number>();
    for (const [row, seq] of this.#seqs) {
      const moved = newRow(row);
      if (moved !== undefined) seqs.set(moved, seq);
    }
    this.#seqs = seqs;
    this.#written = this.#written.flatMap((written) => {
      const row = newRow(written.row);
      return row === undefined ? [] : [{ ...written, row }];
    });
  }

  /** The highest seq of a row on disk; -1 when not even the record is. */
  seqOf(row: number): number {
    return this.#seqs.get(row) ?? -1;
  }

  ask(peer: NodeId, asked: Asked): void {
    this.#asked.set(peer, asked);
  }

  askedBy(peer: NodeId): Asked | undefined {
    return this.#asked.get(peer);
  }

  forget(peer: NodeId): void {
    this.#asked.delete(peer);
    this.#answerable.delete(peer);
  }

  /** A question of a peer may have an answer from this instant on. */
  answerable(peer: NodeId, monoMs: number): void {
    if (this.#answerable.size === 0) this.#answerableMonoMs = monoMs;
    this.#answerable.add(peer);
  }

  /** Takes the peers to answer. */
  takeAnswerable(): NodeId[] {
    const peers = [...this.#answerable];
    this.#answerable.clear();
    return peers;
  }

  /** Monotonic ms at which answers are due: at once, when there are some. */
  get dueMonoMs(): number {
    return this.#answerable.size > 0 ? this.#answerableMonoMs : Number.POSITIVE_INFINITY;
  }
}

const NO_ROWS: ReadonlySet<number> = new Set();
