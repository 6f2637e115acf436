/** Stage "encode": frames leave the core here, once encoded however many peers they go to. */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { LANE_CONTROL, LANE_MESSAGE, LANE_STATE, type Lane } from "../outputs.ts";
import { CELLS, type CounterCell } from "../telemetry/cells.gen.ts";
import { FRAME_DELTA } from "../wire/delta-frame.ts";
import {
  encodeFrame,
  FRAME_MESSAGE,
  FRAME_PULL,
  FRAME_PUSH,
  FRAME_SYNC,
  FRAME_WANT,
  type Frame,
} from "../wire/frame.ts";
import { FRAME_FILL, FRAME_GAPS } from "../wire/gap-frames.ts";

/** Sends one frame to each of `peers`. */
export function transmit(core: CoreState, peers: readonly NodeId[], frame: Frame, now: Now): void {
  if (peers.length === 0) return;
  const bytes = encodeFrame(frame, Math.floor(now.wallMs));
  const lane = laneOf(frame);
  const asks = ASKING.has(frame.type);
  for (const peer of peers) {
    core.out.transmits.push({ peer, bytes, lane });
    if (asks) core.budgets.expect(peer);
  }
  core.cells.add(CELLS.networkIoTransmit, peers.length * bytes.length);
  const cell = TRANSMIT_CELL[frame.type];
  if (cell !== undefined) core.cells.add(cell, peers.length);
}

/** What may be answered with history. */
const ASKING: ReadonlySet<Frame["type"]> = new Set([
  FRAME_PULL,
  FRAME_SYNC,
  FRAME_WANT,
  FRAME_GAPS,
]);

/** The frames that the seeds name; the others count as bytes only. */
const TRANSMIT_CELL: Partial<Record<Frame["type"], CounterCell>> = {
  [FRAME_PUSH]: CELLS.gossipMessagesPushTransmit,
  [FRAME_PULL]: CELLS.gossipMessagesPullTransmit,
  [FRAME_DELTA]: CELLS.gossipMessagesDeltaTransmit,
};

function laneOf(frame: Frame): Lane {
  switch (frame.type) {
    case FRAME_PUSH:
    case FRAME_DELTA:
    case FRAME_WANT:
    case FRAME_FILL:
      return LANE_STATE;
    case FRAME_MESSAGE:
      return LANE_MESSAGE;
    default:
      return LANE_CONTROL;
  }
}
