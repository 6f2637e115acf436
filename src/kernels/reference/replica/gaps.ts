/**
 * Replica: gaps in the chains: what compaction forgets of the deltas it drops, and how a replica
 * that never had them passes over their place by a stub (docs/decisions/0017-compaction.md).
 */
import { type Incarnation, touchIncarnation } from "./frontier.ts";
import { addGap, endsInGap, forgetMark, joinGaps } from "./marks.ts";
import { coverPendingTo } from "./pending.ts";
import type { ReplicaData } from "./replica-data.ts";

/**
 * Moves the head over a gap that ends with a stub.
 * @param seq the stub's last. @param hash the stub's, 32 bytes.
 * @returns false, nothing changed, when there is no room.
 */
export function passOver(
  { frontier, limits, pending }: ReplicaData,
  incarnation: Incarnation,
  seq: number,
  hash: Uint8Array,
): boolean {
  const { marks } = incarnation;
  if (!endsInGap(marks)) {
    if (frontier.deltas >= limits.deltasMax) return false;
    frontier.deltas += 1;
  }
  addGap(marks, incarnation.seq + 1, hash);
  incarnation.seq = seq;
  touchIncarnation(frontier, incarnation);
  coverPendingTo(pending, incarnation, seq);
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
