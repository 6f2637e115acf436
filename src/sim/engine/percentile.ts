/** Nearest-rank percentiles of small lists. */

/** Of values in any order; 0 of none. `share` in (0, 1]. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export function largest(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), 0);
}
