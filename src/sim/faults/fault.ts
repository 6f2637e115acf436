/**
 * One line of a fault file. Times are virtual ms from the start of the workload; nodes are named
 * `n0`, `n1`...; `src`, `dst`, `from`, `to` and `node` also take a list of names or `*`.
 */

/** One name, several, or `*` for every node. */
export type NodeSet = string | readonly string[];

export const BEHAVIOURS = [
  "bad-signature",
  "equivocate",
  "flood",
  "replay",
  "future-time",
  "past-time",
  "withhold",
  "garbage",
  "forge",
  "lie-repair",
  "future-remove",
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** Of an invented identity: a node that deals honestly, one that hands nothing on, or none at all. */
export const SYBILS = ["answer", "withhold", "silent"] as const;

export type Fault = { readonly at: number } & (
  | {
      readonly do: "net.drop" | "net.duplicate" | "net.reorder" | "net.corrupt";
      readonly src: NodeSet;
      readonly dst: NodeSet;
      /** Probability per frame, in [0, 1]. */
      readonly p: number;
      readonly for: number;
    }
  | {
      readonly do: "net.delay";
      readonly src: NodeSet;
      readonly dst: NodeSet;
      readonly mean: number;
      readonly jitter: number;
      readonly for: number;
    }
  /** Groups cannot reach one another; a node in none of them reaches all. */
  | { readonly do: "net.partition"; readonly groups: readonly NodeSet[]; readonly for: number }
  /** Frames from `from` to `to` are lost; the other way they arrive. */
  | {
      readonly do: "net.oneway";
      readonly from: NodeSet;
      readonly to: NodeSet;
      readonly for: number;
    }
  /** A partition that is on for `period` ms, off for `period` ms, and so on. */
  | {
      readonly do: "net.flap";
      readonly groups: readonly NodeSet[];
      readonly period: number;
      readonly for: number;
    }
  | { readonly do: "node.crash" | "node.leave"; readonly node: NodeSet }
  | {
      readonly do: "node.restart";
      readonly node: NodeSet;
      readonly disk: "kept" | "lost" | "rolledback";
    }
  | { readonly do: "node.pause"; readonly node: NodeSet; readonly for: number }
  | {
      readonly do: "node.slow";
      readonly node: NodeSet;
      readonly factor: number;
      readonly for: number;
    }
  /**
   * Down for `for` ms, then back with the disk of before. In a run with one, a quorum ends the
   * membership of who has been unreachable for 5 s.
   */
  | { readonly do: "node.away"; readonly node: NodeSet; readonly for: number }
  /** One more node, with the next free name. */
  | { readonly do: "node.join" }
  | { readonly do: "clock.jump"; readonly node: NodeSet; readonly ms: number }
  | { readonly do: "clock.skew"; readonly node: NodeSet; readonly ppm: number }
  | {
      readonly do: "byz.behave";
      readonly node: NodeSet;
      readonly as: Behaviour;
      readonly for: number;
    }
  /** A liar lets invented identities join; those that run take the next free names. */
  | {
      readonly do: "byz.sybil";
      readonly node: string;
      readonly as: (typeof SYBILS)[number];
      readonly count: number;
      readonly perSecond: number;
    }
  /** Liars hold every link of the victim, and withhold from it all that is not theirs. */
  | {
      readonly do: "byz.eclipse";
      readonly node: NodeSet;
      readonly victim: string;
      readonly for: number;
    }
  | {
      readonly do: "op.set";
      readonly src: string;
      readonly collection: string;
      readonly key: string;
      readonly value: unknown;
    }
  | {
      readonly do: "op.add" | "op.remove";
      readonly src: string;
      readonly collection: string;
      readonly key: string;
      readonly element: string;
    }
  | {
      readonly do: "op.inc";
      readonly src: string;
      readonly collection: string;
      readonly key: string;
      readonly by: number;
    }
);
