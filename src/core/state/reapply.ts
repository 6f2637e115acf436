/**
 * Deltas of a log back into a replica: all were verified when they came, and where compaction has
 * left a gap in a chain the head passes over it (docs/decisions/0017-compaction.md).
 */
import { APPLY_APPLIED, APPLY_DUPLICATE, type Replica } from "../../kernels/kernels.ts";
import { nameOf } from "../gossip/missing.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { concat } from "./parked.ts";

/** Deltas applied in one call of the kernel. */
const PART_DELTAS = 256;

/** What became of one delta: the row it is in, `"held"` already, or `"refused"` for want of room. */
export type Reapplied = number | "held" | "refused";

/**
 * Applies deltas, those of an incarnation in chain order.
 * @param told told of every delta, in order, after it was tried.
 */
export function reapply(
  replica: Replica,
  deltas: readonly Uint8Array[],
  told: (delta: Uint8Array, outcome: Reapplied) => void,
): void {
  const nextSeqs = new Map<string, number>();
  let part: Uint8Array[] = [];
  const flush = (): void => {
    const outcomes = applyTrusted(replica, concat(part));
    for (const [i, delta] of part.entries()) told(delta, reapplied(replica, delta, outcomes[i]));
    part = [];
  };
  for (const delta of deltas) {
    const { author, epoch, nonce, firstSeq, count, prevHash } = decodeDeltaHeader(delta, 0);
    const name = nameOf({ author, epoch, nonce });
    const nextSeq = nextSeqs.get(name) ?? 0;
    if (firstSeq > nextSeq || part.length === PART_DELTAS) flush();
    if (firstSeq > nextSeq) {
      const head = replica.head(author, epoch, nonce);
      // Refused, the delta is an orphan, and comes again by repair.
      if (head !== undefined) replica.skip(head.row, firstSeq - 1, prevHash);
    }
    nextSeqs.set(name, firstSeq + count);
    part.push(delta);
  }
  flush();
}

/** Applies deltas laid end to end, every signature taken for good. */
export function applyTrusted(replica: Replica, bytes: Uint8Array): Uint8Array {
  const scan = replica.frameScan(bytes);
  return replica.frameApply(scan, bytes, new Uint8Array(scan.count).fill(1)).outcomes;
}

function reapplied(replica: Replica, delta: Uint8Array, outcome: number | undefined): Reapplied {
  if (outcome === APPLY_DUPLICATE) return "held";
  if (outcome !== APPLY_APPLIED) return "refused";
  const { author, epoch, nonce } = decodeDeltaHeader(delta, 0);
  return replica.head(author, epoch, nonce)?.row ?? "refused";
}
