/**
 * What becomes of liars: how long until an equivocator is expunged by every correct node, how many
 * forged writes were merged, and how many rounds after the last write the correct nodes are equal.
 */
import { TYPE_MAP } from "../../../assembly/layout.ts";
import type { CoreEvent } from "../../core/outputs.ts";
import type { SimResult } from "../result.ts";
import { rootOf } from "./core-view.ts";
import { FORGED } from "./misbehaviour.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import type { World } from "./world.ts";

const ROUND_MS = 100;

export class TrustWatch implements Observer {
  readonly #world: World;
  /** By node and author: when it was expunged there. */
  readonly #provenMs = new Map<string, number>();
  #quietMs = Number.POSITIVE_INFINITY;
  #equalMs = Number.POSITIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
  }

  event(node: SimNode, event: CoreEvent): void {
    if (event.kind !== "fork") return;
    const name = `${node.index} ${event.author}`;
    if (!this.#provenMs.has(name)) this.#provenMs.set(name, this.#world.nowMs);
  }

  /** Nobody writes from this instant on; looks each round until the correct nodes agree. */
  quietFrom(atMs: number): void {
    this.#quietMs = atMs;
    const look = (): void => {
      if (this.#areEqual()) this.#equalMs = this.#world.nowMs;
      else this.#world.schedule(this.#world.nowMs + ROUND_MS, look);
    };
    this.#world.schedule(atMs, look);
  }

  get result(): Omit<SimResult["trust"], "selfProofs" | "doubleCounts"> {
    const { equivocators } = this.#world.misbehaviour;
    let [unproven, mostMs] = [0, 0];
    for (const node of this.#correct()) {
      for (const [index, beganMs] of equivocators) {
        const id = this.#world.node(index)?.id ?? "";
        const provenMs = this.#provenMs.get(`${node.index} ${id}`);
        const { reputationThreshold = 0 } = node.core?.registry ?? {};
        const reputation = node.core?.registry.get(id)?.reputation ?? 0;
        if (provenMs === undefined || reputation >= reputationThreshold) unproven += 1;
        else mostMs = Math.max(mostMs, provenMs - beganMs);
      }
    }
    const quietMs = this.#equalMs - this.#quietMs;
    return {
      equivocators: equivocators.size,
      unproven,
      provenRounds: Math.ceil(mostMs / ROUND_MS),
      quietRounds: Number.isFinite(quietMs) ? Math.ceil(quietMs / ROUND_MS) : -1,
      forgedMerged: this.#forged(),
    };
  }

  #forged(): number {
    let forged = 0;
    for (const node of this.#correct()) {
      const replica = node.core?.read(TYPE_MAP, FORGED, undefined, node.now(this.#world.nowMs));
      forged += replica?.mapSize(FORGED) ?? 0;
    }
    return forged;
  }

  #areEqual(): boolean {
    const roots = new Set<string>();
    for (const node of this.#correct()) {
      if (node.core !== undefined) roots.add(rootOf(node.core, node.now(this.#world.nowMs)));
    }
    return roots.size === 1;
  }

  #correct(): SimNode[] {
    return this.#world.nodes.filter((node) => node.isCorrect(this.#world.nowMs));
  }
}
