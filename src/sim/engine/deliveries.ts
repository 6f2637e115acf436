/** Deltas that reached the cores: new ones, and copies of what was held. From their own counters. */
import { CELLS } from "../../core/telemetry/cells.gen.ts";
import type { World } from "./world.ts";

export interface Deliveries {
  readonly fresh: number;
  readonly copies: number;
}

/** Summed over the processes that run now. */
export function deliveriesOf(world: World): Deliveries {
  let [fresh, copies] = [0, 0];
  for (const { core } of world.nodes) {
    fresh += core?.cells.values[CELLS.deltaProcessedApplied] ?? 0;
    copies += core?.cells.values[CELLS.deltaProcessedHeld] ?? 0;
  }
  return { fresh, copies };
}

/** Copies per delta that was new where it came (relative message redundancy). */
export function redundancyOf(before: Deliveries, after: Deliveries, ownDeltas: number): number {
  const fresh = after.fresh - before.fresh - ownDeltas;
  return fresh <= 0 ? 0 : (after.copies - before.copies) / fresh;
}
