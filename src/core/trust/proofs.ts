/**
 * The authors whose equivocation is proven: a grow-only set, with one proof for each. Which proof
 * does not matter, as only the ids enter the root. What the set is for: docs/decisions/0013.
 */
import type { Kernels } from "../../kernels/kernels.ts";
import { type NodeId, nodeIdToBytes } from "../node-id.ts";
import { concat } from "../wire/concat.ts";
import type { CarriedProof } from "../wire/proof-frame.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Authors with a proof; at the bound new ones are refused and counted. */
const PROOFS_MAX = 4_096;
/** Proofs that one peer may introduce at once in an open mesh, where authors cost nothing... */
export const INTRODUCED_BURST = 256;
/** ...and so many more, a second. */
const INTRODUCED_PER_SECOND = 1 / 10;
/** Introducers counted; beyond, the one that came first is forgotten. */
const INTRODUCERS_MAX = 1_024;
/** Deltas kept that ended an incarnation: another one at their place proves a fork. */
const ENDINGS_MAX = 64;

export class Proofs {
  readonly #kernels: Kernels;
  readonly #byAuthor = new Map<NodeId, CarriedProof>();
  /** By incarnation: the signed, malformed delta that ended it. */
  readonly #endings = new Map<string, Uint8Array>();
  readonly #introducers = new Map<NodeId, TokenBucket>();
  /** The digest each linked peer last showed. */
  readonly #shown = new Map<NodeId, Uint8Array>();
  #digest: Uint8Array = NO_DIGEST;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  get size(): number {
    return this.#byAuthor.size;
  }

  /** Whether the bound leaves no room for another. */
  get isFull(): boolean {
    return this.#byAuthor.size >= PROOFS_MAX;
  }

  has(author: NodeId): boolean {
    return this.#byAuthor.has(author);
  }

  /** Keeps a proof that has been checked; false when its author has one, or at the bound. */
  add(author: NodeId, proof: CarriedProof): boolean {
    if (this.#byAuthor.has(author) || this.isFull) return false;
    this.#byAuthor.set(author, proof);
    const ids = [...this.#byAuthor.keys()].sort();
    this.#digest = this.#kernels.blake3(concat(ids.map(nodeIdToBytes)));
    return true;
  }

  /** Takes `count` proofs that a peer introduces, 0 to ask for one; false when it must wait. */
  introduce(peer: NodeId, count: 0 | 1, monoMs: number): boolean {
    const bucket = this.#introducers.get(peer) ?? new TokenBucket(INTRODUCED, monoMs);
    if (!this.#introducers.has(peer)) {
      if (this.#introducers.size >= INTRODUCERS_MAX) {
        const [first] = this.#introducers.keys();
        if (first !== undefined) this.#introducers.delete(first);
      }
      this.#introducers.set(peer, bucket);
    }
    return bucket.take(count, monoMs);
  }

  /** A hash over the sorted ids; zero when there are none. */
  get digest(): Uint8Array {
    return this.#digest;
  }

  /** Author and proof, in the order of the ids. */
  all(): (readonly [NodeId, CarriedProof])[] {
    return [...this.#byAuthor].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  of(author: NodeId): CarriedProof | undefined {
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

const INTRODUCED = { perSecond: INTRODUCED_PER_SECOND, burst: INTRODUCED_BURST, debtMax: 0 };
const NO_DIGEST = new Uint8Array(32);
