/**
 * Replica: gaps in the chains: what compaction forgets of the deltas it drops, and how a replica
 * that never had them passes over their place (docs/decisions/0017-compaction.md).
 */
import { touchIncarnation } from "./frontier.ts";
import { addGap, endsInGap, forgetMark, joinGaps } from "./marks.ts";
import { coverPendingTo } from "./pending.ts";
import type { ReplicaData } from "./replica-data.ts";

/** Implements Replica.skip. */
export function skipGap(
  replica: ReplicaData,
  row: number,
  to: { readonly seq: number; readonly hash: Uint8Array },
): boolean {
  const { frontier, limits, pending } = replica;
  const incarnation = frontier.rows[row];
  if (incarnation === undefined || incarnation.ended || to.seq <= incarnation.seq) return false;
  const { marks } = incarnation;
  if (!endsInGap(marks)) {
    if (frontier.deltas >= limits.deltasMax) return false;
    frontier.deltas += 1;
  }
  addGap(marks, incarnation.seq + 1, to.hash);
  incarnation.seq = to.seq;
  touchIncarnation(frontier, incarnation);
  coverPendingTo(pending, incarnation, to.seq);
  return true;
}

/** Implements Replica.forget. */
export function forgetDelta({ frontier }: ReplicaData, row: number, firstSeq: number): boolean {
  const incarnation = frontier.rows[row];
  return incarnation !== undefined && forgetMark(incarnation.marks, firstSeq);
}

/** Implements Replica.reclaim. */
export function reclaimMarks({ frontier }: ReplicaData, row: number): number {
  const incarnation = frontier.rows[row];
  if (incarnation === undefined) return 0;
  const gone = joinGaps(incarnation.marks);
  frontier.deltas -= gone;
  return gone;
}
