/** Refused connections, counted by the reasons that the registry names. */

import { CELLS_BY } from "../core/telemetry/cells.gen.ts";
import type { Cells } from "../core/telemetry/cells.ts";

/** @param reason as the transport's `refused` handler is told. */
export function countRefusal(cells: Cells, reason: string): void {
  const by = CELLS_BY.linkRefused;
  const name = reason.startsWith("frame_") ? "framing" : reason;
  cells.add(Object.hasOwn(by, name) ? by[name as keyof typeof by] : by.other, 1);
}
