/**
 * The links between nodes, as the transport's pool makes them: a dial takes a round trip and fails
 * across a cut or at a dead host; wanted peers are dialled again with backoff; a link on which an
 * end has heard nothing for the idle timeout, keep-alives included, is gone; so is one of a process
 * that has died, but its peers learn that only by the timeout.
 */
import type { StandingLink } from "../../core/gossip/links.ts";
import type { Random } from "../../core/random.ts";
import type { Network } from "./network.ts";
import type { SimNode } from "./node.ts";

/** QUIC's idle timeout in the transport. */
const IDLE_TIMEOUT_MS = 10_000;
/**
 * A graceful close takes a round trip or two, and as long as what is under way: a link's frames come
 * in order, and its peer ends its side when it has had them all. The node gives that up in the end.
 */
const FLUSH_MS = 100;
const CLOSE_MS = 2_000;
/** A dial that gets no answer. */
const DIAL_TIMEOUT_MS = 3_000;
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 10_000;

export interface SimLink {
  readonly a: SimNode;
  readonly b: SimNode;
  readonly lifeA: number;
  readonly lifeB: number;
  up: boolean;
  /** When the last of the frames under way will be there. */
  arrivesMs: number;
  /** When each end last heard the other. */
  heardByA: number;
  heardByB: number;
}

export interface LinkHost {
  readonly nowMs: number;
  readonly network: Network;
  readonly random: Random;
  node(index: number): SimNode | undefined;
  schedule(atMs: number, act: () => void): void;
  admits(from: SimNode, to: SimNode): boolean;
  linkUp(node: SimNode, peer: SimNode, gossip: boolean, standing?: StandingLink): void;
  linkDown(node: SimNode, peer: SimNode, reason: string): void;
}

export class Links {
  /** Dials succeed at once and without a Hello, as if the links had long stood. */
  areStanding = false;
  readonly #host: LinkHost;

  constructor(host: LinkHost) {
    this.#host = host;
  }

  /** Dials once; a failure of a wanted peer is followed by another dial. */
  dial(from: SimNode, to: number, gossip: boolean): void {
    const { network, nowMs } = this.#host;
    if (from.dialling.has(to) || from.links.has(to) || to === from.index) return;
    from.dialling.add(to);
    const { life } = from;
    const peer = this.#host.node(to);
    const answers = peer?.core !== undefined && !peer.isPaused(nowMs) && this.#isOpen(from, peer);
    const roundTripMs =
      network.latency.sampleMs(from.index, to) + network.latency.sampleMs(to, from.index);
    const inMs = this.areStanding ? 0 : answers ? roundTripMs : DIAL_TIMEOUT_MS;
    this.#host.schedule(nowMs + inMs, () => {
      if (from.life !== life) return;
      from.dialling.delete(to);
      const isUp = answers && peer.core !== undefined && this.#isOpen(from, peer);
      if (peer === undefined || !isUp || !this.#host.admits(from, peer)) {
        return this.#redial(from, to);
      }
      this.#connect(from, peer, gossip);
    });
  }

  /** A frame of `from` has reached `to`. */
  heard(link: SimLink, to: SimNode): void {
    if (link.a === to) link.heardByA = this.#host.nowMs;
    else link.heardByB = this.#host.nowMs;
  }

  /** Ends a link at both ends. */
  close(link: SimLink, reason: string): void {
    if (!link.up) return;
    link.up = false;
    for (const [node, peer] of [
      [link.a, link.b],
      [link.b, link.a],
    ] as const) {
      if (node.links.get(peer.index) !== link) continue;
      node.links.delete(peer.index);
      if (node.core === undefined) continue;
      this.#host.linkDown(node, peer, reason);
      this.#redial(node, peer.index);
    }
  }

  /** A node is about to end: each of its links closes when what is under way has come. */
  flush(node: SimNode): void {
    const { nowMs } = this.#host;
    for (const link of node.links.values()) {
      const underWayMs = Math.min(link.arrivesMs, nowMs + CLOSE_MS);
      this.#host.schedule(Math.max(underWayMs, nowMs + FLUSH_MS), () => {
        this.close(link, "peer_close");
      });
    }
  }

  /** The process of a node has died: it forgets its links, whose peers learn it by the timeout. */
  abandon(node: SimNode): void {
    node.links.clear();
    node.wanted.clear();
    node.dialling.clear();
  }

  #isOpen(a: SimNode, b: SimNode): boolean {
    const { cuts } = this.#host.network;
    return !cuts.blocks(a.index, b.index) && !cuts.blocks(b.index, a.index);
  }

  #connect(from: SimNode, to: SimNode, gossip: boolean): void {
    const stale = to.links.get(from.index) ?? from.links.get(to.index);
    if (stale !== undefined) {
      // Both have dialled: one link is enough. One of an earlier life gives way.
      if (from.links.get(to.index) === stale && to.links.get(from.index) === stale) return;
      this.close(stale, "replaced");
    }
    const { nowMs } = this.#host;
    const lives = { lifeA: from.life, lifeB: to.life };
    const heard = { heardByA: nowMs, heardByB: nowMs };
    const link: SimLink = { a: from, b: to, ...lives, up: true, arrivesMs: nowMs, ...heard };
    from.links.set(to.index, link);
    to.links.set(from.index, link);
    if (from.wanted.has(to.index)) from.wanted.set(to.index, 0);
    if (to.wanted.has(from.index)) to.wanted.set(from.index, 0);
    const stands = this.areStanding;
    this.#host.linkUp(from, to, gossip, stands ? { peerWants: false } : undefined);
    this.#host.linkUp(to, from, false, stands ? { peerWants: gossip } : undefined);
    this.#watch(link);
  }

  #watch(link: SimLink): void {
    const quietSinceMs = Math.min(link.heardByA, link.heardByB);
    this.#host.schedule(quietSinceMs + IDLE_TIMEOUT_MS, () => {
      if (!link.up) return;
      const { nowMs } = this.#host;
      if (this.#isKeptAlive(link)) {
        link.heardByA = nowMs;
        link.heardByB = nowMs;
      }
      if (nowMs >= Math.min(link.heardByA, link.heardByB) + IDLE_TIMEOUT_MS) {
        this.close(link, "idle");
      } else {
        this.#watch(link);
      }
    });
  }

  /** QUIC's own keep-alive: where both processes run and frames can pass, an idle link stands. */
  #isKeptAlive({ a, b, lifeA, lifeB }: SimLink): boolean {
    const { nowMs } = this.#host;
    const running =
      a.life === lifeA && b.life === lifeB && !a.isPaused(nowMs) && !b.isPaused(nowMs);
    return running && a.core !== undefined && b.core !== undefined && this.#isOpen(a, b);
  }

  #redial(node: SimNode, to: number): void {
    const failures = node.wanted.get(to);
    if (failures === undefined) return;
    node.wanted.set(to, failures + 1);
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures, 20));
    const inMs = ceiling / 2 + (this.#host.random.float() * ceiling) / 2;
    const { life } = node;
    this.#host.schedule(this.#host.nowMs + inMs, () => {
      if (node.life === life && node.wanted.has(to)) this.dial(node, to, true);
    });
  }
}
