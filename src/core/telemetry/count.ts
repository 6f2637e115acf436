/** Counting in memory cells: an addition, never a telemetry call (DESIGN section 12). */
import type { CoreState } from "../core-state.ts";
import type { Refusal } from "../trust/refuse.ts";

export function count(core: CoreState, name: string, by = 1): void {
  core.cells.values.set(name, (core.cells.values.get(name) ?? 0) + by);
}
export function record(core: CoreState, name: string, value: number): void {
  count(core, name, value);
}
export function countRefusal(core: CoreState, reason: Refusal): void {
  count(core, `refused ${reason}`);
}
