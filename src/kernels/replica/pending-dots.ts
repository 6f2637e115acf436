/**
 * Dots that a remove named before their add arrived. A dot waits under its incarnation and seq
 * until the frontier passes that seq; then it has killed its add, or named nothing. Bounded: a
 * delta whose dots would not fit is refused whole and comes back by repair.
 */

interface PendingDot {
  readonly hash: bigint;
  /** The address it was removed from: a dot concerns one element only. */
  readonly address: string;
}

export class PendingDots {
  readonly #byIncarnation = new Map<string, Map<number, PendingDot[]>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(name: string, seq: number, dot: PendingDot): void {
    let bySeq = this.#byIncarnation.get(name);
    if (bySeq === undefined) {
      bySeq = new Map();
      this.#byIncarnation.set(name, bySeq);
    }
    const dots = bySeq.get(seq) ?? [];
    if (dots.some((held) => held.hash === dot.hash && held.address === dot.address)) return;
    dots.push(dot);
    bySeq.set(seq, dots);
    this.#count += 1;
  }

  /** Whether the add with this dot at this address has been removed already. */
  kills(name: string, seq: number, dot: PendingDot): boolean {
    const dots = this.#byIncarnation.get(name)?.get(seq) ?? [];
    return dots.some((held) => held.hash === dot.hash && held.address === dot.address);
  }

  /** Forgets the dots at seqs first..last, which the frontier has passed. */
  passed(name: string, first: number, last: number): void {
    const bySeq = this.#byIncarnation.get(name);
    if (bySeq === undefined) return;
    for (let seq = first; seq <= last; seq++) {
      this.#count -= bySeq.get(seq)?.length ?? 0;
      bySeq.delete(seq);
    }
    if (bySeq.size === 0) this.#byIncarnation.delete(name);
  }
}
