/**
 * What must hold of every run, by its name in docs/TESTING.md. Safety is looked at while it runs,
 * at sampled nodes; agreement and loss when the faults have stopped and the quiet time is over.
 */
import { TYPE_COUNTER, TYPE_MAP } from "../../../assembly/layout.ts";
import { hexFromBytes } from "../../core/node-id.ts";
import type { CoreEvent } from "../../core/outputs.ts";
import type { Replica } from "../../kernels/kernels.ts";
import type { Violation } from "../result.ts";
import { isReadOnly, rootOf } from "./core-view.ts";
import { mergedAnew } from "./merge-laws.ts";
import type { SimNode } from "./node.ts";
import type { Observer } from "./observer.ts";
import { SHARED, TRACKED } from "./workload.ts";
import type { World } from "./world.ts";
import type { Writes } from "./writes.ts";

/** Violations kept of one run; one cause tends to break much. */
const VIOLATIONS_MAX = 100;
/** Nodes looked at in one look while a run goes on. */
const SAMPLED_NODES = 16;
/** Parked deltas of all authors together (R1): the core's own bounds, multiplied. */
const PARKED_MAX = 256 * 64;

export class Invariants implements Observer {
  readonly violations: Violation[] = [];
  readonly trust = { selfProofs: 0, doubleCounts: 0 };
  durableLost = 0;
  readonly #world: World;
  readonly #writes: Writes;
  /** Whether what was acknowledged as durable must be there at the end. */
  #bearable = false;
  /** By node and life: the highest seq seen in each row of its frontier, and whose rows they are. */
  readonly #frontiers = new Map<string, { replica: Replica; seqs: number[] }>();

  constructor(world: World, writes: Writes) {
    this.#world = world;
    this.#writes = writes;
  }

