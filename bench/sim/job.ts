/** What one child process of the suite runs, and what it answers. */
import type { SimOptions } from "../../src/sim/options.ts";
import type { SimResult } from "../../src/sim/result.ts";
import type { SweepBase, SweepResult } from "../../src/sim/sweep.ts";
import type { OfflineOptions, OfflineResult } from "../../test/support/issuers-offline.ts";

export type Job =
  | {
      readonly kind: "run";
      readonly options: SimOptions;
      /** Asks for the share of writes that reached every node in so many ms. */
      readonly withinMs?: number;
      /** Asks how long the cores' handlers took. */
      readonly handlers?: boolean;
    }
  | {
      readonly kind: "sweep";
      readonly base: SweepBase;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: "offline"; readonly options: OfflineOptions };

export interface RunOutcome {
  readonly kind: "run";
  readonly options: SimOptions;
  readonly result: SimResult;
  /** Percent of the writes; undefined unless asked for. */
  readonly withinPercent: number | undefined;
  /** How many handlers ran, and what those above 10 ms took themselves; undefined unless asked for. */
  readonly handlers?: { readonly count: number; readonly slowMs: readonly number[] };
}

export interface SweepOutcome {
  readonly kind: "sweep";
  readonly base: SweepBase;
  readonly result: SweepResult;
  /** Wall ms of the whole sweep, the building of its worlds included. */
  readonly tookMs: number;
}

/** A certified mesh whose issuers are gone. */
export interface OfflineOutcome {
  readonly kind: "offline";
  readonly result: OfflineResult;
}

export type Outcome = RunOutcome | SweepOutcome | OfflineOutcome;
