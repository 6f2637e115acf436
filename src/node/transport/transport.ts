/**
 * The transport interface: authenticated links that carry whole frames.
 *
 * A transport owns sockets and nothing else: no retry, no peer choice, no decoding. The peer's id
 * is proved by the handshake (QUIC/TLS 1.3 or noise) before a link exists. Three implementations
 * (QUIC, TCP, memory) pass one compliance suite.
 */

import type { MeshError } from "../../errors.ts";
import type { AdmissionReason } from "../security/reasons.ts";

/** 64 lower-case hex digits: the 32 raw bytes of an ed25519 public key. */
export type NodeId = string;

/** Send order within a link; lower goes first. */
export const LANE_CONTROL = 0; // hello, membership, probes, acknowledgements
export const LANE_STATE = 1; // pushes, repair
export const LANE_MESSAGE = 2; // direct messages between agents
export type Lane = 0 | 1 | 2;
export const LANE_COUNT = 3;

export type SendVerdict = "queued" | "full" | "closed" | "too_large";

/** One authenticated, ordered, frame-preserving connection to a peer. */
export interface Link {
  readonly peer: NodeId;
  readonly inbound: boolean;
  /** Remote multiaddr, for people. */
  readonly remoteAddress: string;
  /** The suite as the library reports it, e.g. "quic-v1/tls1.3" or "tcp/noise/yamux". */
  readonly suite: string;
  /**
   * Queues one frame; never blocks, never throws. "full" when the lane's queue bound is reached:
   * the frame is not sent and is counted in {@link LinkStats.dropped}. `frame` is transferred.
   */
  send(frame: Uint8Array, lane: Lane): SendVerdict;
  /** Flushes what is queued as far as `signal` allows, then closes. Idempotent. */
  close(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Closes now. Idempotent. */
  abort(): void;
  readonly stats: LinkStats;
}

export interface LinkStats {
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Frames refused by a full queue. */
  readonly dropped: number;
  readonly queuedFrames: number;
  readonly queuedBytes: number;
}

/** What the owner of a transport is told. Handlers are synchronous and must not throw. */
export interface TransportHandlers {
  /** A link exists (dialled or accepted); frames follow only after this returns. */
  linkUp(link: Link): void;
  /** One whole frame; `bytes` is transferred to the handler. */
  frame(link: Link, bytes: Uint8Array): void;
  /** Exactly once per link, after its last frame. */
  linkDown(link: Link, reason: string): void;
  /**
   * A connection refused before it became a link (oversized frame prefix, limits, handshake).
   * `error` for refusals by certificate, whichever end refused.
   */
  refused?(reason: string, remoteAddress: string, error?: MeshError): void;
}

/** Asked on every connection, at both ends, before it becomes a link. Must not throw. */
export interface AdmissionGate {
  /** What this node shows: its credential, 1 to 2,560 bytes. */
  readonly greeting: Uint8Array;
  /**
   * Why `peer`, whose key the handshake proved, is refused; undefined admits it.
   * @param isDialled whether this node dialled it, at an address it was given.
   */
  refuse(peer: NodeId, greeting: Uint8Array, isDialled: boolean): AdmissionReason | undefined;
  /** Both ends have admitted each other: `linkUp` follows. */
  admitted(peer: NodeId, greeting: Uint8Array): void;
}

export interface TransportOptions {
  /** 32-byte ed25519 seed of the node's identity. */
  readonly identitySeed: Uint8Array;
  readonly handlers: TransportHandlers;
  /** Multiaddrs to listen on, tried in order until one is free (a port range unrolls to many). */
  readonly listen: readonly string[];
  readonly limits?: Partial<TransportLimits>;
  /** Whether the process is short of memory: no connection is accepted then. */
  readonly isPressed?: () => boolean;
  /** Whether a peer is not to be heard now: its connections are closed before they become links. */
  readonly isRefused?: (peer: NodeId) => boolean;
  /** Absent: open, whoever proves a key gets a link. */
  readonly admission?: AdmissionGate;
}

export interface TransportLimits {
  /** Largest frame in bytes. Default 1 MiB. */
  readonly frameBytesMax: number;
  /** Frames and bytes queued per lane and link. Defaults 4,096 and 8 MiB. */
  readonly queueFramesMax: number;
  readonly queueBytesMax: number;
  /** Links at once. Default 2,048. */
  readonly linksMax: number;
  /** A frame that was begun and of which nothing more comes for so long ends the link. Default 5,000. */
  readonly frameStallMs: number;
  /** Inbound links of one remote host at once; loopback is exempt. Default 512. */
  readonly hostLinksMax: number;
  /** Connections a second accepted from one remote host, and eight times as many at once. Default 32. */
  readonly hostConnectionsPerSecond: number;
}

export interface Transport {
  readonly kind: "quic" | "tcp" | "memory";
  readonly localId: NodeId;
  /** Listening multiaddrs with /p2p/<peer id>, after start. */
  readonly addresses: readonly string[];
  /** Binds; MESH_LISTEN_FAILED when no address is free. */
  start(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Dials one multiaddr, with or without /p2p. Resolves with the new link after `linkUp` has
   * been called; MESH_TRANSPORT_DIAL when nobody answers, or another id than /p2p says does.
   */
  dial(address: string, options?: { readonly signal?: AbortSignal }): Promise<Link>;
  /** Closes every link and the listeners. Idempotent. */
  close(options?: { readonly signal?: AbortSignal }): Promise<void>;
}
