/** A local agent whose name another node holds by the better claim has lost it. */
import type { CoreState } from "../core-state.ts";

/** Checks names whose claims may have changed. */
export function noticeConflicts(core: CoreState, names: Iterable<string>): void {
  for (const name of names) {
    const holder = core.directory.resolve(name);
    if (!core.inboxes.has(name) || holder === undefined) continue;
    if (holder.node === core.config.nodeId) continue;
    core.out.events.push({ kind: "agent:conflict", agent: name, holder: holder.node });
  }
}
