/** What the durability bench and its workers say to each other over the fork's IPC channel. */
import type { Ack } from "../../src/node/api/host.ts";

export type Ask =
  | { readonly kind: "join"; readonly dataDir: string; readonly seeds: readonly string[] }
  | {
      readonly kind: "load";
      readonly ack: Ack;
      /** Writes under way at a time. */
      readonly lanes: number;
      readonly warmupMs: number;
      readonly measuredMs: number;
    }
  | { readonly kind: "status" };

/** What a load took. */
export interface Loaded {
  readonly operations: number;
  readonly elapsedMs: number;
  /** From calling `map.set` to its promise, in ms; evenly thinned to at most 100,000. */
  readonly latenciesMs: readonly number[];
}

export interface AnswerOf {
  join: readonly string[];
  load: Loaded;
  status: { readonly reachable: number; readonly root: string; readonly store: string };
}
