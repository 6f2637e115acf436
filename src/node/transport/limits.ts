/**
 * Transport limits: defaults and their check.
 *
 * Every bound that a peer's traffic can press against is here. Worst case memory per link is
 * LANE_COUNT * queueBytesMax for sending plus frameBytesMax for the frame being received.
 */
import { MeshError } from "../../errors.ts";
import type { TransportLimits } from "./transport.ts";

/**
 * Completes and checks limits.
 * @throws MeshError MESH_VALUE_INVALID for a limit that is not a positive integer, a frame limit
 * beyond 2^31 - 1, or a queue that could not hold one frame.
 */
export function resolveTransportLimits(given: Partial<TransportLimits> = {}): TransportLimits {
  const limits: TransportLimits = Object.freeze({ ...DEFAULT_TRANSPORT_LIMITS, ...given });
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new MeshError(
        "MESH_VALUE_INVALID",
        `${name}: expected a positive integer, got ${value}`,
      );
    }
  }
  if (limits.frameBytesMax > FRAME_BYTES_CEILING) {
    throw new MeshError("MESH_VALUE_INVALID", `frameBytesMax: at most ${FRAME_BYTES_CEILING}`);
  }
  if (limits.queueBytesMax < limits.frameBytesMax) {
    throw new MeshError("MESH_VALUE_INVALID", "queueBytesMax must be at least frameBytesMax");
  }
  return limits;
}

const DEFAULT_TRANSPORT_LIMITS: TransportLimits = Object.freeze({
  frameBytesMax: 1024 * 1024,
  queueFramesMax: 4096,
  queueBytesMax: 8 * 1024 * 1024,
  linksMax: 2048,
  frameStallMs: 5_000,
  hostLinksMax: 512,
  hostConnectionsPerSecond: 32,
});

/** A frame and its prefix must fit a signed 32-bit length. */
const FRAME_BYTES_CEILING = 2 ** 31 - 5;