  /** R4: no handler throws. */
  thrown(node: SimNode, error: unknown): void {
    this.#violated(
      "R4",
      node,
      error instanceof Error ? (error.stack ?? error.message) : `${error}`,
    );
  }

  /** P1, its other half: who is read-only accepts nothing. */
  wrote(node: SimNode, accepted: boolean, wasReadOnly: boolean): void {
    if (accepted && wasReadOnly && !node.isByzantine)
      this.#violated("P1", node, "accepted a write while read-only");
  }

  /** B1: nobody has a proof against a correct node. */
  event(node: SimNode, event: CoreEvent): void {
    if (event.kind !== "fork") return;
    const author = this.#world.nodeOf(event.author);
    if (author === undefined || author.isByzantine) return;
    if (!node.isByzantine) this.trust.selfProofs += 1;
    this.#violated("B1", node, `has a proof of equivocation of ${author.name}`);
  }

  /** Looks at some nodes: S5, S7, B1, R1. */
  look(): void {
    const { nodes, streams } = this.#world;
    const states = new Map<string, { state: string; node: SimNode }>();
    const first = streams.faults.below(Math.max(1, nodes.length));
    for (let i = 0; i < Math.min(SAMPLED_NODES, nodes.length); i++) {
      const node = nodes[(first + i) % nodes.length];
      if (node === undefined || !node.isCorrect(this.#world.nowMs)) continue;
      this.#checkFrontier(node);
      this.#checkReputations(node);
      this.#checkState(node, states);
    }
  }

  /**
   * The end of the run: S1, S2, S3, S4, C1 or C2, P3.
   * @param hasQuorum whether a node can reach one: who cannot is rightly read-only.
   */
  end(hasQuorum: (node: SimNode) => boolean): { distinctRoots: number; lost: number } {
    const { nodes, nowMs } = this.#world;
    const correct = nodes.filter((node) => node.isCorrect(nowMs));
    for (const node of correct) if (node.core !== undefined) rootOf(node.core, node.now(nowMs));
    const roots = new Map<string, string[]>();
    for (const node of correct) {
      const root = node.core === undefined ? "" : rootOf(node.core, node.now(nowMs));
      roots.set(root, [...(roots.get(root) ?? []), node.name]);
    }
    if (roots.size > 1) {
      const sides = [...roots.values()].map((names) => names.slice(0, 4).join(" ")).slice(0, 4);
      const id = nodes.some((node) => node.isByzantine) ? "C2" : "C1";
      this.#violated(id, undefined, `${roots.size} roots at the end: ${sides.join(" | ")}`);
    }
    const stuck = correct.filter(
      (node) => node.core !== undefined && isReadOnly(node.core) && hasQuorum(node),
    );
    if (stuck.length > 0)
      this.#violated("P3", stuck[0], `${stuck.length} nodes read-only at the end`);
    this.#bearable = this.#writes.durable.isBearable(nodes);
    let lost = 0;
    for (const node of correct) lost += this.#checkWrites(node) + this.#checkCounters(node);
    this.#checkMerging(correct[0]);
    return { distinctRoots: roots.size, lost };
  }

  /** S3, at one node: all that it holds comes to its state in another order, too, and twice over. */
  #checkMerging(node: SimNode | undefined): void {
    const { nodes, kernels, meshId } = this.#world;
    // What liars sent may have ended chains, or expunged authors: a log does not tell it all.
    if (node?.core === undefined || nodes.some(({ isByzantine }) => isByzantine)) return;
    const { core } = node;
    const replica = core.read(0, "", undefined, node.now(this.#world.nowMs));
    const anew = mergedAnew(kernels, meshId, core.deltas());
    for (const [what, own, other] of [
      ["frontier", hexFromBytes(replica.frontierRoot()), anew.frontier],
      ["state", hexFromBytes(replica.stateRoot()), anew.state],
    ] as const) {
      if (own !== other) this.#violated("S3", node, `merged in another order: another ${what}`);
    }
  }

  /** S1 and S2: every surviving author's write is there, and no key that nobody wrote. */
  #checkWrites(node: SimNode): number {
    const { core } = node;
    if (core === undefined) return 0;
    const replica = core.read(TYPE_MAP, TRACKED, undefined, node.now(this.#world.nowMs));
    let lost = 0;
    for (const [key, write] of this.#writes.tracked) {
      const isDurable = this.#bearable && this.#writes.durable.holds(key);
      const must = isDurable || this.#writes.survives(write);
      if (!must || replica.mapGet(TRACKED, key) !== undefined) continue;
      lost += 1;
      if (isDurable) this.durableLost += 1;
      if (lost === 1) this.#violated("S1", node, `lacks ${key} of ${write.node.name}`);
    }
    for (const key of replica.mapKeys(TRACKED)) {
      if (!this.#writes.tracked.has(key) && !this.#writes.foreign.has(key))
        this.#violated("S2", node, `holds ${key}, never accepted`);
    }
    return lost;
  }

  /** S4: between what survivors were told and what anybody was told, never above. */
  #checkCounters(node: SimNode): number {
    const { core } = node;
    if (core === undefined) return 0;
    let surviving = 0n;
    for (const totals of this.#writes.totals()) {
      if (this.#writes.survives(totals)) surviving += totals.counter;
    }
    const replica = core.read(TYPE_COUNTER, SHARED, undefined, node.now(this.#world.nowMs));
    let sum = 0n;
    let lost = 0;
    for (const [key, told] of this.#writes.told) {
      const { plus, minus } = replica.counter(SHARED, key);
      sum += plus - minus;
      if (plus - minus > told) {
        this.trust.doubleCounts += 1;
        this.#violated("S4", node, `counter ${key} is ${plus - minus}, told ${told}`);
      }
      const durable = this.#bearable ? this.#writes.durable.totalOf(key) : 0n;
      if (plus - minus >= durable) continue;
      lost += 1;
      this.durableLost += 1;
      this.#violated("S1", node, `counter ${key} is ${plus - minus}, durable were ${durable}`);
    }
    if (sum >= surviving) return lost;
    this.#violated("S4", node, `counters sum to ${sum}, survivors were told ${surviving}`);
    return lost + 1;
  }

  /** S5: no entry of a frontier falls. */
  #checkFrontier(node: SimNode): void {
    const replica = node.core?.read(0, "", undefined, node.now(this.#world.nowMs));
    if (replica === undefined) return;
    const name = `${node.index}.${node.life}`;
    const held = this.#frontiers.get(name);
    // One that was made anew, without an expunged author, has other rows.
    const before = held?.replica === replica ? held.seqs : [];
    const now = Array.from({ length: replica.incarnations }, (_, row) => replica.frontier.get(row));
    const fell = before.findIndex((seq, row) => (now[row] ?? 0) < seq);
    if (fell >= 0)
      this.#violated("S5", node, `row ${fell} fell from ${before[fell]} to ${now[fell]}`);
    this.#frontiers.set(name, { replica, seqs: now });
  }

  /** B1: no correct node has lost its standing with a correct one. */
  #checkReputations(node: SimNode): void {
    const threshold = node.core?.registry.reputationThreshold ?? 0;
    for (const { id, reputation } of node.core?.registry.tarnished() ?? []) {
      const peer = this.#world.nodeOf(id);
      if (peer === undefined || peer.isByzantine || reputation >= threshold) continue;
      this.#violated("B1", node, `holds ${peer.name} at ${reputation.toFixed(2)}`);
    }
    const parked = node.core?.status().parked ?? 0;
    if (parked > PARKED_MAX) this.#violated("R1", node, `${parked} deltas parked`);
  }

  /** S7: equal frontiers have equal states. */
  #checkState(node: SimNode, states: Map<string, { state: string; node: SimNode }>): void {
    const replica = node.core?.read(0, "", undefined, node.now(this.#world.nowMs));
    if (replica === undefined) return;
    const frontier = hexFromBytes(replica.frontierRoot());
    const state = hexFromBytes(replica.stateRoot());
    const other = states.get(frontier);
    if (other === undefined) states.set(frontier, { state, node });
    else if (other.state !== state) {
      this.#violated("S7", node, `frontier as ${other.node.name}, another state`);
    }
  }

  #violated(invariant: string, node: SimNode | undefined, detail: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ invariant, at: this.#world.nowMs, node: node?.name, detail });
  }
}
