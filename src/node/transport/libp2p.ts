/**
 * The network transports: QUIC (TLS 1.3) by default, TCP (noise, yamux) for development.
 *
 * A link is one long-lived stream of protocol `/knhk-mesh/1`, opened by the dialler right after the
 * connection, on a connection of its own. The peer's id is the ed25519 key its handshake proved.
 * A connection without that stream, or beyond the limit of links, is closed and reported refused.
 */
import type { Connection, Libp2p, PeerId, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { Multiaddr } from "@multiformats/multiaddr";
import { MeshError } from "../../errors.ts";
import { nodeIdFromSeed, nodeIdOfPeer, peerIdFromNodeId } from "../node-id.ts";
import { refusalOf } from "../security/reasons.ts";
import type { ByteChannel } from "./byte-channel.ts";
import { type DialAddress, parseDialAddress, resolveHost } from "./dial-address.ts";
import { linkedSignal, raceSignal } from "./dial-signal.ts";
import { hostOf, InboundGate } from "./inbound-gate.ts";
import { Libp2pChannel, releaseConnection } from "./libp2p-channel.ts";
import { createNode, type NetworkKind, type OwnedNode } from "./libp2p-node.ts";
import { resolveTransportLimits } from "./limits.ts";
import { type LinkIdentity, LinkTable } from "./link-table.ts";
import type { Link, NodeId, Transport, TransportLimits, TransportOptions } from "./transport.ts";

/** Options of the network transports. */
export interface NetworkTransportOptions extends TransportOptions {
  /** How long connecting may take, handshake and stream included, in ms. Default 5,000. */
  readonly connectTimeoutMs?: number;
}

/** QUIC transport; MESH_VALUE_INVALID for a bad seed or limit. */
export function createQuicTransport(options: NetworkTransportOptions): Transport {
  return new Libp2pTransport("quic", options);
}

/** TCP transport with noise and yamux; MESH_VALUE_INVALID for a bad seed or limit. */
export function createTcpTransport(options: NetworkTransportOptions): Transport {
  return new Libp2pTransport("tcp", options);
}

/** The stream protocol of a link; part of the wire contract. */
export const LINK_PROTOCOL = "/knhk-mesh/1";

class Libp2pTransport implements Transport {
  readonly kind: NetworkKind;
  readonly localId: NodeId;
  readonly #options: NetworkTransportOptions;
  readonly #limits: TransportLimits;
  readonly #links: LinkTable;
  readonly #gate: InboundGate;
  readonly #connectTimeoutMs: number;
  readonly #closing = new AbortController();
  /** Connections that a link owns, so that no two dials share one. */
  readonly #claimed = new WeakSet<Connection>();
  readonly #unclaimed = new Map<Connection, NodeJS.Timeout>();
  #node: OwnedNode | undefined;
  #starting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(kind: NetworkKind, options: NetworkTransportOptions) {
    this.kind = kind;
    this.localId = nodeIdFromSeed(options.identitySeed);
    this.#options = options;
    this.#limits = resolveTransportLimits(options.limits);
    this.#links = new LinkTable(options.handlers, this.#limits, options.admission);
    this.#gate = new InboundGate(this.#limits, options.isPressed);
    this.#connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  }

  get addresses(): readonly string[] {
    if (this.#node === undefined || this.#closing.signal.aborted) return [];
    return this.#node.libp2p.getMultiaddrs().map((address) => address.toString());
  }

  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    this.#starting ??= this.#listen(options.signal).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    await raceSignal(this.#starting, [options.signal, this.#closing.signal]);
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Link> {
    options.signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const target = parseDialAddress(address);
    if (target.peer === this.localId) throw selfError(address);
    if (this.#links.full) throw dialError(address, "this node has its maximum of links");
    const guard = linkedSignal([options.signal, this.#closing.signal], {
      ms: this.#connectTimeoutMs,
      reason: () => dialError(address, "nobody answered in time"),
    });
    try {
      return await this.#dialTarget(address, target, guard.signal);
    } finally {
      guard.dispose();
    }
  }

  close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#closing.abort(new MeshError("MESH_TRANSPORT_CLOSED", "the transport is closed"));
    this.#closed ??= this.#shutDown(options.signal);
    return this.#closed;
  }

  async #listen(signal: AbortSignal | undefined): Promise<void> {
    const { listen } = this.#options;
    const failures: string[] = [];
    for (const choice of listen.length === 0 ? [[]] : listen.map((address) => [address])) {
      const node = await this.#listenOn(choice, failures);
      if (signal?.aborted === true || this.#closing.signal.aborted) {
        await node?.stop();
        this.#closing.signal.throwIfAborted();
        signal?.throwIfAborted();
      }
      this.#node = node;
      if (node !== undefined) return;
    }
    throw new MeshError("MESH_LISTEN_FAILED", "no listen address is free", {
      details: { addresses: listen, failures: failures.slice(0, FAILURES_SHOWN_MAX) },
    });
  }

  async #listenOn(listen: readonly string[], failures: string[]): Promise<OwnedNode | undefined> {
    let node: OwnedNode | undefined;
    try {
      node = await this.#createNode(listen);
      await node.libp2p.start();
      return node;
    } catch (error) {
      failures.push(messageOf(error));
      await node?.stop();
      return undefined;
    }
  }

  async #createNode(listen: readonly string[]): Promise<OwnedNode> {
    const node = await createNode({
      kind: this.kind,
      identitySeed: this.#options.identitySeed,
      listen,
      linksMax: this.#limits.linksMax,
      connectTimeoutMs: this.#connectTimeoutMs,
      gater: {
        denyDialMultiaddr: () => false,
        denyInboundConnection: ({ remoteAddr }) => this.#refusesHost(remoteAddr),
        denyInboundEncryptedConnection: (peerId, connection) =>
          this.#refuses(peerId, connection.remoteAddr),
      },
    });
    const { libp2p } = node;
    libp2p.addEventListener("connection:open", (event) => this.#onConnection(event.detail));
    libp2p.addEventListener("connection:close", (event) => this.#onConnectionClosed(event.detail));
    await libp2p.handle(LINK_PROTOCOL, (stream, connection) => this.#accept(stream, connection), {
      maxInboundStreams: 1,
      maxOutboundStreams: 1,
    });
    return node;
  }

  async #dialTarget(address: string, target: DialAddress, signal: AbortSignal): Promise<Link> {
    const node = this.#node?.libp2p;
    if (node === undefined) throw dialError(address, "the transport is not started");
    const failures: unknown[] = [];
    try {
      for (const candidate of await raceSignal(resolveHost(target.address), [signal])) {
        try {
          return await this.#connect(node, candidate, target, signal);
        } catch (error) {
          signal.throwIfAborted();
          failures.push(error);
          if (refusalOf(error) !== undefined) break;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
    const refused = failures.find((error) => refusalOf(error) !== undefined);
    if (target.peer !== undefined) this.#forget(peerIdFromString(peerIdFromNodeId(target.peer)));
    if (refused !== undefined) throw refused;
    if (failures.some(isSelfDial)) throw selfError(address);
    throw dialError(address, messageOf(failures[0]), failures[0]);
  }

  async #connect(
    node: Libp2p,
    candidate: Multiaddr,
    target: DialAddress,
    signal: AbortSignal,
  ): Promise<Link> {
    const connection = await this.#openConnection(node, candidate, signal);
    try {
      const peer = nodeIdOfPeer(connection.remotePeer);
      if (peer === undefined || (target.peer !== undefined && target.peer !== peer)) {
        throw new Error("another node answered");
      }
      const opening = connection.newStream(LINK_PROTOCOL, { signal });
      const stream = await raceSignal(opening, [signal], () => releaseConnection(connection));
      if (this.#links.full) throw new Error("this node has its maximum of links");
      return await this.#links.admit(...this.#linkParts(stream, connection, peer), signal);
    } catch (error) {
      // A refused peer is still to hear why: its greeting closes the connection.
      if (refusalOf(error) === undefined) releaseConnection(connection);
      throw error;
    }
  }

  /** A connection of this dial's own: libp2p may give two concurrent dials the same one. */
  async #openConnection(
    node: Libp2p,
    address: Multiaddr,
    signal: AbortSignal,
  ): Promise<Connection> {
    for (;;) {
      const opening = node.dial(address, { signal, force: true });
      const connection = await raceSignal(opening, [signal], (late) => {
        if (!this.#claimed.has(late)) releaseConnection(late);
      });
      if (this.#claimed.has(connection)) continue;
      this.#claim(connection);
      return connection;
    }
  }

  #accept(stream: Stream, connection: Connection): void {
    const peer = nodeIdOfPeer(connection.remotePeer);
    const refused = this.#closing.signal.aborted || this.#links.full || peer === undefined;
    if (refused || this.#claimed.has(connection)) {
      this.#options.handlers.refused?.("link_refused", connection.remoteAddr.toString());
      if (!this.#claimed.has(connection)) releaseConnection(connection);
      else stream.abort(new Error("one link per connection"));
      return;
    }
    this.#claim(connection);
    this.#links.accept(...this.#linkParts(stream, connection, peer));
  }

  #linkParts(
    stream: Stream,
    connection: Connection,
    peer: NodeId,
  ): readonly [LinkIdentity, ByteChannel] {
    const identity = {
      peer,
      inbound: connection.direction === "inbound",
      remoteAddress: connection.remoteAddr.toString(),
      suite: this.kind === "quic" ? "quic-v1/tls1.3" : suiteOf(connection),
    };
    return [identity, new Libp2pChannel(stream, connection)];
  }

  /** An inbound connection with a link counts for its host until it closes. */
  #countHost(connection: Connection): void {
    const host = connection.direction === "inbound" ? hostOf(connection.remoteAddr) : undefined;
    if (host === undefined || connection.status !== "open") return;
    this.#gate.linked(host, performance.now());
    connection.addEventListener("close", () => this.#gate.unlinked(host), { once: true });
  }

  /** True refuses an inbound connection before its handshake (TCP), or right after it (QUIC). */
  #refusesHost(remoteAddr: Multiaddr): boolean {
    const reason = this.#gate.refusal(hostOf(remoteAddr) ?? "", performance.now());
    if (reason === undefined) return false;
    this.#options.handlers.refused?.(reason, remoteAddr.toString());
    return true;
  }

  #claim(connection: Connection): void {
    this.#claimed.add(connection);
    this.#countHost(connection);
    clearTimeout(this.#unclaimed.get(connection));
    this.#unclaimed.delete(connection);
  }

  /** True refuses an inbound connection whose handshake has just proved `peerId`. */
  #refuses(peerId: PeerId, remoteAddr: Multiaddr): boolean {
    const reason = this.#refusalOf(nodeIdOfPeer(peerId));
    if (reason === undefined) return false;
    this.#options.handlers.refused?.(reason, remoteAddr.toString());
    return true;
  }

  #refusalOf(peer: NodeId | undefined): string | undefined {
    if (peer === undefined) return "peer_id_kind";
    if (this.#links.full) return "links_max";
    return this.#options.isRefused?.(peer) === true ? "peer_refused" : undefined;
  }

  #onConnection(connection: Connection): void {
    if (connection.direction !== "inbound" || this.#claimed.has(connection)) return;
    const timer = setTimeout(() => {
      this.#unclaimed.delete(connection);
      this.#options.handlers.refused?.("no_link_stream", connection.remoteAddr.toString());
      releaseConnection(connection);
    }, this.#connectTimeoutMs);
    this.#unclaimed.set(connection, timer);
  }

  #onConnectionClosed(connection: Connection): void {
    clearTimeout(this.#unclaimed.get(connection));
    this.#unclaimed.delete(connection);
    this.#forget(connection.remotePeer);
  }

  /** libp2p's peer store remembers everyone ever dialled or met; the mesh has its own registry. */
  #forget(peerId: PeerId): void {
    const node = this.#node?.libp2p;
    if (node === undefined || node.getConnections(peerId).length > 0) return;
    // A failure leaves one stale record there, no more.
    node.peerStore.delete(peerId).catch(() => undefined);
  }

  async #shutDown(signal: AbortSignal | undefined): Promise<void> {
    // Whoever started it has been told why it failed.
    await this.#starting?.catch(() => undefined);
    await this.#links.closeAll(signal);
    for (const timer of this.#unclaimed.values()) clearTimeout(timer);
    this.#unclaimed.clear();
    await this.#node?.stop();
  }
}

function suiteOf(connection: Connection): string {
  return `tcp${connection.encryption ?? "/none"}${connection.multiplexer ?? "/none"}`;
}

function isSelfDial(error: unknown): boolean {
  return error instanceof Error && error.name === "InvalidPeerIdError";
}

function selfError(address: string): MeshError {
  return new MeshError("MESH_SEED_IS_SELF", "tried to dial this node itself", {
    details: { address },
  });
}

function dialError(address: string, why: string, cause?: unknown): MeshError {
  return new MeshError("MESH_TRANSPORT_DIAL", `dial failed: ${why}`, {
    retryable: true,
    details: { address },
    cause,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim().slice(0, 500) : String(error);
}

const CONNECT_TIMEOUT_MS = 5_000;
const FAILURES_SHOWN_MAX = 8;
