/**
 * The in-memory transport: named endpoints `/memory/NAME` inside one process.
 *
 * Same interface, framing, queues and order of events as the network transports; an id is taken
 * from the transport that listens under the name, so it is as good as proved. For tests, examples
 * and nodes that share a process.
 */
import { MeshError } from "../../errors.ts";
import { nodeIdFromSeed, peerIdFromNodeId } from "../node-id.ts";
import type { ByteChannel } from "./byte-channel.ts";
import { raceSignal } from "./dial-signal.ts";
import { resolveTransportLimits } from "./limits.ts";
import { LinkTable } from "./link-table.ts";
import { parseMemoryAddress } from "./memory-address.ts";
import { createMemoryChannelPair } from "./memory-channel.ts";
import type { Link, NodeId, Transport, TransportOptions } from "./transport.ts";

/** What listens under a name. `accept` answers false when it takes no further link. */
interface MemoryEndpoint {
  readonly localId: NodeId;
  accept(channel: ByteChannel, peer: NodeId, remoteAddress: string): boolean;
}

/** A set of names; transports reach each other only inside one network. */
export class MemoryNetwork {
  readonly #endpoints = new Map<string, MemoryEndpoint>();

  /** Takes a name; false when another endpoint has it. */
  bind(name: string, endpoint: MemoryEndpoint): boolean {
    if (this.#endpoints.has(name)) return false;
    this.#endpoints.set(name, endpoint);
    return true;
  }

  /** Gives a name back. */
  unbind(name: string, endpoint: MemoryEndpoint): void {
    if (this.#endpoints.get(name) === endpoint) this.#endpoints.delete(name);
  }

  /** Who listens under a name. */
  find(name: string): MemoryEndpoint | undefined {
    return this.#endpoints.get(name);
  }
}

/**
 * An in-memory transport.
 * @param network the names it lives among; by default one network shared by the whole process.
 * @throws MeshError MESH_VALUE_INVALID for a bad seed or limit.
 */
export function createMemoryTransport(
  options: TransportOptions,
  network: MemoryNetwork = PROCESS_NETWORK,
): Transport {
  return new MemoryTransport(options, network);
}

class MemoryTransport implements Transport, MemoryEndpoint {
  readonly kind = "memory";
  readonly localId: NodeId;
  readonly #options: TransportOptions;
  readonly #network: MemoryNetwork;
  readonly #links: LinkTable;
  readonly #closing = new AbortController();
  #name: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: TransportOptions, network: MemoryNetwork) {
    this.localId = nodeIdFromSeed(options.identitySeed);
    this.#options = options;
    this.#network = network;
    const limits = resolveTransportLimits(options.limits);
    this.#links = new LinkTable(options.handlers, limits, options.admission);
  }

  get addresses(): readonly string[] {
    return this.#name === undefined
      ? []
      : [`/memory/${this.#name}/p2p/${peerIdFromNodeId(this.localId)}`];
  }

  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#assertOpen();
    if (this.#name !== undefined || this.#options.listen.length === 0) return;
    for (const address of this.#options.listen) {
      const target = parseMemoryAddress(address);
      if (target === undefined || !this.#network.bind(target.name, this)) continue;
      this.#name = target.name;
      return;
    }
    throw new MeshError("MESH_LISTEN_FAILED", "no listen address is free", {
      details: { addresses: this.#options.listen },
    });
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Link> {
    options.signal?.throwIfAborted();
    this.#assertOpen();
    const target = parseMemoryAddress(address);
    if (target === undefined) throw dialError(address, "not a memory address");
    await raceSignal(nextTurn(), [options.signal, this.#closing.signal]);
    const endpoint = this.#network.find(target.name);
    if (target.peer === this.localId || endpoint === this) {
      throw new MeshError("MESH_SEED_IS_SELF", "tried to dial this node itself", {
        details: { address },
      });
    }
    if (endpoint === undefined) throw dialError(address, "nobody listens under that name");
    if (target.peer !== undefined && target.peer !== endpoint.localId) {
      throw dialError(address, "another node answered");
    }
    if (this.#links.full) throw dialError(address, "this node has its maximum of links");
    const [near, far] = createMemoryChannelPair();
    if (!endpoint.accept(far, this.localId, `/memory/${this.#name ?? "dialler"}`)) {
      throw dialError(address, "the peer refused the connection");
    }
    const identity = { ...identityOf(endpoint.localId, address), inbound: false };
    const signals = [options.signal, this.#closing.signal].filter((each) => each !== undefined);
    return this.#links.admit(identity, near, AbortSignal.any(signals));
  }

  accept(channel: ByteChannel, peer: NodeId, remoteAddress: string): boolean {
    if (this.#closing.signal.aborted) return false;
    const refusal = this.#refusalOf(peer);
    if (refusal !== undefined) {
      this.#options.handlers.refused?.(refusal, remoteAddress);
      return false;
    }
    this.#links.accept({ ...identityOf(peer, remoteAddress), inbound: true }, channel);
    return true;
  }

  #refusalOf(peer: NodeId): string | undefined {
    if (this.#options.isPressed?.() === true) return "memory";
    if (this.#links.full) return "links_max";
    return this.#options.isRefused?.(peer) === true ? "peer_refused" : undefined;
  }

  close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#closing.abort(closedError());
    if (this.#name !== undefined) this.#network.unbind(this.#name, this);
    this.#name = undefined;
    this.#closed ??= this.#links.closeAll(options.signal);
    return this.#closed;
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw closedError();
  }
}

function identityOf(peer: NodeId, remoteAddress: string) {
  return { peer, remoteAddress, suite: "memory/none" };
}

function dialError(address: string, why: string): MeshError {
  return new MeshError("MESH_TRANSPORT_DIAL", `dial failed: ${why}`, {
    retryable: true,
    details: { address },
  });
}

function closedError(): MeshError {
  return new MeshError("MESH_TRANSPORT_CLOSED", "the transport is closed");
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const PROCESS_NETWORK = new MemoryNetwork();
