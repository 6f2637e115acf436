/** Tells everyone inside the node what a merge has changed. */
import type { Change } from "../../kernels/kernels.ts";
import { noticeConflicts } from "../agents/conflicts.ts";
import type { CoreState } from "../core-state.ts";

export function noteChanges(core: CoreState, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  core.out.events.push({ kind: "changes", changes });
  noticeConflicts(core, core.directory.update(changes));
}
