/**
 * Makes the replica anew from the delta log, without any delta of an author whose equivocation is
 * proven: the state is then the join of all others' deltas, whatever was sent to whom and when.
 * The log is whole in this version, so nothing else is needed.
 */
import { APPLY_APPLIED, APPLY_DUPLICATE, type Replica } from "../../kernels/kernels.ts";
import type { CoreState } from "../core-state.ts";
import type { Now } from "../now.ts";
import { digest } from "../state/digest.ts";
import { noteChanges } from "../state/note-changes.ts";
import { concat } from "../state/parked.ts";
import { changeAt, touchedBy } from "../state/touched.ts";
import { CELLS } from "../telemetry/cells.gen.ts";
import { decodeDeltaHeader } from "../wire/delta.ts";

/** Deltas applied in one call of the kernel. */
const PART_DELTAS = 256;

/** Does what is due: to be called when `proofs.rebuildDueMonoMs` has come. */
export function expunge(core: CoreState, now: Now): void {
  const { proofs } = core;
  proofs.rebuildDueMonoMs = Number.POSITIVE_INFINITY;
  proofs.rebuiltMonoMs = now.monoMs;
  const { kept, gone } = split(core);
  const names = incarnationsOf(core.replica);
  // Memory for one replica is enough: everything that the old one held is in the log.
  core.replica.free();
  core.replica = core.deps.kernels.openReplica({ meshId: core.config.meshId });
  core.log.clear();
  for (let i = 0; i < kept.length; i += PART_DELTAS) {
    reapply(core, kept.slice(i, i + PART_DELTAS));
  }
  for (const ending of proofs.endings()) apply(core.replica, ending);
  core.disk.moveRows((row) => {
    const name = names[row];
    return name && core.replica.head(name.author, name.epoch, name.nonce)?.row;
  });
  core.directory.useReplica(core.replica);
  // Own totals and chain go on where the replica is; if that could not take it all, in a new life.
  if (core.author.useReplica(core.replica)) core.writes.totals.clear();
  noteChanges(
    core,
    touchedBy(gone).map((address) => changeAt(core.replica, address)),
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

function reapply(core: CoreState, deltas: readonly Uint8Array[]): void {
  const outcomes = apply(core.replica, concat(deltas));
  for (const [i, bytes] of deltas.entries()) {
    const { author, epoch, nonce } = decodeDeltaHeader(bytes, 0);
    const head = core.replica.head(author, epoch, nonce);
    if (outcomes[i] === APPLY_APPLIED && head !== undefined) {
      core.log.reappend(head.row, bytes);
    } else if (outcomes[i] !== APPLY_DUPLICATE) {
      // No room: the peers' frontiers show it, and it comes again by repair.
      core.cells.add(CELLS.deltaProcessedFull, 1);
    }
  }
}

/** Everything was verified when it came. */
function apply(replica: Replica, bytes: Uint8Array): Uint8Array {
  const scan = replica.frameScan(bytes);
  return replica.frameApply(scan, bytes, new Uint8Array(scan.count).fill(1)).outcomes;
}

function incarnationsOf(replica: Replica) {
  return Array.from({ length: replica.incarnations }, (_, row) => replica.headAt(row));
}
