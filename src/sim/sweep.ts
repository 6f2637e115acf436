/** Runs one seed after another and keeps what failed. */
import { Random } from "../core/random.ts";
import type { SimOptions } from "./options.ts";
import type { SimResult } from "./result.ts";
import { expectedIn, type Situation, tally } from "./situations.ts";

export interface SweepOptions {
  /** First and last seed, both run. */
  readonly from: number;
  readonly to: number;
  readonly run: (options: SimOptions) => SimResult;
  /** After each seed. */
  readonly onSeed?: (result: SimResult) => void;
  /** Ends after the first seed that fails. */
  readonly stopAtFirst?: boolean;
}

export interface SweepResult {
  readonly from: number;
  readonly to: number;
  readonly seeds: number;
  /** Results with violations, in the order of their seeds. */
  readonly failed: readonly SimResult[];
  /** In how many seeds each rare situation was reached; 0 for one that the profile should reach. */
  readonly situations: Partial<Record<Situation, number>>;
  /** Sums over all seeds. */
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly acknowledged: number;
}

/** What each seed shares; without `nodes` the seed draws 3 to 16. */
export type SweepBase = Omit<SimOptions, "seed" | "nodes"> & { readonly nodes?: number };

export function sweep(base: SweepBase, options: SweepOptions): SweepResult {
  const { from, to, run, onSeed, stopAtFirst = false } = options;
  const failed: SimResult[] = [];
  const reached: (readonly Situation[])[] = [];
  const sums = { seeds: 0, virtualMs: 0, wallMs: 0, acknowledged: 0 };
  for (let seed = from; seed <= to; seed++) {
    const result = run({ ...base, seed, nodes: base.nodes ?? nodesOf(seed) });
    sums.seeds += 1;
    sums.virtualMs += result.virtualMs;
    sums.wallMs += result.wallMs;
    sums.acknowledged += result.acknowledged;
    if (result.violations.length > 0) failed.push(result);
    reached.push(result.situations);
    onSeed?.(result);
    if (stopAtFirst && failed.length > 0) break;
  }
  const situations = tally(expectedIn(base.profile), reached);
  return { from, to, failed, situations, ...sums };
}

/** How many nodes a seed has when nobody says: 3 to 16, drawn from a stream of its own. */
export function nodesOf(seed: number): number {
  return (
    NODES_MIN + Random.fromSeed((BigInt(seed) << 8n) | STREAM).below(NODES_MAX - NODES_MIN + 1)
  );
}

const NODES_MIN = 3;
const NODES_MAX = 16;
/** Tells this stream from the others that a run draws from its seed. */
const STREAM = 0xf9n;
