/**
 * Makes the replica anew from the delta log, without any delta of an author whose equivocation is
 * proven: the state is then the join of all others' deltas, whatever was sent to whom and when.
 * What compaction has dropped is covered by what the log still has of the same author; what was
 * put into gaps meanwhile (fill.ts) is in the state from here on.
 */
import type { Replica } from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";
import { NO_STUBS } from "../wire/stub.ts";
import { digest } from "./digest.ts";
import { noteChanges } from "./note-changes.ts";
import { applyTrusted, type Reapplied, reapply } from "./reapply.ts";
import { changeAt, touchedBy } from "./touched.ts";

/** Does what is due: to be called when `rebuilding.dueMonoMs` has come. */
export function rebuild(core: CoreState, now: Now): void {
  const { proofs } = core;
  const filled = core.rebuilding.begin(now);
  const { kept, gone } = split(core);
  const names = incarnationsOf(core.replica);
  // Memory for one replica is enough: everything that the old one held is in the log.
  core.replica.free();
  core.replica = core.deps.kernels.openReplica({ meshId: core.config.meshId });
  core.log.clear();
  core.compaction.cancel();
  reapply(core.replica, kept, (delta, outcome) => relog(core, delta, outcome));
  for (const ending of proofs.endings()) applyTrusted(core.replica, ending, NO_STUBS);
  core.disk.moveRows((row) => {
    const name = names[row];
    return name && core.replica.head(name.author, name.epoch, name.nonce)?.row;
  });
  core.directory.useReplica(core.replica);
  // Own totals and chain go on where the replica is; if that could not take it all, in a new life.
  if (core.author.useReplica(core.replica)) core.writes.totals.clear();
  noteChanges(
    core,
    touchedBy([...gone, ...filled]).map((address) => changeAt(core.replica, address)),
  );
  digest(core, undefined, now);
}

function split(core: CoreState): { kept: Uint8Array[]; gone: Uint8Array[] } {
  const [kept, gone]: [Uint8Array[], Uint8Array[]] = [[], []];
  for (const bytes of core.log.inOrder()) {
    const isGone = core.proofs.has(decodeDeltaHeader(bytes, 0).author);
    (isGone ? gone : kept).push(bytes);
  }
  return { kept, gone };
}

/** Takes a delta back into the log where it is in the replica. */
function relog(core: CoreState, delta: Uint8Array, outcome: Reapplied): void {
  if (typeof outcome === "number") core.log.reappend(outcome, delta);
  // No room: the peers' frontiers show it, and it comes again by repair.
  else if (outcome === "refused") core.cells.add(CELLS.deltaProcessedFull, 1);
}

function incarnationsOf(replica: Replica) {
  return Array.from({ length: replica.incarnations }, (_, row) => replica.headAt(row));
}
