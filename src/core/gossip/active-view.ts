/**
 * The links that carry gossip, and which links the node wants. Small meshes are fully connected;
 * larger ones keep a ring (each node wants its successors by id, so the view is always connected)
 * plus random members, one of which is exchanged now and then so that rounds mix.
 */
import type { NodeId } from "../node-id.ts";
import type { Now } from "../now.ts";
import { lowerBound } from "../peers/membership.ts";
import type { Random } from "../random.ts";
import { LinkState } from "./link-state.ts";

/** The members that links are planned among. */
export interface MemberIds {
  /** Ascending, own id included. */
  present(): readonly NodeId[];
  isPresent(id: NodeId): boolean;
  /** Whom a node hangs on in the backbone. */
  parentOf(self: NodeId): NodeId | undefined;
  /** A sample rather than all. */
  readonly isPartial: boolean;
}

export type LinkRequest =
  | { readonly kind: "want"; readonly peer: NodeId; readonly addresses: readonly string[] }
  | { readonly kind: "unwant"; readonly peer: NodeId }
  | { readonly kind: "disconnect"; readonly peer: NodeId; readonly reason: string }
  /** Open a link that carries messages only. */
  | { readonly kind: "reach"; readonly peer: NodeId; readonly addresses: readonly string[] }
  /** No link is left: dial the seeds again. */
  | { readonly kind: "bootstrap" };

/** "Without a link since" for a peer that has one: later than any instant, 0 included. */
const LINKED = Number.POSITIVE_INFINITY;
/** Successors on the ring that every node wants. */
const RING_COUNT = 2;
/** One random pick for so many links of the aimed size: 2 ring + 2 picks at 10, twice that a node. */
const PICK_SHARE = 5;
/** A wanted peer without a link for so long is replaced by another. */
const UNREACHED_MS = 5_000;
/** The higher id of a pair waits so long for the lower one's dial before it dials itself. */
const DIAL_GRACE_MS = 500;
/** What stands in for the backbone does so for so long more: the parent must learn of its child. */
const STAND_IN_MS = 250;
/** How often one random pick is exchanged. */
const EXCHANGE_MS = 120_000;

export class ActiveView {
  readonly #selfId: NodeId;
  readonly #size: number;
  readonly #random: Random;
  readonly #links = new Map<NodeId, LinkState>();
  /** Of {@link ActiveView.peers}, until a link changes. */
  #peers: readonly NodeId[] | undefined;
  /** Wanted peers, and since when each has been without a link ({@link LINKED}: it has one). */
  readonly #wanted = new Map<NodeId, number>();
  /** The members of the last plan, while planning anew would come to the same. */
  #settledIds: readonly NodeId[] | undefined;
  /** The last goal was completed by drawing. */
  #hasDrawn = false;
  /** Those of the present goal that only stand in for what is not reached: they are no picks. */
  readonly #spare = new Set<NodeId>();
  /** Since when each peer of the present goal has been in it. */
  #planned = new Map<NodeId, number>();
  #exchangeMonoMs = 0;
  /** Whether the push tree follows the backbone: more members than links. */
  #hasBackbone = false;
  #backboneEnded = false;
  /** Whether pushes go over a tree: not everybody is linked to everybody. */
  hasTree = false;
  /** The peer to hang on in the backbone, by plan, and the one hung on. */
  parent: NodeId | undefined;
  hungOn: NodeId | undefined;
  /** Since when it has hung there. */
  hungMonoMs = Number.NEGATIVE_INFINITY;
  /** Those whose ring successor this node is, by plan: they hear at once of what it holds. */
  predecessors: readonly NodeId[] = [];

  /** @param size links to aim for; a mesh of at most size + 1 nodes is fully connected. */
  constructor(options: { selfId: NodeId; size: number; random: Random }) {
    this.#selfId = options.selfId;
    this.#size = options.size;
    this.#random = options.random;
  }

  link(peer: NodeId): LinkState | undefined {
    return this.#links.get(peer);
  }

