/** What the store says to its worker, and what the worker answers. */

import type { StoredCompaction } from "./sqlite-compaction.ts";

/** Given to the worker when it starts. */
export interface WorkerOptions {
  /** The folder of the store; created. */
  readonly folder: string;
  /** Size at which the database refuses to grow, in bytes. */
  readonly bytesMax: number;
}

/** One record of a commit; the bytes lie end to end in the commit's buffer. */
export type CommitRecord =
  | { readonly kind: "delta"; readonly length: number }
  | { readonly kind: "member" | "meta"; readonly name: string; readonly length: number };

export type StoreCall =
  | {
      readonly kind: "commit";
      readonly records: readonly CommitRecord[];
      readonly bytes: Uint8Array;
    }
  | ({ readonly kind: "compact" } & StoredCompaction)
  /** Deltas above a row, as many as one answer carries. */
  | { readonly kind: "read"; readonly after: number }
  | { readonly kind: "members" }
  | { readonly kind: "meta"; readonly name: string }
  | { readonly kind: "quarantine"; readonly reason: string }
  | { readonly kind: "close" };

export interface StoreAnswers {
  readonly commit: undefined;
  readonly compact: undefined;
  readonly read: { readonly deltas: readonly Uint8Array[]; readonly last: number };
  readonly members: readonly Uint8Array[];
  readonly meta: Uint8Array | undefined;
  readonly quarantine: string;
  readonly close: undefined;
}

/** Why the worker could not do what it was asked. */
export interface StoreFault {
  /**
   * `busy`: another process has it; `foreign`: not this package's, or a later version's;
   * `corrupt`: what was asked for cannot be read, and the store waits to be quarantined.
   */
  readonly kind: "busy" | "foreign" | "corrupt" | "failed";
  readonly message: string;
}

/** The first message: the store is open. */
export interface StoreOpened {
  readonly kind: "opened";
  /** Where a store that could not be read has gone. */
  readonly quarantined: string | undefined;
}

export type WorkerMessage =
  | StoreOpened
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "fault"; readonly fault: StoreFault };
