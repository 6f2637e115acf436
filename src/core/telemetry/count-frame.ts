/** Frames received and admitted, by the types that the seeds name. */
import type { CoreState } from "../core-state.ts";
import { FRAME_DELTA } from "../wire/delta-frame.ts";
import { FRAME_PULL, FRAME_PUSH, type Frame } from "../wire/frame.ts";
import { CELLS, type CounterCell } from "./cells.gen.ts";

export function countFrame(core: CoreState, type: Frame["type"], bytes: number): void {
  core.cells.add(CELLS.networkIoReceive, bytes);
  core.cells.add(CELLS.messageValidated, 1);
  const cell = RECEIVE_CELL[type];
  if (cell !== undefined) core.cells.add(cell, 1);
}

const RECEIVE_CELL: Partial<Record<Frame["type"], CounterCell>> = {
  [FRAME_PUSH]: CELLS.gossipMessagesPushReceive,
  [FRAME_PULL]: CELLS.gossipMessagesPullReceive,
  [FRAME_DELTA]: CELLS.gossipMessagesDeltaReceive,
};