  /** @param gossip whether the link was dialled for gossip: by plan, or to a seed. */
  up(peer: NodeId, gossip: boolean): LinkState {
    if (this.#wanted.has(peer)) this.#wanted.set(peer, LINKED);
    const state = new LinkState(peer, () => this.#changed());
    state.ownWants = gossip || this.#wanted.has(peer);
    state.eager = !this.#hasBackbone;
    this.#links.set(peer, state);
    this.#changed();
    return state;
  }

  down(peer: NodeId, now: Now): void {
    this.#links.delete(peer);
    this.#changed();
    if (this.hungOn === peer) this.hungOn = undefined;
    if (this.#wanted.has(peer)) this.#wanted.set(peer, now.monoMs);
  }

  /** Links whose peer's Hello has not come yet. */
  unready(): LinkState[] {
    return [...this.#links.values()].filter((link) => !link.ready);
  }

  /** Peers whose links are ready and carry gossip; a change makes a new array. */
  peers(): readonly NodeId[] {
    if (this.#peers === undefined) {
      const gossiping = [...this.#links.values()].filter((link) => link.isGossiping);
      this.#peers = gossiping.map(({ peer }) => peer);
    }
    return this.#peers;
  }

  /** Peers whose links are ready, those that carry no gossip included. */
  linked(): NodeId[] {
    return [...this.#links.values()].filter(({ ready }) => ready).map(({ peer }) => peer);
  }

  /** Gossiping peers whose links are in the push tree. */
  eagerPeers(): NodeId[] {
    return this.peers().filter((peer) => this.#links.get(peer)?.eager === true);
  }

  /** Whether another link of the tree has brought something new more lately. */
  hasBetterSupplier(link: LinkState): boolean {
    for (const other of this.#links.values()) {
      if (other === link || !other.eager || !other.isGossiping) continue;
      if (other.usefulMonoMs > link.usefulMonoMs) return true;
    }
    return false;
  }

  /** Eager peers outside the backbone whose pushes were useful since `sinceMonoMs`. */
  shortcuts(sinceMonoMs: number): NodeId[] {
    const peers: NodeId[] = [];
    for (const link of this.#links.values()) {
      if (link.eager && link.usefulMonoMs >= sinceMonoMs && !this.isBackbone(link)) {
        peers.push(link.peer);
      }
    }
    return peers;
  }

  /** Whether nothing in the backbone brings this node what is new: it hangs nowhere, and is not the root. */
  get isUnhung(): boolean {
    if (this.hungOn !== undefined) return false;
    return !this.hasTree || this.parent !== undefined;
  }

  /** Links that stand in for the backbone, once it needs them no more. */
  takeStandIns(now: Now): NodeId[] {
    if (this.isUnhung || now.monoMs - this.hungMonoMs < STAND_IN_MS) return [];
    const peers: NodeId[] = [];
    for (const link of this.#links.values()) {
      if (!link.standsIn) continue;
      link.standsIn = false;
      if (link.eager && !this.isBackbone(link)) peers.push(link.peer);
    }
    return peers;
  }

  /** Whether the backbone runs over a link: it is never pruned. */
  isBackbone(link: LinkState): boolean {
    return link.child || link.peer === this.hungOn;
  }

  isGossiping(peer: NodeId): boolean {
    return this.#links.get(peer)?.isGossiping === true;
  }

  /** Whether no link carries gossip, or may soon. */
  isIsolated(): boolean {
    return [...this.#links.values()].every((link) => link.ready && !link.isGossiping);
  }

  /** Ready gossiping peers outside the push tree. */
  lazyPeers(): NodeId[] {
    return this.peers().filter((peer) => this.#links.get(peer)?.eager === false);
  }

  hasLazyLink(): boolean {
    for (const link of this.#links.values()) if (!link.eager && link.isGossiping) return true;
    return false;
  }

  /** Brings the wanted set in line with the members. */
  plan(members: MemberIds, now: Now): LinkRequest[] {
    const isExchangeDue = now.monoMs - this.#exchangeMonoMs >= EXCHANGE_MS;
    if (!isExchangeDue && this.#settledIds === members.present()) return [];
    const goal = this.#goal(members, now);
    this.#notePlanned(goal, now);
    const requests: LinkRequest[] = [];
    for (const peer of this.#undesired(goal)) {
      this.#wanted.delete(peer);
      requests.push({ kind: "unwant", peer });
    }
    for (const peer of goal) {
      if (this.#wanted.has(peer) || !this.#mayDial(peer, now)) continue;
      this.#wanted.set(peer, this.#links.has(peer) ? LINKED : now.monoMs);
      requests.push({ kind: "want", peer, addresses: [] });
    }
    const isSettled = requests.length === 0 && !members.isPartial && this.#hasAll(goal);
    this.#settledIds = isSettled ? members.present() : undefined;
    return requests;
  }

  /** Whether the goal, to which no draw belongs, is what is wanted, and linked. */
  #hasAll(goal: ReadonlySet<NodeId>): boolean {
    if (this.#hasDrawn || goal.size !== this.#wanted.size) return false;
    for (const peer of goal) if (this.#wanted.get(peer) !== LINKED) return false;
    return true;
  }

  /** Wanted peers outside the goal, and seeds that have done their service. */
  #undesired(goal: ReadonlySet<NodeId>): NodeId[] {
    const undesired = new Set([...this.#wanted.keys()].filter((peer) => !goal.has(peer)));
    for (const { peer, ready, ownWants } of this.#links.values()) {
      if (ready && ownWants && !goal.has(peer)) undesired.add(peer);
    }
    return [...undesired];
  }

  #goal(members: MemberIds, now: Now): Set<NodeId> {
    this.#hasDrawn = false;
    const ids = members.present();
    const others = ids.length - (members.isPresent(this.#selfId) ? 1 : 0);
    const small = others <= this.#size;
    this.hasTree = !small || members.isPartial;
    this.#useBackbone(this.hasTree);
    this.parent = this.#hasBackbone ? members.parentOf(this.#selfId) : undefined;
    this.predecessors = [];
    if (small && !members.isPartial) {
      return new Set(ids.filter((id) => id !== this.#selfId));
    }
    // A ring needs a full view; a partial one, being another at each node, takes random links alone.
    const ring = members.isPartial ? [] : ringSuccessors(ids, this.#selfId);
    this.predecessors = members.isPartial ? [] : ringPredecessors(ids, this.#selfId);
    const goal = new Set(ring);
    const picks = Math.max(1, Math.floor(this.#size / PICK_SHARE)) + RING_COUNT - ring.length;
    const goalSize = ring.length + picks;
    const kept = [...this.#wanted].filter(
      ([peer, lost]) =>
        members.isPresent(peer) &&
        !goal.has(peer) &&
        !this.#spare.has(peer) &&
        now.monoMs - lost < UNREACHED_MS,
    );
    if (kept.length >= picks && now.monoMs - this.#exchangeMonoMs >= EXCHANGE_MS) {
      this.#exchangeMonoMs = now.monoMs;
      kept.splice(this.#random.below(kept.length), 1);
    }
    for (const [peer] of kept.slice(0, picks)) goal.add(peer);
    // Bounded: each draw either adds a pick or finds one taken; 8 draws a pick are plenty.
    for (let draws = 0; goal.size < goalSize && draws < picks * 8; draws++) {
      this.#hasDrawn = true;
      const pick = ids[this.#random.below(ids.length)];
      if (pick !== undefined && pick !== this.#selfId) goal.add(pick);
    }
    if (this.parent !== undefined) goal.add(this.parent);
    this.#keepReached(goal, members);
    return goal;
  }

  /**
   * Links that stand stay until as many of the goal do: a member that nobody has reached may be
   * invented, and must not take the place of one that is there. Who has no other link takes what
   * there is.
   */
  #keepReached(goal: Set<NodeId>, members: MemberIds): void {
    const aim = goal.size;
    this.#spare.clear();
    let reached = [...goal].filter((peer) => this.#links.get(peer)?.ready === true).length;
    const standing = [...this.#links.values()].filter(
      // A partial view has let go of most that are there.
      ({ peer, ready }) =>
        ready && !goal.has(peer) && (members.isPartial || members.isPresent(peer)),
    );
    const wanted = standing.filter(({ ownWants }) => ownWants);
    const kept = reached + wanted.length === 0 ? standing : wanted;
    for (const { peer } of kept) {
      if (reached >= aim) return;
      goal.add(peer);
      this.#spare.add(peer);
      reached += 1;
    }
  }

  /** Whether the backbone has gone since the last call: its tree must grow anew. */
  takeBackboneEnd(): boolean {
    const ended = this.#backboneEnded;
    this.#backboneEnded = false;
    return ended;
  }

  #changed(): void {
    this.#settledIds = undefined;
    this.#peers = undefined;
  }

  /** From now on the backbone is the tree: what came before it stands in until this node hangs there. */
  #useBackbone(use: boolean): void {
    if (use && !this.#hasBackbone) {
      for (const link of this.#links.values()) link.standsIn = link.eager;
    }
    if (!use && this.#hasBackbone) this.#backboneEnded = true;
    this.#hasBackbone = use;
  }

  /**
   * Of two that want each other the lower id dials; the higher only when that did not work. A parent
   * does not want its child: nobody else would dial.
   */
  #mayDial(peer: NodeId, now: Now): boolean {
    if (peer === this.parent) return true;
    const plannedMs = this.#planned.get(peer) ?? now.monoMs;
    return this.#links.has(peer) || this.#selfId < peer || now.monoMs - plannedMs >= DIAL_GRACE_MS;
  }

  #notePlanned(goal: ReadonlySet<NodeId>, now: Now): void {
    const before = this.#planned;
    this.#planned = new Map([...goal].map((id) => [id, before.get(id) ?? now.monoMs]));
  }
}

/** The ids before `self` on the ring of sorted ids: those that have it as a successor. */
function ringPredecessors(sorted: readonly NodeId[], self: NodeId): NodeId[] {
  const at = lowerBound(sorted, self);
  const predecessors: NodeId[] = [];
  for (let i = 1; i <= Math.min(RING_COUNT, sorted.length - 1); i++) {
    const id = sorted[(at - i + sorted.length) % sorted.length];
    if (id !== undefined && id !== self) predecessors.push(id);
  }
  return predecessors;
}

/** The next ids after `self` on the ring of sorted ids. */
function ringSuccessors(sorted: readonly NodeId[], self: NodeId): NodeId[] {
  const at = lowerBound(sorted, self);
  const start = sorted[at] === self ? at + 1 : at;
  const successors: NodeId[] = [];
  for (let i = 0; i < Math.min(RING_COUNT, sorted.length); i++) {
    const id = sorted[(start + i) % sorted.length];
    if (id !== undefined && id !== self) successors.push(id);
  }
  return successors;
}
