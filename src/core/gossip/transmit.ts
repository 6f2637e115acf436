/** Stage "encode": frames leave the core here, once encoded however many peers they go to. */
import type { CoreState } from "../core-state.ts";
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { LANE_CONTROL, LANE_MESSAGE, LANE_STATE, type Lane } from "../outputs.ts";
import { count } from "../telemetry/count.ts";
import {
  encodeFrame,
  FRAME_DELTA,
  FRAME_MESSAGE,
  FRAME_PUSH,
  FRAME_WANT,
  type Frame,
} from "../wire/frame.ts";

/** Sends one frame to each of `peers`. */
export function transmit(core: CoreState, peers: readonly NodeId[], frame: Frame, now: Now): void {
  if (peers.length === 0) return;
  const bytes = encodeFrame(frame, Math.floor(now.wallMs));
  const lane = laneOf(frame);
  for (const peer of peers) core.out.transmits.push({ peer, bytes, lane });
  count(core, "framesSent", peers.length);
  count(core, "bytesSent", peers.length * bytes.length);
}

function laneOf(frame: Frame): Lane {
  switch (frame.type) {
    case FRAME_PUSH:
    case FRAME_DELTA:
    case FRAME_WANT:
      return LANE_STATE;
    case FRAME_MESSAGE:
      return LANE_MESSAGE;
    default:
      return LANE_CONTROL;
  }
}
