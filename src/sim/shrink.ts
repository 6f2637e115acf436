/**
 * Shrinks a run that breaks an invariant to a smaller one that breaks the same: fewer faults, fewer
 * client operations, fewer nodes, round times; in this order. Each candidate is run.
 */
import { minimize } from "./delta-debug.ts";
import type { Fault, NodeSet } from "./faults/fault.ts";
import { indexOfNode, nodesAddedBy } from "./faults/fields.ts";
import { drawFaults } from "./faults/profiles.ts";
import type { SimOptions } from "./options.ts";
import type { SimResult, Violation } from "./result.ts";

export type Run = (options: SimOptions) => SimResult;

export interface ShrinkOptions {
  readonly run: Run;
  /** Of a violation, as in {@link Violation}; default: the first that the run reports. */
  readonly invariant?: string;
  /** Candidates run at most; default 200. */
  readonly runsMax?: number;
  /** After each candidate; `faults` counts those of the smallest run so far that still fails. */
  readonly onRun?: (progress: { readonly runs: number; readonly faults: number }) => void;
}

export interface Shrunk {
  /** Profile "calm": what it drew is in `faults`. */
  readonly options: SimOptions & { readonly faults: readonly Fault[] };
  /** Of the shrunk run. */
  readonly violation: Violation;
  readonly runs: number;
  /** False when the runs ran out first. */
  readonly complete: boolean;
}

/** @returns undefined when the run as given does not break the invariant. */
export function shrink(options: SimOptions, settings: ShrinkOptions): Shrunk | undefined {
  const search = new Search(explicit(options), settings);
  if (search.violation === undefined) return undefined;
  search.shrinkFaults((fault) => !isOperation(fault));
  search.shrinkFaults(isOperation);
  search.shrinkWorkload();
  search.shrinkNodes();
  search.shrinkTimes();
  const { smallest, violation, runs, complete } = search;
  return { options: smallest, violation, runs, complete };
}

/** The same run with the profile's faults written out. */
export function explicit(options: SimOptions): SimOptions & { readonly faults: readonly Fault[] } {
  const { profile = "calm", seed, nodes, durationMs = DURATION_MS, faults = [] } = options;
  const drawn = drawFaults(profile, { seed, nodes, durationMs });
  return { ...options, profile: "calm", faults: [...faults, ...drawn].toSorted(byTime) };
}

type Explicit = ReturnType<typeof explicit>;

/** The smallest failing run so far, and what is left to spend. */
class Search {
  smallest: Explicit;
  violation: Violation | undefined;
  runs = 0;
  complete = true;
  readonly #settings: ShrinkOptions;
  readonly #runsMax: number;
  readonly #tried = new Set<string>();

  constructor(start: Explicit, settings: ShrinkOptions) {
    this.smallest = start;
    this.#settings = settings;
    this.#runsMax = settings.runsMax ?? RUNS_MAX;
    this.violation = this.#violationOf(start, settings.invariant);
  }

  /** Leaves out those of the chosen faults that are not needed. */
  shrinkFaults(isChosen: (fault: Fault) => boolean): void {
    const { faults } = this.smallest;
    // By place: equal lines are still two faults.
    const chosen = [...faults.keys()].filter((place) => isChosen(faults[place] as Fault));
    if (chosen.length === 0) return;
    minimize(chosen, (kept) => {
      const places = new Set(kept);
      const left = faults.filter((fault, place) => !isChosen(fault) || places.has(place));
      return this.#fails({ ...this.smallest, faults: left });
    });
  }

