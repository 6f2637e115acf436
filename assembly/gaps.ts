// Gaps in the chains: what compaction forgets of the deltas it drops, and how a replica that never
// had them passes over their place (docs/decisions/0017-compaction.md).
//
// Numbers of 64 bits are staged by the host: seq u64 | hash 32.

import { lifeOfRow, moveLife } from "./frontier";
import { idOf, isEnded, seqOf } from "./life";
import { addGap, endsInGap, forgetMark, joinGaps, reserveMark } from "./marks";
import { STAGE } from "./memory";
import { coverPendingTo } from "./pending";
import { addTo, DELTAS, DELTAS_LIMIT, ROW_COUNT } from "./replica-record";

/** Moves a row's head over a gap to the staged seq and hash: 1, or 0 when nothing has changed. */
export function replicaSkip(replica: usize, row: u32): u32 {
  if (row >= load<u32>(replica, ROW_COUNT)) return 0;
  const life = lifeOfRow(replica, row);
  const seq = load<u64>(STAGE);
  if (isEnded(life) || seq <= seqOf(life)) return 0;
  if (!endsInGap(life)) {
    if (load<u32>(replica, DELTAS) >= load<u32>(replica, DELTAS_LIMIT)) return 0;
    if (!reserveMark(life)) return 0;
    addTo(replica, DELTAS, 1);
  }
  addGap(life, STAGE + 8);
  moveLife(replica, life, seq);
  coverPendingTo(replica, idOf(life), seq);
  return 1;
}

/** Makes a gap of the delta of a row at the staged seq: 1, or 0 when nothing has changed. */
export function replicaForget(replica: usize, row: u32): u32 {
  if (row >= load<u32>(replica, ROW_COUNT)) return 0;
  return forgetMark(lifeOfRow(replica, row), load<u64>(STAGE)) ? 1 : 0;
}

/** Joins the gaps of a row: how many marks it has freed. */
export function replicaReclaim(replica: usize, row: u32): u32 {
  if (row >= load<u32>(replica, ROW_COUNT)) return 0;
  const freed = joinGaps(lifeOfRow(replica, row));
  addTo(replica, DELTAS, -(<i32>freed));
  return freed;
}
