/** What a node says of itself. */
import type { CoreStatus } from "../../core/status.ts";

/** Status of a node; see {@link CoreStatus} for the replica's part. */
export interface MeshStatus extends CoreStatus {
  /** Text form of the node id: the libp2p peer id. */
  readonly peerId: string;
  readonly mesh: string;
  readonly transport: string;
  readonly addresses: readonly string[];
  readonly store: { readonly kind: string; readonly durable: boolean };
  readonly peers: readonly PeerStatus[];
}

export interface PeerStatus {
  readonly nodeId: string;
  readonly remoteAddress: string;
  /** The link's suite as its library reports it. */
  readonly suite: string;
  readonly rttMs: number | undefined;
  readonly reputation: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly framesDropped: number;
}
