/** What the mesh bench and its workers say to each other over the fork's IPC channel. */

export type TransportKind = "quic" | "tcp";

/** Asked of a worker; every ask is answered once, by its `id`. `node` is unique in the fleet. */
export type Ask =
  | {
      readonly kind: "join";
      readonly node: number;
      readonly transport: TransportKind;
      readonly seeds: readonly string[];
    }
  | { readonly kind: "write"; readonly node: number; readonly write: number }
  | { readonly kind: "status" }
  | { readonly kind: "collect" }
  | { readonly kind: "leave"; readonly node: number };

/** What a join took, and where the node listens. */
export interface Joined {
  /** From calling Mesh.join to its promise: the first exchange with a member is done. */
  readonly ms: number;
  readonly addresses: readonly string[];
}

export interface NodeStatus {
  readonly node: number;
  readonly members: number;
  readonly reachable: number;
  readonly root: string;
}

/** What one node saw of the others' writes. */
export interface Sightings {
  readonly node: number;
  /** Write number and ms from just before the origin's `map.set` to this node's watch. */
  readonly seen: readonly (readonly [write: number, ms: number])[];
  /** Hash over the map's content, times left out: equal on every node. */
  readonly contentHash: string;
}

export interface AnswerOf {
  join: Joined;
  write: null;
  status: NodeStatus[];
  collect: Sightings[];
  leave: null;
}

/** The value of a write. `atNs` is the origin's CLOCK_MONOTONIC reading, which all processes share. */
export interface Stamped {
  readonly write: number;
  readonly origin: number;
  readonly atNs: string;
}

/** The content as text: what all nodes must hold once `origins[write]` have written. */
export function contentText(origins: ReadonlyMap<number, number>): string {
  return [...origins]
    .sort(([a], [b]) => a - b)
    .map(([write, origin]) => `${write}:${origin}`)
    .join(",");
}
