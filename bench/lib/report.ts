/**
 * What every suite writes: `{ suite, commit, node, cpu, results, ratios }`, and beside it the
 * state of the machine, without which a time means nothing. Plain data, JSON as it stands.
 */

/** One measured case of one implementation. */
export interface Result {
  /** What was done, e.g. `vv-compare-1000`; rows of one name do the same work on the same input. */
  readonly name: string;
  /** Who did it, e.g. `wasm`, `reference`, `sodium`, `quic`. */
  readonly impl: string;
  /** Size of the case: lanes, bytes, leaves, nodes. */
  readonly n: number;
  readonly unit: "ns" | "ms";
  /** Nearest-rank percentiles over `samples` samples; see statistics.ts. */
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
  /** Of what the case produced: equal for equal work, so a wrong answer or dead code shows. */
  readonly hash: string;
}

/** One figure that has a budget. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  /** `< 20`, `<= 2`, `> 1`, `= 0`; empty: for information. */
  readonly needed: string;
}

export interface Report extends Environment {
  readonly suite: string;
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
}

/** Where and when a suite ran. */
export interface Environment {
  /** Commit of the checkout; ends in `-dirty` when files differ from it. */
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly startedAt: string;
  /** Load averages over 1, 5 and 15 minutes when the suite started and when it ended. */
  readonly loadAtStart: readonly number[];
  readonly loadAtEnd: readonly number[];
  /** True when the machine had other work at the start: the times are then upper bounds. */
  readonly busy: boolean;
  readonly quick: boolean;
}

/** What a suite hands back to run.ts. */
export interface Measured {
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
}

/** What a suite is asked for. */
export interface SuiteOptions {
  /** Fewer samples: the whole suite in under a minute. */
  readonly quick: boolean;
  /** Only cases whose name contains this; "" for all. */
  readonly only: string;
  /** Folder for CPU profiles of the measured processes; undefined for none. */
  readonly profileDir: string | undefined;
  /** Progress for people; not part of the report. */
  readonly note: (line: string) => void;
}

/** Whether a ratio keeps its budget. @throws TypeError when `needed` cannot be read. */
export function holds({ value, needed }: Pick<Ratio, "value" | "needed">): boolean {
  if (needed === "") return true;
  const match = /^(<=|>=|<|>|=) (-?[0-9]+(?:\.[0-9]+)?)$/.exec(needed);
  if (match === null) throw new TypeError(`needed must look like "< 20", got "${needed}"`);
  const limit = Number(match[2]);
  switch (match[1]) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    default:
      return value === limit;
  }
}
