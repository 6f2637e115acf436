/** What a world is made of, and who gets in where it admits by certificate. */
import type { CoreConfig } from "../../core/core-state.ts";
import type { Crypto } from "../../core/trust/crypto.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { HandlerTimes } from "../judges/handler-times.ts";
import type { LatencyOptions } from "./latency.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly kernels: Kernels;
  /** The same over memories of their own, for the nodes to share out; absent: `kernels` holds all. */
  readonly memories?: readonly Kernels[];
  readonly crypto: Crypto;
  readonly latency: Omit<LatencyOptions, "seed">;
  /** Of every frame, in [0, 1). */
  readonly loss: number;
  readonly config: Partial<CoreConfig>;
  readonly observers: readonly Observer[];
  /** Measures the cores' handlers; it is told of nothing else. */
  readonly handlers?: HandlerTimes | undefined;
  /** Undefined: an open mesh. */
  readonly admission?: WorldAdmission;
}

/** Who gets in, where a mesh admits by certificate: the world has no authority of its own. */
export interface WorldAdmission {
  /** What a process is started with. */
  configOf(node: SimNode, meshId: Uint8Array): Partial<CoreConfig>;
  /** Whether a node lets a link with a peer come to be. @param wallMs by the node's clock. */
  admits(node: SimNode, peer: SimNode, isDialled: boolean, wallMs: number): boolean;
}
