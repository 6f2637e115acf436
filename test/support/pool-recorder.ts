/**
 * Records what a link pool tells, and lets a test await the next event.
 */
import type { PoolHandlers } from "../../src/node/transport/pool.ts";
import type { NodeId } from "../../src/node/transport/transport.ts";
import { createTape } from "./recorder.ts";

export interface PeerEvent {
  readonly kind: "up" | "down";
  readonly peer: NodeId;
  readonly reason?: string;
}

export function createPoolRecorder() {
  const events = createTape<PeerEvent>();
  const frames = createTape<{ readonly peer: NodeId; readonly bytes: Uint8Array }>();
  const handlers: PoolHandlers = {
    linkUp: (peer) => events.add({ kind: "up", peer }),
    linkDown: (peer, reason) => events.add({ kind: "down", peer, reason }),
    frame: (peer, bytes) => frames.add({ peer, bytes }),
  };
  return { handlers, events, frames };
}
