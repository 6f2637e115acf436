/** What a node says of itself. */
import type { CoreStatus } from "../../core/status.ts";

/** Status of a node; see {@link CoreStatus} for the replica's part. */
export interface MeshStatus extends CoreStatus {
  /** Text form of the node id: the libp2p peer id. */
  readonly peerId: string;
  readonly mesh: string;
  readonly transport: string;
  readonly addresses: readonly string[];
  readonly store: StoreStatus;
  readonly admission: AdmissionStatus;
  readonly peers: readonly PeerStatus[];
}

/** Who may join, and this node's own certificate; times are ms since 1970. */
export type AdmissionStatus =
  | { readonly mode: "open" }
  | {
      readonly mode: "certificate";
      readonly authority: string;
      readonly serial: number;
      readonly notBefore: number;
      readonly notAfter: number;
      /** It should have been renewed by now. */
      readonly due: boolean;
    };

/** Where the node keeps what it holds. */
export interface StoreStatus {
  /** "sqlite" or "memory". */
  readonly kind: string;
  /** Whether what it has taken survives the process and the power. */
  readonly durable: boolean;
  /** Its folder; undefined for a store in memory. */
  readonly path: string | undefined;
  /** Where a store that could not be read was moved by this start; undefined when none was. */
  readonly quarantined: string | undefined;
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
