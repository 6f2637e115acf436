// Gaps in the chains: what compaction forgets of the deltas it drops, and how a replica that never
// had them passes over their place by a stub (docs/decisions/0017-compaction.md).
//
// Numbers of 64 bits are staged by the host: seq u64.

import { countOf, firstSeqOf, hlcOf } from "./delta-header";
import { lifeOfRow, moveLife } from "./frontier";
import { idOf, LIFE_HLC, seqOf } from "./life";
import { addGap, endsInGap, forgetMark, joinGaps, reserveMark } from "./marks";
import { STAGE } from "./memory";
import { coverPendingTo } from "./pending";
import { addTo, DELTAS, DELTAS_LIMIT, ROW_COUNT } from "./replica-record";

/** Moves a life's head over a gap that ends with the stub; false, nothing changed, without room. */
export function passOver(replica: usize, life: usize, stub: usize, hash: usize): bool {
  if (!endsInGap(life)) {
    if (load<u32>(replica, DELTAS) >= load<u32>(replica, DELTAS_LIMIT)) return false;
    if (!reserveMark(life)) return false;
    addTo(replica, DELTAS, 1);
  }
  const seq = firstSeqOf(stub) + (countOf(stub) - 1);
  addGap(life, hash);
  store<u64>(life, hlcOf(stub), LIFE_HLC);
  moveLife(replica, life, seq);
  coverPendingTo(replica, idOf(life), seq);
  return true;
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
