/**
 * The backbone: the push tree follows from the member list alone. A member's level is drawn from its
 * id, each level BRANCHING times rarer than the one below; its parent is one member of the next
 * level, chosen by rendezvous hashing (Thaler and Ravishankar 1998), so that a change of one member
 * moves the children of that member only. Any two of n nodes are at most 2 log(n) / log(BRANCHING)
 * hops apart. In a partial view a member chooses among those it knows: any of the level above will
 * do, and the topmost are known to all (peers/crown.ts). Where views differ, or a parent fails,
 * announcements and grafts carry what the backbone does not.
 */
import type { NodeId } from "../node-id.ts";

/** Mean number of children: 1,000 nodes are three levels deep. */
const BRANCHING = 12;
const LEVEL_MAX = 8;

/** The members by level; on top of a base that others share, and that is never changed. */
export class Backbone {
  readonly #base: Backbone | undefined;
  /** Members of the base that are not among this backbone's. */
  readonly #gone = new Set<NodeId>();
  readonly #levels: (Set<NodeId> | undefined)[] = [];

  constructor(base?: Backbone) {
    this.#base = base;
  }

  add(id: NodeId): void {
    if (this.#gone.delete(id) || this.#base?.has(id) === true) return;
    const level = levelOf(id);
    const ids = this.#levels[level];
    if (ids === undefined) this.#levels[level] = new Set([id]);
    else ids.add(id);
  }

  delete(id: NodeId): void {
    if (this.#base?.has(id) === true) this.#gone.add(id);
    else this.#levels[levelOf(id)]?.delete(id);
  }

  has(id: NodeId): boolean {
    if (this.#base?.has(id) === true) return !this.#gone.has(id);
    return this.#levels[levelOf(id)]?.has(id) === true;
  }

  /** Whom `self` hangs on among the members that `accept`; undefined for the root. */
  parentOf(self: NodeId, accept: (id: NodeId) => boolean): NodeId | undefined {
    for (let level = levelOf(self) + 1; level <= LEVEL_MAX; level++) {
      const parent = highest(this.#at(level), (id) => pairWeight(self, id), accept);
      if (parent !== undefined) return parent;
    }
    // No level above: the top level hangs on its own lightest, which is the root.
    const root = highest(this.#at(levelOf(self)), (id) => -heightOf(id), accept);
    return root === self ? undefined : root;
  }

  *#at(level: number): Generator<NodeId> {
    const base = this.#base;
    if (base !== undefined) for (const id of base.#at(level)) if (!this.#gone.has(id)) yield id;
    yield* this.#levels[level] ?? [];
  }
}

function highest(
  ids: Iterable<NodeId>,
  weightOf: (id: NodeId) => number,
  accept: (id: NodeId) => boolean,
): NodeId | undefined {
  let best: NodeId | undefined;
  let bestWeight = Number.NEGATIVE_INFINITY;
  for (const id of ids) {
    const weight = weightOf(id);
    // Ties go to the lower id, so that the order of the set does not matter.
    if (weight < bestWeight || (weight === bestWeight && best !== undefined && id > best)) continue;
    if (!accept(id)) continue;
    best = id;
    bestWeight = weight;
  }
  return best;
}

/** floor(-log(u) / log(BRANCHING)) for u uniform in (0, 1]. */
export function levelOf(id: NodeId): number {
  return Math.min(LEVEL_MAX, Math.floor(-Math.log(heightOf(id)) / Math.log(BRANCHING)));
}

/** The id as a number in (0, 1]. */
export function heightOf(id: NodeId): number {
  return (Number.parseInt(id.slice(-12), 16) + 1) / 2 ** 48;
}

/** A hash of the pair, 32 bits: the finaliser of MurmurHash3 over one word of each id. */
function pairWeight(child: NodeId, parent: NodeId): number {
  let x = Number.parseInt(child.slice(0, 8), 16) ^ Number.parseInt(parent.slice(8, 16), 16);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
