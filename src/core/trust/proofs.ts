/**
 * The authors whose equivocation is proven: a grow-only set, with one proof for each. Which proof
 * does not matter, as only the ids enter the root. What the set is for: docs/decisions/0013.
 */
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { concat } from "../state/parked.ts";

/** Authors with a proof; at the bound new ones are refused and counted. */
const PROOFS_MAX = 4_096;
/** Deltas kept that ended an incarnation: another one at their place proves a fork. */
const ENDINGS_MAX = 64;

export class Proofs {
  readonly #kernels: Kernels;
  readonly #byAuthor = new Map<NodeId, Uint8Array>();
  /** By incarnation: the signed, malformed delta that ended it. */
  readonly #endings = new Map<string, Uint8Array>();
  /** The digest each linked peer last showed. */
  readonly #shown = new Map<NodeId, Uint8Array>();
  #digest: Uint8Array = NO_DIGEST;
  #refused = 0;
  /** Monotonic ms at which the replica is to be made anew without the proven authors. */
  rebuildDueMonoMs = Number.POSITIVE_INFINITY;
  rebuiltMonoMs = Number.NEGATIVE_INFINITY;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  get size(): number {
    return this.#byAuthor.size;
  }

  /** Proofs that the bound has refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  has(author: NodeId): boolean {
    return this.#byAuthor.has(author);
  }

  /** Keeps a proof that has been checked; false when its author has one, or at the bound. */
  add(author: NodeId, bytes: Uint8Array): boolean {
    if (this.#byAuthor.has(author)) return false;
    if (this.#byAuthor.size >= PROOFS_MAX) {
      this.#refused += 1;
      return false;
    }
    this.#byAuthor.set(author, bytes);
    const ids = [...this.#byAuthor.keys()].sort();
    this.#digest = this.#kernels.blake3(concat(ids.map(nodeIdToBytes)));
    return true;
  }

  /** A hash over the sorted ids; zero when there are none. */
  get digest(): Uint8Array {
    return this.#digest;
  }

  /** Author and proof, in the order of the ids. */
  all(): (readonly [NodeId, Uint8Array])[] {
    return [...this.#byAuthor].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  of(author: NodeId): Uint8Array | undefined {
    return this.#byAuthor.get(author);
  }

  /** A peer has shown the digest of its set. */
  shown(peer: NodeId, digest: Uint8Array): void {
    this.#shown.set(peer, digest.slice());
  }

  shownBy(peer: NodeId): Uint8Array | undefined {
    return this.#shown.get(peer);
  }

  forgetPeer(peer: NodeId): void {
    this.#shown.delete(peer);
  }

  /** A signed, malformed delta has ended an incarnation. */
  ended(incarnation: string, delta: Uint8Array): void {
    if (this.#endings.size >= ENDINGS_MAX) return;
    this.#endings.set(incarnation, delta.slice());
  }

  endingOf(incarnation: string): Uint8Array | undefined {
    return this.#endings.get(incarnation);
  }

  endings(): Iterable<Uint8Array> {
    return this.#endings.values();
  }
}

const NO_DIGEST = new Uint8Array(32);
