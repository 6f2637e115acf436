/** Failure detection as it is: how long a crash stayed unknown, and who was called dead alive. */
import type { CoreEvent } from "../../core/outputs.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import type { World } from "./world.ts";

/** A node that has just gone on, or was cut off a moment ago, may still be called silent. */
const EXCUSE_MS = 1_000;
/** A crash is judged when it is at least so old at the end. */
const NOTICE_MS = 10_000;

export class FailureWatch implements Observer {
  falsePositives = 0;
  /** From each crash to the last correct node that noticed. */
  readonly detectedMs: number[] = [];
  active = false;
  readonly #world: World;
  /** By crashed node: when, and who has still to notice. */
  readonly #crashed = new Map<number, { readonly atMs: number; readonly unaware: Set<number> }>();
  readonly #excusedUntilMs = new Map<number, number>();
  #cutUntilMs = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whoever died long enough ago and was not noticed by all has taken at least so long. */
  end(): void {
    for (const { atMs, unaware } of this.#crashed.values()) {
      const sinceMs = this.#world.nowMs - atMs;
      if (unaware.size > 0 && sinceMs >= NOTICE_MS) this.detectedMs.push(sinceMs);
    }
  }

  lost(node: SimNode): void {
    const { nowMs, nodes } = this.#world;
    this.#excusedUntilMs.set(node.index, Math.max(nowMs, node.pausedUntilMs) + EXCUSE_MS);
    for (const [index, { atMs, unaware }] of this.#crashed) {
      if (unaware.delete(node.index) && unaware.size === 0) this.#noticed(index, atMs);
    }
    if (!this.active || node.left || node.isPaused(nowMs) || node.isByzantine) return;
    const unaware = new Set<number>();
    const components = this.#world.network.cuts.components(nodes.length);
    for (const other of nodes) {
      // Who is cut off has lost the node already, with all others of its side.
      const isReached = components[other.index] === components[node.index];
      if (other !== node && isReached && other.isCorrect(nowMs)) unaware.add(other.index);
    }
    this.#crashed.set(node.index, { atMs: nowMs, unaware });
  }

  started(node: SimNode): void {
    this.#crashed.delete(node.index);
    this.#excusedUntilMs.set(node.index, this.#world.nowMs + EXCUSE_MS);
  }

  cutsChanged(): void {
    const { nowMs, nodes, network } = this.#world;
    this.#cutUntilMs = nowMs + EXCUSE_MS;
    const components = network.cuts.components(nodes.length);
    for (const [crashed, { unaware }] of this.#crashed) {
      for (const index of unaware) {
        if (components[index] !== components[crashed]) unaware.delete(index);
      }
      // Nobody is left whose notice could be timed.
      if (unaware.size === 0) this.#crashed.delete(crashed);
    }
  }

  event(node: SimNode, event: CoreEvent): void {
    if (event.kind !== "member:unreachable" || !this.active) return;
    const peer = this.#world.nodeOf(event.peer);
    if (peer === undefined || !node.isCorrect(this.#world.nowMs)) return;
    if (peer.core === undefined) return this.#noticedBy(node, peer);
    if (this.#isExcused(node, peer)) return;
    this.falsePositives += 1;
  }

  #isExcused(node: SimNode, peer: SimNode): boolean {
    const { nowMs, network, nodes } = this.#world;
    if (peer.isByzantine || peer.left || peer.isPaused(nowMs)) return true;
    if ((this.#excusedUntilMs.get(peer.index) ?? 0) > nowMs) return true;
    if (this.#cutUntilMs > nowMs) return true;
    const components = network.cuts.components(nodes.length);
    return components[node.index] !== components[peer.index];
  }

  #noticedBy(node: SimNode, peer: SimNode): void {
    const crash = this.#crashed.get(peer.index);
    if (crash?.unaware.delete(node.index) === true && crash.unaware.size === 0) {
      this.#noticed(peer.index, crash.atMs);
    }
  }

  #noticed(index: number, atMs: number): void {
    this.#crashed.delete(index);
    this.detectedMs.push(this.#world.nowMs - atMs);
  }
}
