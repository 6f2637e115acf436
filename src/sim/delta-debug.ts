/** Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input"). */

/**
 * The fewest of `items`, in their order, for which `fails` still holds, as ddmin finds them: no
 * single one of them can be left out, unless `fails` gave up (it may start to answer false).
 * @param fails holds for all of `items`; that is not asked again.
 */
export function minimize<T>(
  items: readonly T[],
  fails: (candidate: readonly T[]) => boolean,
): readonly T[] {
  let kept = items;
  if (kept.length > 0 && fails([])) return [];
  let chunks = 2;
  while (kept.length > 1) {
    const parts = split(kept, chunks);
    const part = parts.find((candidate) => fails(candidate));
    const rest =
      part ?? (chunks > 2 ? complements(parts).find((candidate) => fails(candidate)) : undefined);
    if (rest !== undefined) {
      chunks = part === undefined ? Math.max(2, chunks - 1) : 2;
      kept = rest;
    } else if (chunks >= kept.length) {
      return kept;
    } else {
      chunks = Math.min(kept.length, chunks * 2);
    }
  }
  return kept;
}

/** `count` parts of nearly equal length, none empty; count at most the length. */
function split<T>(items: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, part) => {
    const start = Math.floor((part * items.length) / count);
    return items.slice(start, Math.floor(((part + 1) * items.length) / count));
  });
}

function complements<T>(parts: readonly (readonly T[])[]): T[][] {
  return parts.map((_, left) => parts.filter((_part, index) => index !== left).flat());
}