  /** The random writes: none, else ever fewer. */
  shrinkWorkload(): void {
    const { writesPerSecond = WRITES_PER_SECOND } = this.smallest;
    if (writesPerSecond === 0 || this.#fails({ ...this.smallest, writesPerSecond: 0 })) return;
    let rate = writesPerSecond / 2;
    while (
      rate >= WRITES_PER_SECOND_MIN &&
      this.#fails({ ...this.smallest, writesPerSecond: rate })
    )
      rate /= 2;
  }

  /** By halving the distance to one node, then one by one. */
  shrinkNodes(): void {
    let floor = 1;
    while (floor < this.smallest.nodes) {
      const nodes = Math.floor((floor + this.smallest.nodes) / 2);
      if (!this.#fails(withNodes(this.smallest, nodes))) floor = nodes + 1;
    }
  }

  /** All times at once, else fault by fault. */
  shrinkTimes(): void {
    if (this.#fails({ ...this.smallest, faults: this.smallest.faults.map(rounded) })) return;
    for (let index = 0; index < this.smallest.faults.length; index++) {
      const faults = this.smallest.faults.map((fault, at) =>
        at === index ? rounded(fault) : fault,
      );
      this.#fails({ ...this.smallest, faults });
    }
  }

  /** Runs a candidate; where it fails alike it is the smallest from now on. */
  #fails(candidate: Explicit): boolean {
    const key = JSON.stringify(candidate);
    if (this.#tried.has(key)) return false;
    if (this.runs >= this.#runsMax) {
      this.complete = false;
      return false;
    }
    this.#tried.add(key);
    const violation = this.#violationOf(candidate, this.violation?.invariant);
    if (violation !== undefined) {
      this.smallest = candidate;
      this.violation = violation;
    }
    this.#settings.onRun?.({ runs: this.runs, faults: this.smallest.faults.length });
    return violation !== undefined;
  }

  #violationOf(options: Explicit, invariant: string | undefined): Violation | undefined {
    this.runs += 1;
    const { violations } = this.#settings.run(options);
    return violations.find((found) => invariant === undefined || found.invariant === invariant);
  }
}

function isOperation(fault: Fault): boolean {
  return fault.do.startsWith("op.");
}

/** Fewer nodes: whoever is gone is taken out of the faults, and faults that concern nobody go. */
function withNodes(options: Explicit, nodes: number): Explicit {
  const added = options.faults.reduce((sum, fault) => sum + nodesAddedBy(fault), 0);
  const isThere = (name: string): boolean => (indexOfNode(name) ?? 0) < nodes + added;
  const faults = options.faults.flatMap((fault) => restricted(fault, isThere));
  return { ...options, nodes, faults };
}

function restricted(fault: Fault, isThere: (name: string) => boolean): Fault[] {
  const changed: Record<string, unknown> = { ...fault };
  for (const field of NODE_FIELDS) {
    if (!(field in changed)) continue;
    changed[field] = those(changed[field] as NodeSet, isThere);
    if (changed[field] === undefined) return [];
  }
  if (fault.do === "net.partition" || fault.do === "net.flap") {
    const groups = fault.groups.flatMap((group) => those(group, isThere) ?? []);
    const filled = fault.groups
      .map((group) => those(group, isThere))
      .filter((g) => g !== undefined);
    if (filled.length < 2 || groups.length < 2) return [];
    changed.groups = filled;
  }
  return [changed as Fault];
}

function those(set: NodeSet, isThere: (name: string) => boolean): NodeSet | undefined {
  if (typeof set === "string") return set === "*" || isThere(set) ? set : undefined;
  const left = set.filter(isThere);
  return left.length === 0 ? undefined : left;
}

/** Times to the nearest {@link ROUND_MS}; a span that was something stays something. */
function rounded(fault: Fault): Fault {
  const at = round(fault.at);
  if (!("for" in fault)) return { ...fault, at };
  return { ...fault, at, for: fault.for === 0 ? 0 : Math.max(ROUND_MS, round(fault.for)) };
}

function round(ms: number): number {
  return Math.round(ms / ROUND_MS) * ROUND_MS;
}

function byTime(a: Fault, b: Fault): number {
  return a.at - b.at;
}

const NODE_FIELDS = ["src", "dst", "from", "to", "node", "victim"] as const;
const ROUND_MS = 100;
const RUNS_MAX = 200;
/** What SimOptions says of its defaults. */
const DURATION_MS = 60_000;
const WRITES_PER_SECOND = 10;
const WRITES_PER_SECOND_MIN = 0.1;
