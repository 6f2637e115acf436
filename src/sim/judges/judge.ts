/**
 * What judges have in common. A judge watches a run, reads public facts of the cores alone, changes
 * nothing and draws nothing, and names what did not hold by its invariant of docs/TESTING.md.
 */
import type { Observer } from "../engine/observer.ts";
import type { World } from "../engine/world.ts";
import type { Violation } from "../result.ts";

/** What a judge sees of a world. */
export type Stage = Pick<World, "nodes" | "nowMs" | "nodeOf">;

export interface Judge extends Observer {
  readonly violations: readonly Violation[];
  /** Every half second of the run, and once when all is quiet. */
  look?(): void;
  /** When all is quiet. */
  end?(): void;
}

/** Violations kept of one judge; one cause tends to break much. */
const FINDINGS_MAX = 20;

export class Findings {
  readonly #stage: Pick<Stage, "nowMs">;
  readonly all: Violation[] = [];

  constructor(stage: Pick<Stage, "nowMs">) {
    this.#stage = stage;
  }

  add(invariant: string, node: { readonly name: string } | undefined, detail: string): void {
    if (this.all.length >= FINDINGS_MAX) return;
    this.all.push({ invariant, at: this.#stage.nowMs, node: node?.name, detail });
  }
}
