/**
 * Percentiles by one stated rule, nearest rank: the p-th percentile of N sorted samples is the
 * sample at position ceil(p / 100 x N), counted from 1. It is always a value that was measured;
 * nothing is interpolated or discarded. With fewer than 100 samples p99 is therefore the maximum.
 */

export interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
}

/** @throws RangeError without samples, or when one is not a finite number. */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError("a summary needs at least one sample");
  if (!samples.every(Number.isFinite)) throw new RangeError("every sample must be finite");
  const sorted = Float64Array.from(samples).sort();
  return {
    p50: nearestRank(sorted, 50),
    p99: nearestRank(sorted, 99),
    min: nearestRank(sorted, 0),
    max: nearestRank(sorted, 100),
    samples: sorted.length,
  };
}

/** @param sorted ascending, not empty. @param percent 0 to 100; 0 gives the minimum. */
export function nearestRank(sorted: ArrayLike<number>, percent: number): number {
  // 99 / 100 x 1000 is 990.0000000000001 in binary floating point; percent x N is exact here.
  const rank = Math.ceil((percent * sorted.length) / 100);
  const value = sorted[Math.max(1, rank) - 1];
  if (value === undefined) throw new RangeError(`no sample at ${percent} %`);
  return value;
}
