/**
 * LinkPool: at most one link per peer, over any transport.
 *
 * 1. A wanted peer is kept connected: redialled with exponential backoff and jitter, for ever.
 * 2. Other links come from `ensure` or from the peer; they are closed when idle, the least recently
 *    used first when there are too many.
 * 3. When both ends dial at once both keep the same link (see `secondWins`). The other one is closed
 *    gracefully, its last frames still count, and nobody is told that the peer went down.
 *    A winner that stays silent while the peer speaks over the loser is the link of an earlier life.
 * 4. `linkUp` and `linkDown` alternate per peer, and frames come in between.
 * Every timer of the pool belongs to a peer entry or is the idle sweep; none outlives `close`.
 */
import { MeshError } from "../../errors.ts";
import { backoffMs } from "./backoff.ts";
import { withPeer } from "./dial-address.ts";
import { linkedSignal, raceSignal } from "./dial-signal.ts";
import { DialSlots } from "./dial-slots.ts";
import { type PoolLimits, resolvePoolLimits } from "./pool-limits.ts";
import {
  closesLoser,
  createPoolPeer,
  isForgettable,
  noteContest,
  type PoolDial,
  type PoolPeer,
  secondWins,
  spokenSpare,
} from "./pool-peer.ts";
import { replaceLinks } from "./replace-links.ts";
import { shedLinks } from "./shed-links.ts";
import type { Lane, Link, NodeId, SendVerdict, Transport, TransportHandlers } from "./transport.ts";

/** What the owner of a pool is told. Handlers are synchronous and must not throw. */
export interface PoolHandlers {
  /** The peer is reachable. `link` tells how; send through the pool, which may replace it. */
  linkUp(peer: NodeId, link: Link): void;
  frame(peer: NodeId, bytes: Uint8Array): void;
  /** The peer's last link is gone. */
  linkDown(peer: NodeId, reason: string): void;
  refused?: TransportHandlers["refused"];
}

export interface PoolOptions {
  /** Makes the transport, around the handlers given. */
  transport(handlers: TransportHandlers): Transport;
  readonly handlers: PoolHandlers;
  /** Draws from [0, 1), for jitter. */
  random(): number;
  readonly limits?: Partial<PoolLimits>;
}

export interface PoolStats {
  readonly links: number;
  readonly wanted: number;
  readonly dialsRunning: number;
  readonly dialsWaiting: number;
  readonly dialsStarted: number;
  readonly dialsFailed: number;
  /** Retries scheduled for wanted peers. */
  readonly retries: number;
  /** Second links to a peer that had one. */
  readonly duplicates: number;
  readonly idleClosed: number;
}

