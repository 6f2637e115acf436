/** The nodes that a fault names. */
import type { NodeSet } from "../faults/fault.ts";

export interface Nodes {
  has(index: number): boolean;
  /** Ascending, among the first `count` nodes. */
  list(count: number): number[];
}

/** `n3`, several, or `*`; a name beyond the nodes that exist is simply never met. */
export function nodesOf(set: NodeSet): Nodes {
  const names = typeof set === "string" ? [set] : set;
  if (names.includes("*")) {
    return { has: () => true, list: (count) => Array.from({ length: count }, (_, i) => i) };
  }
  const indices = new Set(names.map((name) => Number(name.slice(1))));
  return {
    has: (index) => indices.has(index),
    list: (count) => [...indices].filter((index) => index < count).sort((a, b) => a - b),
  };
}
