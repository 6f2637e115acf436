/**
 * Who can reach whom: the cuts in force, and what truly follows from them. Nodes that the cuts treat
 * alike form a class; two classes are joined when frames pass both ways, and a component is what
 * joined classes reach through one another.
 */
import type { Nodes } from "./node-set.ts";

export interface Cut {
  blocks(from: number, to: number): boolean;
  /** Equal for nodes that the cut treats alike. */
  classOf(node: number): number;
}

/** Groups that cannot reach one another; a node in none of them reaches all. */
export function partitionCut(groups: readonly Nodes[]): Cut {
  const classOf = (node: number): number => groups.findIndex((group) => group.has(node));
  return {
    classOf,
    blocks: (from, to) => {
      const [a, b] = [classOf(from), classOf(to)];
      return a >= 0 && b >= 0 && a !== b;
    },
  };
}

/** Frames from one set to the other are lost. */
export function oneWayCut(from: Nodes, to: Nodes): Cut {
  return {
    classOf: (node) => (from.has(node) ? 1 : 0) + (to.has(node) ? 2 : 0),
    blocks: (a, b) => from.has(a) && to.has(b),
  };
}

export class Cuts {
  readonly #cuts = new Set<Cut>();
  /** Removed since somebody last asked. */
  #removed: Cut[] = [];
  #version = 0;
  #components: { version: number; of: number[] } = { version: -1, of: [] };

  /** Raised by every change. */
  get version(): number {
    return this.#version;
  }

  get isWhole(): boolean {
    return this.#cuts.size === 0;
  }

  add(cut: Cut): void {
    this.#cuts.add(cut);
    this.#version += 1;
  }

  remove(cut: Cut): void {
    if (!this.#cuts.delete(cut)) return;
    this.#removed.push(cut);
    this.#version += 1;
  }

  /** The cuts that have been removed since the last call. */
  takeRemoved(): readonly Cut[] {
    return this.#removed.splice(0);
  }

  blocks(from: number, to: number): boolean {
    for (const cut of this.#cuts) if (cut.blocks(from, to)) return true;
    return false;
  }

  /** Whether frames pass both ways without anybody's help. */
  joins(a: number, b: number): boolean {
    return !this.blocks(a, b) && !this.blocks(b, a);
  }

  /** The component of each of the first `count` nodes; equal numbers reach one another. */
  components(count: number): readonly number[] {
    if (this.#components.version !== this.#version || this.#components.of.length !== count) {
      this.#components = { version: this.#version, of: this.#compute(count) };
    }
    return this.#components.of;
  }

  #compute(count: number): number[] {
    const classes = new Map<string, number>();
    const classOf = Array.from({ length: count }, (_, node) => {
      const key = [...this.#cuts].map((cut) => cut.classOf(node)).join(",");
      if (!classes.has(key)) classes.set(key, classes.size);
      return classes.get(key) ?? 0;
    });
    const representative = Array.from(classes.values(), (id) => classOf.indexOf(id));
    const root = Array.from(classes.values());
    const find = (id: number): number => (root[id] === id ? id : find(root[id] ?? id));
    for (const [i, a] of representative.entries()) {
      for (const [j, b] of representative.entries()) {
        if (i < j && this.joins(a, b)) root[find(i)] = find(j);
      }
    }
    return classOf.map(find);
  }
}
