/**
 * Convergence as it is: each tracked write followed to the last node that was up, correct and
 * connected with its author when it was written, and stayed so; with what the deliveries cost.
 */

import type { CoreEvent } from "../../core/outputs.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import { TRACKED } from "./workload.ts";
import type { World } from "./world.ts";

interface Spreading {
  readonly key: string;
  readonly atMs: number;
  /** Nodes that must get it and have not yet. */
  readonly missing: Set<number>;
  /** Hops from the author, of the nodes that have it. */
  readonly hops: Map<number, number>;
  lastMs: number;
}

/** Writes followed at once; the oldest is given up, as not converged, at the bound. */
const SPREADING_MAX = 4_096;

export class Spread implements Observer {
  readonly samplesMs: number[] = [];
  readonly samples: { readonly atMs: number; readonly convergenceMs: number }[] = [];
  /** Tracked writes that some node which had to get them never did. */
  unfinished = 0;
  lastDeliveryHop = 0;
  /** Deltas that authors closed since the measuring began: applied there, carried by nobody. */
  ownDeltas = 0;
  readonly #spreading = new Map<string, Spreading>();
  readonly #world: World;
  measuring = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** A tracked write is about to be made. */
  begin(author: SimNode, key: string): void {
    if (!this.measuring) return;
    const { nodes, nowMs, network } = this.#world;
    const components = network.cuts.components(nodes.length);
    const own = components[author.index];
    const missing = new Set<number>();
    for (const node of nodes) {
      if (node.isCorrect(nowMs) && components[node.index] === own) missing.add(node.index);
    }
    if (this.#spreading.size >= SPREADING_MAX) {
      const [oldest] = this.#spreading.keys();
      if (oldest !== undefined) this.#spreading.delete(oldest);
      this.unfinished += 1;
    }
    this.#spreading.set(key, { key, atMs: nowMs, missing, hops: new Map(), lastMs: nowMs });
  }

  event(node: SimNode, event: CoreEvent, from: SimNode | undefined): void {
    if (event.kind === "acknowledged" && this.measuring) this.ownDeltas += 1;
    if (event.kind !== "changes") return;
    for (const change of event.changes) {
      if (change.collection !== TRACKED) continue;
      const spreading = this.#spreading.get(change.key);
      if (spreading !== undefined) this.#reached(spreading, node, from);
    }
  }

  lost(node: SimNode): void {
    for (const spreading of [...this.#spreading.values()]) {
      if (spreading.missing.delete(node.index)) this.#check(spreading);
    }
  }

  cutsChanged(): void {
    const { nodes, network } = this.#world;
    const components = network.cuts.components(nodes.length);
    for (const spreading of [...this.#spreading.values()]) {
      const [holder] = spreading.hops.keys();
      if (holder === undefined) continue;
      for (const index of spreading.missing) {
        if (components[index] !== components[holder]) spreading.missing.delete(index);
      }
      this.#check(spreading);
    }
  }

  /** Counts what is still on its way as never arrived. */
  end(): void {
    for (const { missing, hops } of this.#spreading.values()) {
      if (missing.size > 0 && hops.size > 0) this.unfinished += 1;
    }
    this.#spreading.clear();
  }

  #reached(spreading: Spreading, node: SimNode, from: SimNode | undefined): void {
    const { hops, missing } = spreading;
    if (hops.has(node.index)) return;
    const hop = from === undefined ? 0 : (hops.get(from.index) ?? 0) + 1;
    hops.set(node.index, hop);
    if (!missing.delete(node.index)) return;
    spreading.lastMs = this.#world.nowMs;
    this.lastDeliveryHop = Math.max(this.lastDeliveryHop, hop);
    this.#check(spreading);
  }

  #check({ key, atMs, missing, hops, lastMs }: Spreading): void {
    if (missing.size > 0 || hops.size === 0) return;
    this.#spreading.delete(key);
    this.samplesMs.push(lastMs - atMs);
    this.samples.push({ atMs, convergenceMs: lastMs - atMs });
  }
}
