/** What one simulated run is made of. Everything random in it is drawn from `seed`. */
import type { Fault } from "./faults/fault.ts";

export type ProfileName = "calm" | "lossy" | "storm" | "partition" | "byzantine";

export interface SimOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Agents opened on each node at the start; default 0: a single-agent node is the node itself. */
  readonly agentsPerNode?: number;
  /** Nodes are dealt round robin to so many regions; default 1. Latencies between them: regions.ts. */
  readonly regions?: number;
  /** Peers asked per round; default: what the core derives. */
  readonly fanout?: number;
  /** Virtual ms of workload and faults, warm-up excluded; default 60,000. */
  readonly durationMs?: number;
  /** Applied as they stand, in the order of their times. */
  readonly faults?: readonly Fault[];
  /** Draws faults from the seed, on top of `faults`; default "calm": none. */
  readonly profile?: ProfileName;
  /** Over the whole mesh, from random nodes; default 10. */
  readonly writesPerSecond?: number;
  readonly kernels?: "wasm" | "reference";
  /** Real signatures are ed25519 by the portable or native backend given to the run. Default fake. */
  readonly signatures?: "real" | "fake";
  /** Loss of every frame, independently, for the whole run, in [0, 1); default 0. */
  readonly loss?: number;
  /** Eager push; default on. Off: rounds alone carry state. */
  readonly push?: boolean;
  /** The push tree; default on. Off: every push floods the view. */
  readonly tree?: boolean;
  /** Lifeguard's answers to being slow oneself; default on. Off: plain SWIM, to compare with. */
  readonly lifeguard?: boolean;
  /** One way, ms, between nodes of one region; default 1 to 10. */
  readonly latencyMs?: { readonly min: number; readonly max: number };
}
