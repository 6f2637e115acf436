/**
 * The engine's place: what the command line, the bench and the sweeps call. The engine itself is
 * not in this version; whoever asks for a run is told so.
 */
import type { Crypto } from "../core/trust/crypto.ts";
import { MeshError } from "../errors.ts";
import type { SimOptions } from "./options.ts";
import type { SimResult } from "./result.ts";

/** What a run tells while it goes on. Virtual ms and seconds from the start of the workload. */
export type SimSample =
  /** A write, and how long its last correct, connected node took to have it. */
  | { readonly kind: "write"; readonly atMs: number; readonly tookMs: number }
  /** What all nodes sent together in one virtual second. */
  | { readonly kind: "second"; readonly second: number; readonly bytes: number };

export interface SimDeps {
  /** Now and then, with the virtual ms that have passed. */
  readonly onProgress?: (virtualMs: number) => void;
  readonly observe?: (sample: SimSample) => void;
  /** Needed for real signatures: sim may not import the node's backends. */
  readonly crypto?: Crypto;
}

/** @throws MeshError MESH_CONFIG_UNSUPPORTED, always. */
export function runSim(options: SimOptions, _deps: SimDeps = {}): SimResult {
  throw new MeshError("MESH_CONFIG_UNSUPPORTED", "the simulator's engine is not in this version", {
    details: { seed: options.seed, nodes: options.nodes },
  });
}
