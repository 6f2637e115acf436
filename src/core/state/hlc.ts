/**
 * Hybrid logical clock: 48 bits of wall milliseconds, 16 bits of count, in one u64 (Kulkarni et al.
 * 2014). Every stamp is above every stamp seen, so a write wins over whatever its author had read.
 */
export class HybridClock {
  #last = 0n;

  /** The next stamp; `wallMs` may jump, the result never falls. */
  stamp(wallMs: number): bigint {
    const wall = hlcFromMs(wallMs);
    this.#last = wall > this.#last ? wall : this.#last + 1n;
    return this.#last;
  }

  /** Learns a stamp of another node; the caller has refused those from the future. */
  observe(hlc: bigint): void {
    if (hlc > this.#last) this.#last = hlc;
  }
}

/** The lowest stamp of a wall millisecond. */
export function hlcFromMs(wallMs: number): bigint {
  return BigInt(Math.max(0, Math.floor(wallMs))) << COUNT_BITS;
}

/** The wall milliseconds of a stamp. */
export function msFromHlc(hlc: bigint): number {
  return Number(hlc >> COUNT_BITS);
}

const COUNT_BITS = 16n;