export class LinkPool {
  readonly transport: Transport;
  readonly #handlers: PoolHandlers;
  readonly #limits: PoolLimits;
  readonly #random: () => number;
  readonly #peers = new Map<NodeId, PoolPeer>();
  readonly #slots: DialSlots;
  readonly #closing = new AbortController();
  readonly #counts = {
    dialsStarted: 0,
    dialsFailed: 0,
    retries: 0,
    duplicates: 0,
    idleClosed: 0,
  };
  #links = 0;
  #wanted = 0;
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#handlers = options.handlers;
    this.#limits = resolvePoolLimits(options.limits);
    this.#random = () => options.random();
    this.#slots = new DialSlots(this.#limits.dialsMax, this.#limits.dialsWaitingMax);
    this.transport = options.transport({
      linkUp: (link) => this.#onLinkUp(link),
      frame: (link, bytes) => this.#onFrame(link, bytes),
      linkDown: (link, reason) => this.#onLinkDown(link, reason),
      refused: (...refusal) => this.#handlers.refused?.(...refusal),
    });
  }

  /** Starts the transport; fails as it does. */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.transport.start(options);
    this.#sweep ??= setInterval(
      () => this.#closeIdle(),
      Math.ceil(this.#limits.idleMs / 4),
    ).unref();
  }

  get stats(): PoolStats {
    return {
      links: this.#links,
      wanted: this.#wanted,
      dialsRunning: this.#slots.running,
      dialsWaiting: this.#slots.waiting,
      ...this.#counts,
    };
  }

  /** Ids of the peers that have a link. */
  connected(): NodeId[] {
    return [...this.#peers.values()]
      .filter((peer) => peer.link !== undefined)
      .map((peer) => peer.id);
  }

  /** The peer's link in use. For reading: send through the pool. */
  linkOf(id: NodeId): Link | undefined {
    return this.#peers.get(id)?.link;
  }

  /** Queues a frame (transferred) to a peer; "closed" when it has no link. */
  send(id: NodeId, frame: Uint8Array, lane: Lane): SendVerdict {
    return this.#peers.get(id)?.link?.send(frame, lane) ?? "closed";
  }

  /**
   * Keeps a peer connected from now on; called again, replaces its addresses.
   * @param addresses multiaddrs with or without /p2p; the first addressesMax count. May be empty
   * for a peer that is expected to dial.
   * @returns false, and changes nothing, for the own id, beyond wantedMax, or when closed.
   */
  want(id: NodeId, addresses: readonly string[]): boolean {
    const known = this.#peers.get(id);
    const isNew = known?.addresses === undefined;
    if (id === this.transport.localId || this.#closing.signal.aborted) return false;
    if (isNew && this.#wanted >= this.#limits.wantedMax) return false;
    const peer = known ?? this.#addPeer(id);
    if (isNew) this.#wanted += 1;
    peer.addresses = this.#trimAddresses(addresses);
    if (peer.link === undefined && peer.dial === undefined && peer.retry === undefined)
      this.#dialWanted(peer);
    return true;
  }

  /** No longer keeps a peer connected; a link it has stays until it is idle. */
  unwant(id: NodeId): void {
    const peer = this.#peers.get(id);
    if (peer?.addresses === undefined) return;
    peer.addresses = undefined;
    peer.attempt = 0;
    clearTimeout(peer.retry);
    peer.retry = undefined;
    this.#wanted -= 1;
    this.#forget(peer);
  }

  /**
   * The peer's link, dialling when it has none. Calls for one peer share one dial; a signal ends
   * only the wait of its own call.
   * @throws MeshError MESH_TRANSPORT_DIAL when no address answers, MESH_QUEUE_FULL when too many
   * dials wait, MESH_SEED_IS_SELF for the own id, MESH_TRANSPORT_CLOSED after close; rethrows the
   * signal's reason.
   */
  async ensure(
    id: NodeId,
    addresses: readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Link> {
    options.signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    if (id === this.transport.localId) {
      throw new MeshError("MESH_SEED_IS_SELF", "tried to dial this node itself", {
        details: { id },
      });
    }
    const peer = this.#peers.get(id) ?? this.#addPeer(id);
    if (peer.link !== undefined) return peer.link;
    const dial = peer.dial ?? this.#startDial(peer, this.#trimAddresses(addresses));
    return raceSignal(dial.link.promise, [options.signal]);
  }

  /**
   * Dials an address whose peer may be unknown, such as a seed's.
   * @returns the link in use to whoever answered. Fails like {@link Transport.dial}, or with
   * MESH_QUEUE_FULL.
   */
  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Link> {
    options.signal?.throwIfAborted();
    const guard = linkedSignal([options.signal, this.#closing.signal]);
    try {
      const link = await this.#slots.run(guard.signal, () =>
        this.#dialAddress(address, guard.signal),
      );
      return this.#peers.get(link.peer)?.link ?? link;
    } finally {
      guard.dispose();
    }
  }

  /**
   * Gives up a peer's link that has fallen silent; a wanted peer is redialled. For TCP, where
   * nothing but the mesh's own probes notices that the other host is gone.
   */
  reset(id: NodeId): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#retire(peer, "reset");
  }

  /** Replaces links that this node has dialled; see replace-links.ts. */
  replaceLinks(isDue: (peer: NodeId, ageMs: number) => boolean, max: number): void {
    const minAgeMs = this.#limits.contestMs;
    replaceLinks(this.#peers.values(), { isDue, max, minAgeMs, dial: (to) => this.dial(to) });
  }

  /**
   * Ends the link to a peer, and with it the wish to keep it; gracefully, so that a last word arrives,
   * or at once, so that nothing more is read of who sends too much.
   */
  disconnect(id: NodeId, how: "gracefully" | "at once" = "gracefully"): void {
    const peer = this.#peers.get(id);
    this.unwant(id);
    peer?.dial?.controller.abort(new MeshError("MESH_TRANSPORT_DIAL", "the peer was disconnected"));
    if (peer !== undefined) this.#retire(peer, "local_close", how);
  }

  /** Closes every link, flushing as far as `signal` allows, and the transport. Idempotent. */
  async close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#closing.abort(new MeshError("MESH_TRANSPORT_CLOSED", "the pool is closed"));
    clearInterval(this.#sweep);
    for (const peer of [...this.#peers.values()]) {
      this.unwant(peer.id);
      clearTimeout(peer.trim);
      peer.dial?.controller.abort(this.#closing.signal.reason);
    }
    await this.transport.close(options);
  }

  #onLinkUp(link: Link): void {
    if (this.#closing.signal.aborted) {
      link.abort();
      return;
    }
    const nowMs = performance.now();
    const peer = this.#peers.get(link.peer) ?? this.#addPeer(link.peer);
    const first = peer.link;
    if (first !== undefined) {
      this.#contest(peer, first, link, nowMs);
      return;
    }
    this.#use(peer, link, nowMs);
    this.#links += 1;
    clearTimeout(peer.retry);
    peer.retry = undefined;
    // A dial under way goes on: ended now, it might have come up at the peer already, as the first.
    peer.dial?.link.resolve(link);
    if (this.#links > this.#limits.unwantedMax) this.#trimUnwanted(peer);
    this.#handlers.linkUp(peer.id, link);
  }

  #contest(peer: PoolPeer, first: Link, second: Link, nowMs: number): void {
    const contested = nowMs - peer.linkSinceMs < this.#limits.contestMs;
    const wins = secondWins({ first, second, localId: this.transport.localId, contested });
    if (wins) this.#use(peer, second, nowMs);
    peer.spares.push(wins ? first : second);
    this.#counts.duplicates += 1;
    if (peer.spares.length > SPARES_MAX) peer.spares.shift()?.abort();
    noteContest(peer);
    peer.trim ??= setTimeout(() => {
      peer.trim = undefined;
      this.#closeLosers(peer);
    }, this.#limits.graceMs);
  }

  #closeLosers(peer: PoolPeer): void {
    this.#followPeer(peer);
    const winner = peer.link;
    if (winner === undefined) return;
    const losers = peer.spares.filter((spare) =>
      closesLoser(winner, spare, this.transport.localId),
    );
    peer.spares = peer.spares.filter((spare) => !losers.includes(spare));
    for (const loser of losers) void loser.close();
  }

  /** Uses the link that the peer uses, when it has nothing to say over ours. */
  #followPeer(peer: PoolPeer): void {
    const spoken = spokenSpare(peer);
    if (spoken === undefined || peer.link === undefined) return;
    peer.spares = [peer.link, ...peer.spares.filter((spare) => spare !== spoken)];
    this.#use(peer, spoken, performance.now());
  }

  #use(peer: PoolPeer, link: Link, nowMs: number): void {
    peer.link = link;
    peer.linkSinceMs = nowMs;
    peer.activeMs = nowMs;
    peer.activeFrames = 0;
  }

  #onFrame(link: Link, bytes: Uint8Array): void {
    // Frames of a link that lost a contest are the peer's frames too.
    if (this.#peers.get(link.peer)?.link !== undefined) this.#handlers.frame(link.peer, bytes);
  }

  #onLinkDown(link: Link, reason: string): void {
    const peer = this.#peers.get(link.peer);
    if (peer === undefined) return;
    peer.spares = peer.spares.filter((spare) => spare !== link);
    if (peer.link !== link) return;
    const spare = peer.spares.pop();
    if (spare === undefined) this.#endLink(peer, reason);
    else this.#use(peer, spare, performance.now());
  }

  #endLink(peer: PoolPeer, reason: string): void {
    peer.link = undefined;
    clearTimeout(peer.trim);
    peer.trim = undefined;
    this.#links -= 1;
    if (performance.now() - peer.linkSinceMs >= this.#limits.stableMs) peer.attempt = 0;
    if (peer.addresses !== undefined && peer.dial === undefined) this.#scheduleRetry(peer);
    this.#handlers.linkDown(peer.id, reason);
    this.#forget(peer);
  }

  /** Takes a peer's links out of use at once, and lets them flush and close behind the scenes. */
  #retire(peer: PoolPeer, reason: string, how: "gracefully" | "at once" = "gracefully"): void {
    const links = peer.link === undefined ? peer.spares : [peer.link, ...peer.spares];
    peer.spares = [];
    if (peer.link !== undefined) this.#endLink(peer, reason);
    for (const link of links) {
      if (how === "at once") link.abort();
      else void link.close();
    }
  }

  #dialWanted(peer: PoolPeer): void {
    if (peer.addresses === undefined || peer.addresses.length === 0) return;
    this.#startDial(peer, peer.addresses);
  }

  #startDial(peer: PoolPeer, addresses: readonly string[]): PoolDial {
    const dial: PoolDial = { controller: new AbortController(), link: Promise.withResolvers() };
    // It may be rejected while no send waits for it.
    dial.link.promise.catch(() => undefined);
    peer.dial = dial;
    this.#runDial(peer, dial, addresses).then(
      (link) => this.#endDial(peer, dial, () => dial.link.resolve(peer.link ?? link)),
      (error: unknown) => {
        if (peer.link === undefined) this.#counts.dialsFailed += 1;
        this.#endDial(peer, dial, () => dial.link.reject(error));
      },
    );
    return dial;
  }

  async #runDial(peer: PoolPeer, dial: PoolDial, addresses: readonly string[]): Promise<Link> {
    const { signal } = dial.controller;
    const failures: unknown[] = [];
    return this.#slots.run(signal, async () => {
      for (const address of addresses) {
        if (peer.link !== undefined) return peer.link;
        try {
          return await this.#dialAddress(withPeer(address, peer.id), signal);
        } catch (error) {
          signal.throwIfAborted();
          failures.push(error);
        }
      }
      throw new MeshError("MESH_TRANSPORT_DIAL", "no address of the peer answered", {
        retryable: true,
        details: { peer: peer.id, addresses },
        cause: failures.at(-1),
      });
    });
  }

  #dialAddress(address: string, signal: AbortSignal): Promise<Link> {
    this.#counts.dialsStarted += 1;
    return this.transport.dial(address, { signal });
  }

  #endDial(peer: PoolPeer, dial: PoolDial, settle: () => void): void {
    if (peer.dial === dial) peer.dial = undefined;
    settle();
    if (peer.link === undefined && peer.addresses !== undefined) this.#scheduleRetry(peer);
    this.#forget(peer);
  }

  #scheduleRetry(peer: PoolPeer): void {
    if (peer.retry !== undefined || this.#closing.signal.aborted) return;
    const delayMs = backoffMs(peer.attempt, this.#limits, this.#random);
    peer.attempt += 1;
    this.#counts.retries += 1;
    peer.retry = setTimeout(() => {
      peer.retry = undefined;
      if (peer.link === undefined && peer.dial === undefined) this.#dialWanted(peer);
    }, delayMs);
  }

  #closeIdle(): void {
    const nowMs = performance.now();
    for (const peer of this.#peers.values()) {
      const { link } = peer;
      if (link === undefined) continue;
      this.#noteActivity(peer, link, nowMs);
      const idle = nowMs - peer.activeMs >= this.#limits.idleMs;
      if (peer.addresses === undefined && idle) this.#retireIdle(peer);
    }
  }

  #noteActivity(peer: PoolPeer, link: Link, nowMs: number): void {
    const { framesSent, framesReceived } = link.stats;
    const frames = framesSent + framesReceived;
    if (frames !== peer.activeFrames) peer.activeMs = nowMs;
    peer.activeFrames = frames;
  }

  #trimUnwanted(newest: PoolPeer): void {
    const nowMs = performance.now();
    const unwanted: PoolPeer[] = [];
    for (const peer of this.#peers.values()) {
      if (peer.link === undefined || peer.addresses !== undefined || peer === newest) continue;
      this.#noteActivity(peer, peer.link, nowMs);
      unwanted.push(peer);
    }
    const excess = unwanted.length + 1 - this.#limits.unwantedMax;
    if (excess <= 0) return;
    unwanted.sort((left, right) => left.activeMs - right.activeMs);
    for (const peer of unwanted.slice(0, excess)) this.#retireIdle(peer);
  }

  /** The process is short of memory: ends some links. To be called again while it lasts. */
  shed(): void {
    shedLinks([...this.#peers.values()], (peer) => this.#retireIdle(peer));
  }

  #retireIdle(peer: PoolPeer): void {
    this.#counts.idleClosed += 1;
    this.#retire(peer, "idle");
  }

  #addPeer(id: NodeId): PoolPeer {
    const peer = createPoolPeer(id);
    this.#peers.set(id, peer);
    return peer;
  }

  #forget(peer: PoolPeer): void {
    if (isForgettable(peer) && this.#peers.get(peer.id) === peer) this.#peers.delete(peer.id);
  }

  #trimAddresses(addresses: readonly string[]): readonly string[] {
    return [...new Set(addresses)].slice(0, this.#limits.addressesMax);
  }
}

/** Links beyond the one in use that a peer may hold open; more are aborted, oldest first. */
const SPARES_MAX = 2;
