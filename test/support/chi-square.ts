/** Pearson's chi-square against the uniform distribution, and its bound at one in 100,000. */

export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** The 1 - 10^-5 quantile for `degrees` of freedom (Wilson and Hilferty's approximation). */
export function chiSquareBound(degrees: number): number {
  const variance = 2 / (9 * degrees);
  return degrees * (1 - variance + 4.265 * Math.sqrt(variance)) ** 3;
}
