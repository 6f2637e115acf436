/**
 * Deltas of a log back into a replica: all were verified when they came, and where compaction has
 * left a gap in a chain a stub passes over it (docs/decisions/0017-compaction.md).
 */
import { APPLY_APPLIED, APPLY_DUPLICATE, type Replica } from "../../kernels/kernels.ts";
import { concat } from "../wire/concat.ts";
import { stubsIn } from "../wire/stub.ts";

/** Deltas applied in one call of the kernel. */
const PART_DELTAS = 256;

/** What became of one delta: the row it is in, `"held"` already, or `"refused"` for want of room. */
export type Reapplied = number | "held" | "refused";

/**
 * Applies deltas and stubs, those of an incarnation in chain order.
 * @param told told of every delta, in order, after it was tried.
 */
export function reapply(
  replica: Replica,
  deltas: readonly Uint8Array[],
  told: (delta: Uint8Array, outcome: Reapplied) => void,
): void {
  for (let from = 0; from < deltas.length; from += PART_DELTAS) {
    const part = deltas.slice(from, from + PART_DELTAS);
    const outcomes = applyTrusted(replica, concat(part), stubsIn(part));
    for (const [i, delta] of part.entries()) told(delta, reapplied(replica, delta, outcomes[i]));
  }
}

/** Applies deltas laid end to end, every signature taken for good. */
export function applyTrusted(
  replica: Replica,
  bytes: Uint8Array,
  stubs: readonly number[],
): Uint8Array {
  const scan = replica.frameScan(bytes, stubs);
  return replica.frameApply(scan, bytes, new Uint8Array(scan.count).fill(1)).outcomes;
}

function reapplied(replica: Replica, delta: Uint8Array, outcome: number | undefined): Reapplied {
  if (outcome === APPLY_DUPLICATE) return "held";
  if (outcome !== APPLY_APPLIED) return "refused";
  return replica.rowOf(delta) ?? "refused";
}
